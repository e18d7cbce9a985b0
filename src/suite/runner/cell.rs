//! A cell: a place in the state of a process whose value tests have changed, with its kind and its values. `judge`
//! derives causes from cells; the texts are for people, and no code reads them.

use std::path::Path;

use serde::{Deserialize, Serialize, Serializer};

use super::source_line::GuiltyLine;

/// The kind of a cell. A kind that is not listed here is a protocol error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CellKind {
    /// An entry of `sys.modules`; its key is the module's name.
    Module,
    /// An entry of `sys.path_importer_cache`; its key is the directory.
    Finder,
    /// A part of a package's `__path__`; its key is the package's name.
    PackagePath,
    /// An attribute of a module, class or object, or a variable of an enclosing function; its key is the name.
    Attribute,
    /// An entry of a dictionary; its key is the entry's key as text.
    Item,
    /// The whole content of a list, a set or an array; its key is the name of that container.
    Content,
    /// The results that a function caches; its key is the function.
    Cache,
    /// A variable of the context that tests run in (`contextvars`); its key is the place that holds it.
    Variable,
    /// A variable of the environment; its key is the name.
    Environment,
    /// A setting that the interpreter or the system keeps for a process; its key is the expression that reads it.
    Process,
    /// A global generator of random numbers; its key is the expression that reads its state.
    Generator,
    /// A file; its key is the path.
    File,
    /// A directory; its key is the path.
    Directory,
    /// A fixture that is shared by several tests; its key is the name with the scope.
    Fixture,
}

/// The kind of a value, as far as causes depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ValueKind {
    /// No value.
    Absent,
    /// `None`.
    None,
    /// A module.
    Module,
    /// Anything else.
    #[default]
    Other,
}

/// What a submodule lacks that an import would give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Orphan {
    /// Its package is not in `sys.modules`.
    NoPackage,
    /// Its package does not have it as an attribute.
    Unbound,
}

/// The name of a cell, by which a process finds it again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct CellName(String);

impl CellName {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place in the state of a process whose value tests have changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// Its name, such as `t.k` or `os.environ['HOME']`.
    pub cell: String,
    /// Its value when the victim runs alone.
    pub alone: String,
    /// Its value after the polluters.
    pub after: String,
    /// The kind of cell.
    pub kind: CellKind,
    /// Its key within its kind.
    pub key: String,
    /// The module that it is found under or belongs to, if any.
    #[serde(skip_serializing)]
    pub(crate) home: Option<String>,
    #[serde(default, skip_serializing)]
    pub(crate) alone_is: ValueKind,
    #[serde(default, skip_serializing)]
    pub(crate) after_is: ValueKind,
    /// What a module lacks after the polluters, unless it lacked the same before.
    #[serde(skip_serializing)]
    pub(crate) orphan: Option<Orphan>,
    /// The line that changed it, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<GuiltyLine>,
}

/// A cell that a process could not restore.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct NotPutBack {
    /// The name of the cell.
    pub cell: String,
    /// The reason.
    pub why: String,
}

impl Cell {
    /// The name by which a process finds it.
    pub(crate) fn name(&self) -> CellName {
        CellName::new(self.cell.as_str())
    }

    /// Whether it is an entry of `sys.modules`.
    pub(crate) fn is_module(&self) -> bool {
        self.kind == CellKind::Module
    }

    /// Whether it is an entry of `sys.modules`, or an attribute or entry that holds a module and was not there before.
    pub(crate) fn holds_module(&self) -> bool {
        self.is_module() || (self.alone_is == ValueKind::Absent && self.after_is == ValueKind::Module)
    }

    /// The module that was imported meanwhile, or `None` if the cell is about something else.
    pub(crate) fn new_module(&self) -> Option<String> {
        (self.is_module() && self.holds_new_module()).then(|| self.key.clone())
    }

    fn holds_new_module(&self) -> bool {
        self.alone_is == ValueKind::Absent && self.after_is == ValueKind::Module
    }

    /// Whether the path cache says that a directory does not exist.
    pub(crate) fn is_negative_finder(&self) -> bool {
        self.kind == CellKind::Finder && self.after_is == ValueKind::None
    }

    /// Whether it is a submodule without its package, or not bound in it.
    pub(crate) fn is_orphan(&self) -> bool {
        self.is_module() && self.orphan.is_some()
    }

    /// Whether it is the event loop that `asyncio` would give, or what makes one.
    pub(crate) fn is_event_loop(&self) -> bool {
        self.cell.starts_with("asyncio.events._event_loop_policy")
    }

    /// Whether it is the threads that run.
    pub(crate) fn is_threads(&self) -> bool {
        self.cell == "threading.enumerate()"
    }

    /// The connection to a database that a test has closed.
    pub(crate) fn closed_connection(&self) -> Option<&str> {
        self.cell.strip_suffix(" database").filter(|_| self.after == "closed")
    }

