//! Finding modules: the meta path, `PathFinder`, `FileFinder` and `_NamespacePath`, as in `Lib/importlib/_bootstrap.py`
//! and `_bootstrap_external.py` of CPython 3.6 to 3.13. Functions have the names of CPython's. `loader` loads modules.

use std::sync::Arc;

use super::library::{Library, LibraryKind};
use super::machine::Machine;
use super::module::{Entry, NamespacePath, Origin, PackagePath, Spec, split_name};
use super::state::{Cached, Finder, is_relative, shown};
use super::stop::{Result, raise, refuse};
use super::value::{Name, Value};
use crate::world::{EntryPath, Node};

/// The result of `PathFinder._get_spec`.
enum Search {
    /// A loader was found.
    Loader(Spec),
    /// Directories that may be portions of a namespace package; perhaps none.
    Portions(Vec<Name>),
}

/// The suffix of extension modules, which are searched for before sources; `.cpython-...so` ends in `.so` too.
const EXTENSION: &str = ".so";

impl Machine<'_> {
    /// `_find_spec`: asks each finder of `sys.meta_path`. `path` is the parent's `__path__`, or `None` for a
    /// top-level name.
    pub(super) fn find_spec(&mut self, name: &Name, path: Option<&PackagePath>) -> Result<Option<Spec>> {
        let entry = self.library.get(name);
        match entry.map(|entry| entry.found) {
            // `BuiltinImporter.find_spec`: up to 3.10 not for submodules; `FrozenImporter.find_spec` for all.
            Some(LibraryKind::Builtin) if path.is_none() || self.version >= (3, 11) => {
                return Ok(Some(Spec::new(name, Origin::Library, None)));
            }
            Some(LibraryKind::Frozen) => return Ok(Some(self.library_spec(name))),
            _ => {}
        }
        let entries = match path {
            None => self.memory.path().to_vec(),
            Some(path) => self.entries_of(path)?,
        };
        let spec = match self.get_spec(name, &entries)? {
            Search::Loader(spec) => spec,
            Search::Portions(portions) if portions.is_empty() => return Ok(None),
            Search::Portions(portions) => {
                // `PathFinder.find_spec` makes a `_NamespacePath`, whose `__init__` reads the parent's path.
                let parent = self.parent_path(name)?;
                let namespace = NamespacePath { name: name.clone(), portions, parent, current: true };
                Spec::new(name, Origin::Namespace, Some(PackagePath::Namespace(namespace)))
            }
        };
        Ok(Some(spec))
    }

    /// The spec of a module of the standard library.
    pub(super) fn library_spec(&self, name: &Name) -> Spec {
        let prefix = format!("{name}.");
        let package = self.library.is_package(&prefix);
        Spec::new(name, Origin::Library, package.then_some(PackagePath::Library))
    }

    /// The directories of a `__path__`, recalculated if it is that of a namespace package.
    pub(super) fn entries_of(&mut self, path: &PackagePath) -> Result<Vec<Entry>> {
        Ok(match path {
            PackagePath::List(directories) => directories.iter().cloned().map(Entry::Directory).collect(),
            PackagePath::Library => vec![Entry::Library],
            PackagePath::Namespace(namespace) => {
                let portions = self.recalculate(namespace)?;
                portions.into_iter().map(Entry::Directory).collect()
            }
        })
    }

    /// `_NamespacePath._get_parent_path`, as a tuple.
    fn parent_path(&mut self, name: &str) -> Result<Vec<Entry>> {
        let (parent, _) = split_name(name);
        if parent.is_empty() {
            return Ok(self.memory.path().to_vec());
        }
        let parent: Name = parent.into();
        match self.module_entry(&parent)? {
            None => raise("KeyError", &parent),
            Some(Value::Object(id)) => match self.memory.module_object(&id).map(|module| module.path.clone())
            {
                Some(Some(path)) => self.entries_of(&path),
                _ => refuse(format!("a namespace package whose parent `{parent}` is no package any more")),
            },
            Some(_) => refuse(format!("a namespace package whose parent `{parent}` is no module")),
        }
    }

    /// `_NamespacePath._recalculate`: searches for portions again if the parent's path or, from 3.9 on, the
    /// epoch has changed.
    fn recalculate(&mut self, namespace: &NamespacePath) -> Result<Vec<Name>> {
        let parent = self.parent_path(&namespace.name)?;
        if parent == namespace.parent && (namespace.current || self.version < (3, 9)) {
            return Ok(namespace.portions.clone());
        }
        let mut after = NamespacePath { parent: parent.clone(), current: true, ..namespace.clone() };
        match self.get_spec(&namespace.name, &parent)? {
            Search::Portions(portions) if !portions.is_empty() => after.portions = portions,
            _ => {}
        }
        let portions = after.portions.clone();
        self.replace_namespace(namespace, &after);
        Ok(portions)
    }

    /// Replaces a `_NamespacePath`: it is one object, and its module, an older module of the same name and a
    /// spec may share it.
    fn replace_namespace(&mut self, before: &NamespacePath, after: &NamespacePath) {
        let holders = self.memory.objects_of_module(&before.name);
        for id in holders {
            let Some(module) = self.memory.module_object_mut(&id) else { continue };
            let locations = module.spec.as_mut().and_then(|spec| spec.locations.as_mut());
            for path in [module.path.as_mut(), locations].into_iter().flatten() {
                if *path == PackagePath::Namespace(before.clone()) {
                    *path = PackagePath::Namespace(after.clone());
                }
            }
        }
    }

    /// `PathFinder._get_spec`: asks the finder of each entry.
    fn get_spec(&mut self, name: &Name, entries: &[Entry]) -> Result<Search> {
        let mut portions = Vec::new();
        for entry in entries {
            match entry {
                Entry::Library => {
                    if self.library_has(name)? {
                        return Ok(Search::Loader(self.library_spec(name)));
                    }
                }
                Entry::Directory(entry) => {
                    let entry = self.key_of(entry)?;
                    if !self.has_finder(&entry)? {
                        continue;
                    }
                    let Some(spec) = self.find_in_directory(name, &entry)? else { continue };
                    match spec.locations {
                        Some(PackagePath::List(found)) if spec.origin == Origin::Namespace => {
                            portions.extend(found);
                        }
                        _ => return Ok(Search::Loader(spec)),
                    }
                }
            }
        }
        Ok(Search::Portions(portions))
    }

    /// Whether the standard library's directories contain the module.
    fn library_has(&self, name: &str) -> Result<bool> {
        match self.library.get(name) {
            Some(entry) if entry.found == LibraryKind::Fails => {
                refuse(format!("`{name}`, whose import fails where the model's tables were recorded"))
            }
            Some(entry) if entry.found == LibraryKind::Warns => {
                refuse(format!("`{name}`, whose import shows a warning to some"))
            }
            Some(entry) => Ok(entry.found == LibraryKind::Path),
            None if Library::may_exist(name) => {
                refuse(format!("`{name}`, a part of the standard library that its tables leave out"))
            }
            None => Ok(false),
        }
    }

    /// The key of `sys.path_importer_cache` for an entry: for the empty one, the working directory.
    fn key_of(&mut self, entry: &Name) -> Result<Name> {
        if entry.is_empty() { Ok(shown(&self.working_directory()?)) } else { Ok(entry.clone()) }
    }

    /// `PathFinder._path_importer_cache`: whether the entry has a finder. Asks `sys.path_hooks` if the cache has no
    /// entry. `zipimporter` accepts no directory, and no file that a step can write; `FileFinder` accepts directories.
    fn has_finder(&mut self, entry: &Name) -> Result<bool> {
        match self.memory.finder(entry) {
            Cached::Finder(_) => return Ok(true),
            Cached::NoFinder => return Ok(false),
            Cached::Unknown => {}
        }
        let path = self.entry_at(entry)?;
        let is_directory = self.memory.entry(&path).is_some_and(Node::is_directory);
        // `FileFinder.__init__` makes the path absolute since 3.8.
        let absolute = || if self.version >= (3, 8) { shown(&path) } else { entry.clone() };
        let searches = is_relative(entry).then(absolute);
        self.memory.set_finder(entry, is_directory.then(|| Finder { searches, ..Finder::default() }));
        Ok(is_directory)
    }

    /// `FileFinder.find_spec` of the finder for this entry.
    pub(super) fn find_in_directory(&mut self, name: &Name, entry: &Name) -> Result<Option<Spec>> {
        let directory = match self.memory.finder(entry) {
            Cached::Finder(Finder { searches: Some(searches), .. }) => searches.clone(),
            _ => entry.clone(),
        };
        let path = self.entry_at(&directory)?;
        let listing = self.listing(entry, &path);
        let tail = split_name(name).1;
        let inside: Name = format!("{directory}/{tail}").into();
        let mut is_namespace = false;
        if listing.contains(tail) {
            for suffix in [".py", ".pyc"] {
                if let Some(file) = self.module_file(&inside, "__init__", suffix)? {
                    let location = PackagePath::List(vec![inside]);
                    return Ok(Some(Spec::new(name, file, Some(location))));
                }
            }
            is_namespace = self.memory.entry(&path.join(tail)).is_some_and(Node::is_directory);
        }
        if let Some(extension) =
            listing.iter().find(|entry| entry.strip_prefix(tail).is_some_and(is_extension))
        {
            return refuse(format!("an extension module: {directory}/{extension}"));
        }
        for suffix in [".py", ".pyc"] {
            if listing.contains(&*format!("{tail}{suffix}"))
                && let Some(file) = self.module_file(&directory, tail, suffix)?
            {
                return Ok(Some(Spec::new(name, file, None)));
            }
        }
        let portion = || PackagePath::List(vec![inside]);
        Ok(is_namespace.then(|| Spec::new(name, Origin::Namespace, Some(portion()))))
    }

    /// The listing of the finder for an entry, refilled if the time of the directory that it searches differs from the
    /// recorded one.
    fn listing(&mut self, entry: &Name, path: &EntryPath) -> Arc<std::collections::BTreeSet<Name>> {
        let time = self.memory.entry(path).and_then(Node::modified);
        let time = time.map(|time| time.as_cpython_float().to_bits());
        let finder = match self.memory.finder(entry) {
            Cached::Finder(finder) => finder.clone(),
            Cached::NoFinder | Cached::Unknown => Finder::default(),
        };
        if finder.recorded == time {
            return finder.names;
        }
        let names = Arc::new(self.memory.names_in(path));
        self.memory.set_finder(entry, Some(Finder { recorded: time, names: names.clone(), ..finder }));
        names
    }

    /// The loader of `base/stem + suffix`, if that is a file.
    fn module_file(&mut self, base: &Name, stem: &str, suffix: &str) -> Result<Option<Origin>> {
        let path = self.entry_at(&format!("{base}/{stem}{suffix}"))?;
        let file = || format!("{base}/{stem}{suffix}").into();
        match self.memory.entry(&path) {
            Some(Node::File { .. }) if suffix == ".py" => Ok(Some(Origin::Source(file()))),
            Some(Node::File { .. }) => Ok(Some(Origin::Bytecode(file()))),
            _ => Ok(None),
        }
    }

    /// `PathFinder.invalidate_caches` (and `importlib.invalidate_caches`, which calls nothing else that acts).
    pub(super) fn invalidate_caches(&mut self) -> Result<()> {
        let version = self.version;
        let finders = self.memory.finders_mut();
        if version >= (3, 7) {
            // Since 3.12 it drops those of relative entries too.
            finders.retain(|_, finder| {
                finder.as_ref().is_some_and(|finder| version < (3, 12) || finder.searches.is_none())
            });
        }
        for finder in finders.values_mut().flatten() {
            finder.recorded = None;
        }
        if version >= (3, 9) {
            self.memory.age_namespaces();
        }
        if version >= (3, 13) {
            self.import_library(&"importlib.metadata".into())?;
        }
        Ok(())
    }
}

fn is_extension(rest: &str) -> bool {
    rest == EXTENSION || rest == ".abi3.so" || (rest.starts_with(".cpython-") && rest.ends_with(EXTENSION))
}
