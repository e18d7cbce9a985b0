//! The standard library as the model knows it: its modules, how each is found, and the imports of its body.
//! `library/record.py` recorded the tables from real interpreters, and explains their format.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::value::Name;

/// The standard library of one version.
#[derive(Debug)]
pub(super) struct Library {
    started: HashSet<&'static str>,
    modules: FxHashMap<&'static str, LibraryRow>,
}

/// A row of a table. Its words are parsed only when they are needed: most never are.
#[derive(Debug)]
struct LibraryRow {
    words: &'static str,
    entry: OnceLock<LibraryEntry>,
}

/// A module of the standard library.
#[derive(Debug)]
pub(super) struct LibraryEntry {
    /// How it is found.
    pub(super) found: LibraryKind,
    /// Modules that its body imports, in order.
    pub(super) requests: Vec<Request>,
    /// Its public attributes, or `None` if the table does not list them.
    pub(super) attributes: Option<HashSet<&'static str>>,
}

/// How a module is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LibraryKind {
    /// By `BuiltinImporter`.
    Builtin,
    /// By `FrozenImporter`.
    Frozen,
    /// By `PathFinder`, in the standard library's directories.
    Path,
    /// Its import failed when the table was recorded.
    Fails,
    /// Its import issues a warning to some importers, and displaying warnings imports more.
    Warns,
}

/// A module that another one imports.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Its name.
    pub(super) name: Name,
    /// Whether there is such a module.
    pub(super) exists: bool,
}

/// Modules of the standard library that the tables leave out: the model does not know what they would do.
const LEFT_OUT: [&str; 18] = [
    "__pycache__",
    "__phello__",
    "_pyrepl",
    "antigravity",
    "distutils",
    "encodings",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pip",
    "pydoc_data",
    "site-packages",
    "test",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
    "_testcapi",
];

/// Entries that a module's body adds to `sys.modules` itself, without any finder: up to which minor version,
/// the module, the entries.
const PUT_THERE: [(u32, &str, &[&str]); 7] = [
    (13, "os", &["os.path"]),
    (13, "importlib", &["importlib._bootstrap", "importlib._bootstrap_external"]),
    (12, "typing", &["typing.io", "typing.re"]),
    (13, "pyexpat", &["pyexpat.errors", "pyexpat.model"]),
    (13, "xml.parsers.expat", &["xml.parsers.expat.errors", "xml.parsers.expat.model"]),
    (13, "multiprocessing", &["__mp_main__"]),
    (8, "dummy_threading", &["_dummy_threading", "_dummy__threading_local"]),
];

/// The tables, by minor version from 3.6 on.
const TABLES: [&str; 8] = [
    include_str!("library/3.6.txt"),
    include_str!("library/3.7.txt"),
    include_str!("library/3.8.txt"),
    include_str!("library/3.9.txt"),
    include_str!("library/3.10.txt"),
    include_str!("library/3.11.txt"),
    include_str!("library/3.12.txt"),
    include_str!("library/3.13.txt"),
];

/// The parsed tables: each is parsed only when it is needed.
static LIBRARIES: [OnceLock<Library>; 8] = [const { OnceLock::new() }; 8];

impl Library {
    /// The standard library of CPython 3.`minor`, from 3.6 to 3.13.
    pub(super) fn of(minor: u32) -> Option<&'static Self> {
        let index = usize::try_from(minor.checked_sub(6)?).ok()?;
        let table = TABLES.get(index)?;
        Some(LIBRARIES.get(index)?.get_or_init(|| Self::read(table)))
    }

    fn read(table: &'static str) -> Self {
        let mut library = Self { started: HashSet::new(), modules: FxHashMap::default() };
        library.modules.reserve(512);
        for line in table.lines() {
            match line.split_once(' ') {
                Some(("started", names)) => library.started = names.split(' ').collect(),
                Some((name, words)) => {
                    library.modules.insert(name, LibraryRow { words, entry: OnceLock::new() });
                }
                None => {}
            }
        }
        library
    }

    /// Whether the module is in `sys.modules` when the interpreter starts.
    pub(super) fn is_started(&self, name: &str) -> bool {
        self.started.contains(name)
    }

    /// The modules in `sys.modules` when the interpreter starts.
    pub(super) fn started(&self) -> impl Iterator<Item = &'static str> {
        self.started.iter().copied()
    }

    /// The entry of the module.
    pub(super) fn get(&self, name: &str) -> Option<&LibraryEntry> {
        let row = self.modules.get(name)?;
        Some(row.entry.get_or_init(|| LibraryEntry::read(row.words.split(' '))))
    }

    /// The entries that the module's body adds to `sys.modules` itself, on CPython 3.`minor`.
    pub(super) fn put_there(minor: u32, name: &str) -> impl Iterator<Item = &'static str> {
        let rows = PUT_THERE.iter().filter(move |(until, _, _)| minor <= *until);
        rows.filter(move |(_, module, _)| *module == name).flat_map(|(_, _, entries)| entries.iter().copied())
    }

    /// Whether there are modules whose names begin with `prefix`, which is a name and a dot.
    pub(super) fn is_package(&self, prefix: &str) -> bool {
        self.modules.keys().any(|name| name.starts_with(prefix))
    }

    /// Whether the module may exist although the table does not list it.
    pub(super) fn may_exist(name: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        LEFT_OUT.contains(&first) || name.ends_with(".__main__") || name.contains(".test")
    }
}

impl LibraryEntry {
    fn read(words: std::str::Split<'static, char>) -> Self {
        let mut entry = Self { found: LibraryKind::Fails, requests: Vec::new(), attributes: None };
        for (at, word) in words.enumerate() {
            if at == 0 {
                entry.found = match word {
                    "b" => LibraryKind::Builtin,
                    "f" => LibraryKind::Frozen,
                    "p" => LibraryKind::Path,
                    "w" => LibraryKind::Warns,
                    _ => LibraryKind::Fails,
                };
            } else if word == "|" {
                entry.attributes = Some(HashSet::new());
            } else if let Some(attributes) = &mut entry.attributes {
                attributes.insert(word);
            } else {
                let name = Arc::from(word.trim_start_matches('!'));
                entry.requests.push(Request { name, exists: !word.starts_with('!') });
            }
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_a_table() {
        for minor in 6..=13 {
            let library = Library::of(minor).unwrap();
            assert!(library.is_started("sys") && !library.is_started("json"), "3.{minor}");
            assert_eq!(library.get("sys").unwrap().found, LibraryKind::Builtin);
            let json = library.get("json").unwrap();
            assert_eq!(json.found, LibraryKind::Path);
            assert!(json.requests.iter().any(|request| &*request.name == "json.decoder"));
        }
        assert!(Library::of(5).is_none());
        assert!(Library::of(14).is_none());
    }
}