    /// Whether it is, or lies in, a directory for bytecode.
    pub(crate) fn is_bytecode(&self) -> bool {
        let is_path = matches!(self.kind, CellKind::File | CellKind::Directory);
        is_path && Path::new(&self.key).iter().any(|part| part == "__pycache__")
    }

    /// Whether it is what the import system remembers of a directory.
    pub(crate) fn is_listing(&self) -> bool {
        matches!(self.kind, CellKind::Finder | CellKind::PackagePath)
    }

    /// Whether it belongs to the import system.
    pub(crate) fn is_import_system(&self) -> bool {
        self.is_listing() || self.holds_module() || self.is_bytecode()
    }
}

/// A cell with all its fields, for what reads it again; what people get leaves some out.
#[derive(Serialize)]
struct WholeCell<'a> {
    cell: &'a str,
    alone: &'a str,
    after: &'a str,
    kind: CellKind,
    key: &'a str,
    home: Option<&'a str>,
    alone_is: ValueKind,
    after_is: ValueKind,
    orphan: Option<Orphan>,
    changed_at: Option<&'a GuiltyLine>,
}

impl<'a> From<&'a Cell> for WholeCell<'a> {
    fn from(whole: &'a Cell) -> Self {
        // No field may be missing here.
        let Cell { cell, alone, after, kind, key, home, alone_is, after_is, orphan, changed_at } = whole;
        let (home, changed_at) = (home.as_deref(), changed_at.as_ref());
        let (kind, alone_is, after_is, orphan) = (*kind, *alone_is, *after_is, *orphan);
        Self { cell, alone, after, kind, key, home, alone_is, after_is, orphan, changed_at }
    }
}

/// Writes cells so that reading them gives the same cells.
pub(crate) fn whole_cells<S: Serializer>(cells: &[Cell], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(cells.iter().map(WholeCell::from))
}

/// A cell as [`whole_cells`] writes each.
pub(crate) fn whole_cell<S: Serializer>(cell: &Cell, serializer: S) -> Result<S::Ok, S::Error> {
    WholeCell::from(cell).serialize(serializer)
}

#[cfg(test)]
impl Cell {
    /// A cell for tests, which differs from nothing.
    pub(crate) fn of(kind: CellKind, key: &str) -> Self {
        Self {
            cell: key.to_owned(),
            alone: "1".to_owned(),
            after: "2".to_owned(),
            kind,
            key: key.to_owned(),
            home: None,
            alone_is: ValueKind::Other,
            after_is: ValueKind::Other,
            orphan: None,
            changed_at: None,
        }
    }
}

/// Adds cells that could not be put back, each once.
pub(crate) fn add_new(known: &mut Vec<NotPutBack>, more: &[NotPutBack]) {
    for each in more {
        if !known.iter().any(|one| one.cell == each.cell) {
            known.push(each.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, CellKind, ValueKind};

    #[test]
    fn a_kind_that_nobody_knows_is_refused() {
        let cell = |kind: &str| {
            format!(
                r#"{{"cell":"t.k","alone":"1","after":"2","kind":"{kind}","key":"k","home":"t",
                    "alone_is":"other","after_is":"other","orphan":null}}"#
            )
        };
        assert_eq!(serde_json::from_str::<Cell>(&cell("attribute")).unwrap().kind, CellKind::Attribute);
        assert!(serde_json::from_str::<Cell>(&cell("charm")).is_err());
    }

    #[test]
    fn machine_output_has_kind_and_key_beside_the_texts() {
        let text = serde_json::to_string(&Cell::of(CellKind::PackagePath, "spread")).unwrap();
        let wanted = r#"{"cell":"spread","alone":"1","after":"2","kind":"package-path","key":"spread"}"#;
        assert_eq!(text, wanted);
    }

    #[test]
    fn bytecode_is_known_by_its_directory() {
        assert!(Cell::of(CellKind::File, "p/__pycache__/m.pyc").is_bytecode());
        assert!(Cell::of(CellKind::Directory, "__pycache__").is_bytecode());
        assert!(!Cell::of(CellKind::File, "my__pycache__.txt").is_bytecode());
        assert!(!Cell::of(CellKind::Environment, "file __pycache__").is_bytecode());
    }

    #[test]
    fn only_a_module_that_was_not_there_is_new() {
        let module = Cell { alone_is: ValueKind::Absent, ..Cell::of(CellKind::Module, "m") };
        assert_eq!(module.new_module(), None, "what stands there now is no module");
        let module = Cell { after_is: ValueKind::Module, ..module };
        assert_eq!(module.new_module().as_deref(), Some("m"));
        let attribute = Cell { kind: CellKind::Attribute, ..module };
        assert!(attribute.new_module().is_none() && attribute.holds_module());
    }
}
