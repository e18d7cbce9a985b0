//! A state as seen from outside: its fingerprint, and its readable form.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use super::library::Library;
use super::memory::Memory;
use super::module::{Entry, Module, PackagePath};
use super::object::Object;
use super::quote::quoted;
use super::state::{State, entry_of, shown};
use super::text;
use super::value::{Name, Value};
use crate::interpreter::{FinderView, Fingerprint, Inspection, ModuleView, PieceView};

/// What stands for the entries of the standard library in `sys.path`.
pub(super) const LIBRARY: &str = "(standard library)";

/// The number of characters shown of a value's `repr`.
const SHOWN: usize = 200;

/// Gathers the bytes to hash, to digest them in one piece, so that equal values give equal digests everywhere.
struct Gathered(Vec<u8>);

impl Hasher for Gathered {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

impl State {
    /// The fingerprint of the state. It omits the listing of a finder whose recorded time is -1: the listing is
    /// read afresh before it is used, unless the directory is gone, and then no name in it leads to a file.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut gathered = Gathered(Vec::with_capacity(1024));
        let State { path, modules, finders, objects, environment, directory } = self;
        (path, modules, objects, environment, directory).hash(&mut gathered);
        let mut by_path = false;
        let mut times = BTreeMap::new();
        for (path, finder) in finders {
            let names = finder.as_ref().map(|finder| finder.recorded.map(|_| &finder.names));
            (path, names).hash(&mut gathered);
            if let Some(finder) = finder.as_ref().filter(|finder| finder.searches.is_some()) {
                // A relative entry is a second way to a directory, or leads to another one each time.
                (&finder.searches, finder.recorded).hash(&mut gathered);
                by_path = true;
                continue;
            }
            let recorded = finder.as_ref().and_then(|finder| finder.recorded);
            if let (Some(recorded), Some(entry)) = (recorded, entry_of(path)) {
                times.insert(entry, f64::from_bits(recorded));
            }
        }
        Fingerprint { digest: *blake3::hash(&gathered.0).as_bytes(), finders: times, exact_times: by_path }
    }
}

/// The readable form of a state.
pub(super) fn inspect(memory: &mut Memory, library: &Library) -> Inspection {
    let state = memory.state().clone();
    let path = state.path.iter().map(|entry| match entry {
        Entry::Library => LIBRARY.to_owned(),
        Entry::Directory(path) => path.to_string(),
    });
    let mut modules = BTreeMap::new();
    for (name, value) in &state.modules {
        if !library.is_started(name) {
            let view = ModuleView {
                bound: is_bound(memory, library, name),
                same_as: first_name(&state, name, value),
                ..view(memory, value)
            };
            modules.insert(name.to_string(), view);
        }
    }
    let finders = state.finders.iter().map(|(path, finder)| {
        let view = finder.as_ref().map(|finder| FinderView {
            kind: "FileFinder".to_owned(),
            listed_at: finder.recorded.map(f64::from_bits),
            names: finder.names.iter().map(ToString::to_string).collect::<BTreeSet<_>>(),
            directory: Some(finder.searches.as_ref().unwrap_or(path).to_string()),
            archive: None,
        });
        (path.to_string(), view)
    });
    let environment = state.environment.iter();
    let mut pieces = built_in_names(memory);
    pieces.extend(attributes_of_classes(memory));
    pieces.insert("sys.path".to_owned(), path_piece(&state));
    Inspection {
        path: path.collect(),
        finders: finders.collect(),
        environment: environment
            .map(|(name, value)| (name.to_string(), value.as_deref().map(str::to_owned)))
            .collect(),
        directory: shown(&state.directory).to_string(),
        modules,
        pieces,
        ..Inspection::default()
    }
}

/// `sys.path`, in which one text stands for all entries of the standard library.
fn path_piece(state: &State) -> PieceView {
    let entries = state.path.iter().map(|entry| match entry {
        Entry::Library => format!("'{LIBRARY}'"),
        Entry::Directory(path) => quoted(path),
    });
    let shown = format!("[{}]", entries.collect::<Vec<_>>().join(", "));
    PieceView { literal: Some(shown.clone()), shown, when_loaded: String::new(), literal_when_loaded: None }
}

/// The names that code put into `builtins`.
fn built_in_names(memory: &mut Memory) -> BTreeMap<String, PieceView> {
    let id = memory.state().modules.get("builtins").and_then(Value::as_object).cloned();
    let module = id.and_then(|id| memory.module_object(&id).cloned());
    let mut pieces = BTreeMap::new();
    for (name, value) in module.map(|module| module.namespace).unwrap_or_default() {
        let literal = text::repr(memory, &value).ok().filter(|_| value.as_object().is_none());
        let shown = literal.clone().unwrap_or_else(|| "an object".to_owned());
        let when_loaded = PieceView::ABSENT.to_owned();
        let view = PieceView { shown, literal, when_loaded, literal_when_loaded: None };
        pieces.insert(format!("builtins.{name}"), view);
    }
    pieces
}

