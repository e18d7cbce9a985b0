//! The interpreter's state as plain values. `memory` is the only access to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::module::Entry;
use super::object::Object;
use super::value::{Name, ObjectId, Value};
use crate::world::EntryPath;

/// One piece of state that a step can read or change separately.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MemoryCell {
    /// The entry at this path of the world.
    Entry(EntryPath),
    /// Everything directly in this directory.
    Children(EntryPath),
    /// An entry of `sys.path_importer_cache`.
    Finder(Arc<str>),
    /// All entries of `sys.path_importer_cache`.
    Finders,
    /// An entry of `sys.modules`.
    Module(Arc<str>),
    /// The object made at this site with this number.
    Object(Arc<str>, u16),
    /// All objects.
    Objects,
    /// `sys.path`
    Path,
    /// An environment variable.
    Variable(Arc<str>),
    /// The working directory.
    WorkingDirectory,
}

/// A `FileFinder` in `sys.path_importer_cache`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Finder {
    /// `_path_mtime`, a float by its bits, or `None` if it is -1.
    pub(crate) recorded: Option<u64>,
    /// `_path_cache`
    pub(crate) names: Arc<BTreeSet<Arc<str>>>,
    /// `path`, of the finder of a relative entry: since 3.8 what that meant when the finder was made, before that the entry
    /// itself. `None` if it is the entry, which is absolute.
    pub(crate) searches: Option<Name>,
}

/// The entry of `sys.path_importer_cache` for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cached<'a> {
    /// No entry.
    Unknown,
    /// An entry that says that there is no finder.
    NoFinder,
    /// Its finder.
    Finder(&'a Finder),
}

/// Everything that a step can change in an interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// `sys.path`
    pub(crate) path: Arc<Vec<Entry>>,
    /// `sys.modules`, without the standard-library modules that were there at the start.
    pub(crate) modules: BTreeMap<Name, Value>,
    /// `sys.path_importer_cache`; the value is `None` if there is no finder.
    pub(crate) finders: BTreeMap<Name, Option<Finder>>,
    /// Objects that are alive.
    pub(crate) objects: BTreeMap<ObjectId, Arc<Object>>,
    /// Environment variables that differ from the start; the value is `None` if the variable is gone.
    pub(crate) environment: BTreeMap<Name, Option<Name>>,
    /// The working directory.
    pub(crate) directory: EntryPath,
}

impl Default for State {
    fn default() -> Self {
        Self {
            path: Arc::new(vec![Entry::Library]),
            modules: BTreeMap::new(),
            finders: BTreeMap::new(),
            objects: BTreeMap::new(),
            environment: BTreeMap::new(),
            directory: EntryPath::root(),
        }
    }
}

impl State {
    /// The longest name of a module with which an address begins, and the rest.
    pub(super) fn module_before<'a>(&self, address: &'a str) -> Option<(Name, &'a str)> {
        let rest = |name: &Name| address.strip_prefix(&**name)?.strip_prefix('.');
        let found = self.modules.keys().filter_map(|name| Some((name.clone(), rest(name)?)));
        found.min_by_key(|(_, rest)| rest.len())
    }

    /// Objects that nothing refers to.
    pub(super) fn unreachable(&self) -> Vec<ObjectId> {
        let mut live = BTreeSet::new();
        let mut left = Vec::new();
        for value in self.modules.values() {
            value.each_object(&mut |id| left.push(id.clone()));
        }
        while let Some(id) = left.pop() {
            if live.contains(&id) {
                continue;
            }
            if let Some(object) = self.objects.get(&id) {
                object.each_object(&mut |id| left.push(id.clone()));
            }
            live.insert(id);
        }
        self.objects.keys().filter(|id| !live.contains(id)).cloned().collect()
    }
}

/// A path of the world in the import system's form.
pub(crate) fn shown(path: &EntryPath) -> Arc<str> {
    if path.is_root() { Arc::from("$") } else { format!("${}{}", "/", path.as_str()).into() }
}

/// Whether a path of the import system is relative and needs no more than the working directory before it.
pub(super) fn is_relative(path: &str) -> bool {
    !path.contains(['$', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The path of the world for a path of the import system.
pub(crate) fn entry_of(path: &str) -> Option<EntryPath> {
    match path.strip_prefix('$')? {
        "" => Some(EntryPath::root()),
        rest => rest.strip_prefix('/').and_then(EntryPath::new),
    }
}
