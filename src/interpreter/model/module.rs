//! Modules: their namespace, and what the import system records about their origin. `finder` finds modules,
//! `loader` loads them.

use std::collections::BTreeMap;

use super::value::{Name, Value};

/// A module object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Module {
    /// `__name__`
    pub(crate) name: Name,
    /// `__spec__`, or `None` if a failed reload or `types.ModuleType` left None.
    pub(crate) spec: Option<Spec>,
    /// `__file__`, or `None` if it is None or missing.
    pub(crate) file: Option<Name>,
    /// `__path__`, of packages.
    pub(crate) path: Option<PackagePath>,
    /// `__package__`, or `None` if it is None.
    pub(crate) package: Option<Name>,
    /// Whether it belongs to the standard library, and so has attributes that the model does not know.
    pub(crate) opaque: bool,
    /// Whether its body runs only at the first access to an attribute.
    pub(crate) lazy: bool,
    /// All other attributes.
    pub(crate) namespace: BTreeMap<Name, Value>,
}

/// A finder's description of a module (`ModuleSpec`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Spec {
    pub(crate) name: Name,
    pub(crate) origin: Origin,
    /// `submodule_search_locations`
    pub(crate) locations: Option<PackagePath>,
    /// `_initializing`
    pub(crate) initializing: bool,
    /// `_uninitialized_submodules`, since 3.11
    pub(crate) uninitialized: Vec<Name>,
}

/// Where a module comes from, which also determines its loader.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// `SourceFileLoader` of this file.
    Source(Name),
    /// `SourcelessFileLoader` of this file.
    Bytecode(Name),
    /// No loader: a namespace package.
    Namespace,
    /// The standard library.
    Library,
}

/// A `__path__`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum PackagePath {
    /// A list of directories.
    List(Vec<Name>),
    /// A `_NamespacePath`.
    Namespace(NamespacePath),
    /// In the standard library.
    Library,
}

/// A `_NamespacePath`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NamespacePath {
    /// The package that it belongs to.
    pub(crate) name: Name,
    /// `_path`
    pub(crate) portions: Vec<Name>,
    /// `_last_parent_path`
    pub(crate) parent: Vec<Entry>,
    /// Whether `_last_epoch` is the current one (3.9 and later).
    pub(crate) current: bool,
}

/// An entry of `sys.path` or of a `__path__`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Entry {
    /// All entries of the standard library, which are adjacent.
    Library,
    /// A directory of the ordering, as `$/lib`.
    Directory(Name),
}

impl Spec {
    /// A spec as a finder makes it.
    pub(crate) fn new(name: &Name, origin: Origin, locations: Option<PackagePath>) -> Self {
        Self { name: name.clone(), origin, locations, initializing: false, uninitialized: Vec::new() }
    }

    /// `ModuleSpec.parent`
    pub(crate) fn parent(&self) -> Name {
        if self.locations.is_some() { self.name.clone() } else { split_name(&self.name).0.into() }
    }

    /// `origin`, of specs with a location: the file.
    pub(crate) fn location(&self) -> Option<&Name> {
        match &self.origin {
            Origin::Source(file) | Origin::Bytecode(file) => Some(file),
            Origin::Namespace | Origin::Library => None,
        }
    }
}

impl Module {
    /// A module without any import-related attribute set.
    pub(crate) fn new(name: &Name) -> Self {
        Self {
            name: name.clone(),
            spec: None,
            file: None,
            path: None,
            package: None,
            opaque: false,
            lazy: false,
            namespace: BTreeMap::new(),
        }
    }

    /// `_init_module_attrs(spec, module, override=True)`: sets all attributes that a spec sets on a module. (A
    /// fresh module has none of them, so the result is the same without `override`.)
    pub(crate) fn apply(&mut self, spec: Spec, version: (u32, u32)) {
        self.name = spec.name.clone();
        self.package = Some(spec.parent());
        if spec.origin == Origin::Namespace && version >= (3, 7) {
            self.file = None;
        }
        if let Some(locations) = &spec.locations {
            self.path = Some(locations.clone());
        }
        if let Some(file) = spec.location() {
            self.file = Some(file.clone());
        }
        self.opaque = spec.origin == Origin::Library;
        self.spec = Some(spec);
    }

    /// `__spec__._initializing`
    pub(crate) fn is_initializing(&self) -> bool {
        self.spec.as_ref().is_some_and(|spec| spec.initializing)
    }
}

/// `name.rpartition('.')` without the dot: the parent (empty for a top-level name) and the last part.
pub(crate) fn split_name(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}
