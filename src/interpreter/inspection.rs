//! The state of an interpreter as seen from outside, for evidence and timelines.

use std::collections::{BTreeMap, BTreeSet};

/// The import system's state in readable form. `$` replaces the ordering's directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inspection {
    /// `sys.path`.
    pub path: Vec<String>,
    /// The modules in `sys.modules` that were not there when the interpreter started, and those that have gone since.
    pub modules: BTreeMap<String, ModuleView>,
    /// `sys.path_importer_cache`; the value is `None` if the cache says that there is no finder.
    pub finders: BTreeMap<String, Option<FinderView>>,
    /// The environment variables that differ from the start: the current value, or `None` if the variable is gone.
    pub environment: BTreeMap<String, Option<String>>,
    /// The working directory.
    pub directory: String,
    /// Modules that were read while they were being imported, from when diagnosis asked to note it.
    pub half_read: Vec<HalfRead>,
    /// By address, as Python code reads it: settings, attributes of classes of the ordering, and what of the standard library
    /// differs from its contents when it was loaded.
    pub pieces: BTreeMap<String, PieceView>,
}

/// An import that found a module half-initialised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HalfRead {
    /// The module that was being imported.
    pub module: String,
    /// The module whose code imported it meanwhile.
    pub reader: String,
}

/// A piece of state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceView {
    /// Its `repr` (bounded), or `absent`.
    pub shown: String,
    /// The value as a Python literal, or `None` if it has none of a reasonable length.
    pub literal: Option<String>,
    /// The same of what it was when its module was loaded; empty of settings, which are always listed.
    pub when_loaded: String,
    /// That as a Python literal, or `None` if it has none of a reasonable length.
    pub literal_when_loaded: Option<String>,
}

impl PieceView {
    /// How a piece that is not there is shown.
    pub const ABSENT: &str = "absent";
}

/// A module in `sys.modules`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModuleView {
    /// Whether the entry exists and is not None.
    pub present: bool,
    /// `__file__`.
    pub file: Option<String>,
    /// `__path__`, of packages.
    pub package_path: Option<Vec<String>>,
    /// Whether it is still being imported.
    pub initializing: bool,
    /// Whether its package has something under its name; true of what is in no package.
    pub bound: bool,
    /// Another name in `sys.modules` of the same object, the first of all, if it has another.
    pub same_as: Option<String>,
    /// Its own attributes, without dunder names, and the `repr` of each value (bounded).
    pub attributes: BTreeMap<String, String>,
}

/// A finder in `sys.path_importer_cache`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FinderView {
    /// The name of its class.
    pub kind: String,
    /// The modification time of its directory at its last listing (float seconds since 1970), or `None` if
    /// there was none.
    pub listed_at: Option<f64>,
    /// The names in its listing.
    pub names: BTreeSet<String>,
    /// The directory that it searches, as it keeps it; `None` if it keeps none.
    pub directory: Option<String>,
    /// What zipimport knows of its archive, if it is one.
    pub archive: Option<ArchiveView>,
}

/// A zip archive on `sys.path`. Each entry is a name with what tells two files of one name apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveView {
    /// What zipimport remembers of its directory, or `None` if nothing.
    pub known: Option<Vec<String>>,
    /// What it would read now.
    pub now: Vec<String>,
}