/// The attributes of the classes that modules of the ordering define.
fn attributes_of_classes(memory: &mut Memory) -> BTreeMap<String, PieceView> {
    let modules = memory.state().modules.clone();
    let mut pieces = BTreeMap::new();
    for (name, value) in &modules {
        let id = value.as_object();
        let Some(module) =
            id.and_then(|id| memory.module_object(id)).filter(|module| !module.opaque).cloned()
        else {
            continue;
        };
        for (key, value) in module.namespace.iter().filter(|(key, _)| !key.starts_with("__")) {
            let object = value.as_object().and_then(|id| memory.object(id)).cloned();
            let Some(Object::Class(class)) = object.filter(|object| is_defined_in(object, &module.name))
            else {
                continue;
            };
            for (attribute, value) in class.namespace.iter().filter(|(name, _)| !name.starts_with("__")) {
                let shown = text::repr(memory, value).ok();
                let literal = shown.clone().filter(|_| is_plain(memory, value));
                let view = PieceView {
                    shown: shown.unwrap_or_else(|| "an object".to_owned()),
                    literal,
                    when_loaded: PieceView::ABSENT.to_owned(),
                    literal_when_loaded: None,
                };
                pieces.insert(format!("{name}.{key}.{attribute}"), view);
            }
        }
    }
    pieces
}

fn is_defined_in(object: &Object, module: &Name) -> bool {
    matches!(object, Object::Class(class) if class.module == *module)
}

/// Whether a value is a literal down to its parts.
fn is_plain(memory: &mut Memory, value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => {
            true
        }
        Value::Tuple(parts) => parts.iter().all(|part| is_plain(memory, part)),
        Value::Object(id) => match memory.object(id).cloned() {
            Some(Object::List(values)) => values.iter().all(|part| is_plain(memory, part)),
            Some(Object::Dict(items)) => {
                items.iter().all(|(key, value)| is_plain(memory, key) && is_plain(memory, value))
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether the package of a submodule has something under its name.
fn is_bound(memory: &mut Memory, library: &Library, name: &Name) -> bool {
    let Some((package, child)) = name.rsplit_once('.') else { return true };
    let package: Name = package.into();
    let object = memory.state().modules.get(&package).and_then(Value::as_object).cloned();
    match object.and_then(|id| memory.object(&id).cloned()) {
        Some(Object::Module(module)) => module.opaque || module.namespace.contains_key(child),
        _ => library.is_started(&package),
    }
}

/// The first name of the same object, if that is another.
fn first_name(state: &State, name: &Name, value: &Value) -> Option<String> {
    let object = value.as_object()?;
    let first = state.modules.iter().find(|(_, other)| other.as_object() == Some(object));
    first.map(|(first, _)| first.to_string()).filter(|first| **first != **name)
}

fn view(memory: &mut Memory, value: &Value) -> ModuleView {
    let object = value.as_object().and_then(|id| memory.object(id).cloned());
    let Some(Object::Module(module)) = object else {
        return ModuleView { present: *value != Value::None, ..ModuleView::default() };
    };
    let mut attributes = BTreeMap::new();
    for (name, value) in &module.namespace {
        if !(name.starts_with("__") && name.ends_with("__")) {
            let shown = text::repr(memory, value).unwrap_or_else(|_| kind_of(memory, value).to_owned());
            attributes.insert(name.to_string(), shown.chars().take(SHOWN).collect());
        }
    }
    ModuleView {
        present: true,
        file: module.file.as_deref().map(str::to_owned),
        package_path: package_path(&module),
        initializing: module.is_initializing(),
        attributes,
        ..ModuleView::default()
    }
}

/// What stands for a value whose text has an address.
fn kind_of(memory: &mut Memory, value: &Value) -> &'static str {
    match value.as_object().and_then(|id| memory.object(id)) {
        Some(Object::CachedFunction(_)) => "<functools._lru_cache_wrapper...",
        _ => "...",
    }
}

fn package_path(module: &Module) -> Option<Vec<String>> {
    let directories = match module.path.as_ref()? {
        PackagePath::List(directories) => directories,
        PackagePath::Namespace(namespace) => &namespace.portions,
        PackagePath::Library => return Some(vec![LIBRARY.to_owned()]),
    };
    Some(directories.iter().map(ToString::to_string).collect())
}
