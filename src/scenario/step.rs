//! One step of a scenario: an operation on the world or an action of the interpreter.

use std::sync::Arc;

use super::repair::Repair;
use crate::world::{EntryPath, Operation};

/// One action on the world or in the interpreter.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Changes the file tree or the clock; needs no interpreter.
    World(Operation),
    /// Performed by the interpreter.
    Interpreter(Action),
}

/// A step that the interpreter performs.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// `import module`, or `from module import names` where names are given.
    Import {
        /// A dotted name.
        module: String,
        /// Names for the `from` form; empty for the plain form.
        names: Vec<String>,
        /// What must hold afterwards.
        check: Check,
    },
    /// `importlib.reload(sys.modules[module])`.
    Reload {
        /// A dotted name.
        module: String,
        /// What must hold afterwards.
        check: Check,
    },
    /// `import module` through `importlib.util.LazyLoader`, as its documentation shows: the body runs at the first
    /// access.
    LazyImport {
        /// A dotted name.
        module: String,
        /// What must hold afterwards.
        check: Check,
    },
    /// Runs the module as `python -m` does, by `runpy.run_module`: a second copy named `__main__`.
    RunModule {
        /// A dotted name.
        module: String,
        /// `Nothing`, `Raises` or `Warns`.
        check: Check,
    },
    /// Puts a directory of the ordering on `sys.path`.
    SysPath {
        /// The directory; it need not exist.
        path: EntryPath,
        /// At which end.
        position: Position,
    },
    /// Puts a text on `sys.path` as it is, relative to whatever the working directory is when it is used.
    SysPathText {
        /// The text; it may be empty.
        text: String,
        /// At which end.
        position: Position,
    },
    /// `importlib.invalidate_caches()`.
    InvalidateCaches,
    /// Deletes `sys.modules[module]` if it is there.
    Forget(String),
    /// Passes if `sys.modules` has no such key.
    NotImported(String),
    /// Passes if a Python expression is true; its names stand for modules in `sys.modules` and for builtins.
    Evaluate(Arc<str>),
    /// `os.environ[name] = value`, or the removal of the variable if the value is `None`.
    SetVariable {
        /// The variable.
        name: String,
        /// Its new value.
        value: Option<String>,
    },
    /// `os.chdir` to this directory of the ordering.
    ChangeDirectory(EntryPath),
    /// Writes the bytecode of a source, as `py_compile` does.
    Compile {
        /// The source.
        path: EntryPath,
        /// How the import system is to tell whether the bytecode is still that of its source.
        invalidation: Invalidation,
    },
    /// Runs code in a fresh namespace; `check` is not `Expect`.
    Exec {
        /// Python source.
        code: Arc<str>,
        /// What must hold afterwards.
        check: Check,
    },
    /// Repairs one piece of the import system's state. No file can write this step: diagnosis uses it to
    /// confirm a cause.
    Repair(Repair),
}

/// What must hold for a step to pass, besides raising nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// Nothing more.
    Nothing,
    /// Attributes of the module, looked through by dotted path, equal these values under Python's `==`.
    Expect(Vec<(Vec<String>, Literal)>),
    /// An exception is raised whose class, or a base of it, has this name.
    Raises(String),
    /// A warning is issued whose category, or a base of it, has this name, whether or not the filters would show it.
    Warns(String),
}

/// How the import system tells whether bytecode is still that of its source (PEP 552).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invalidation {
    /// By the source's time and size.
    Timestamp,
    /// By a hash of the source.
    CheckedHash,
    /// Not at all.
    UncheckedHash,
}

impl Invalidation {
    /// The words of the format, in the order in which messages list them.
    pub(crate) const ALL: [Self; 3] = [Self::Timestamp, Self::CheckedHash, Self::UncheckedHash];

    /// The word of the format.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::CheckedHash => "checked-hash",
            Self::UncheckedHash => "unchecked-hash",
        }
    }
}

impl Action {
    /// What must hold after it, besides raising nothing.
    pub(crate) fn check(&self) -> &Check {
        match self {
            Self::Import { check, .. }
            | Self::LazyImport { check, .. }
            | Self::Reload { check, .. }
            | Self::RunModule { check, .. }
            | Self::Exec { check, .. } => check,
            _ => &Check::Nothing,
        }
    }

    /// Whether it does nothing but what the import system does: it runs no code but that of modules, and changes
    /// nothing of the process beside the import system's own state.
    pub(crate) fn only_imports(&self) -> bool {
        let plain = match self {
            Self::Import { .. }
            | Self::Reload { .. }
            | Self::SysPath { .. }
            | Self::InvalidateCaches
            | Self::Forget(_)
            | Self::NotImported(_) => true,
            Self::LazyImport { .. }
            | Self::RunModule { .. }
            | Self::SysPathText { .. }
            | Self::Evaluate(_)
            | Self::SetVariable { .. }
            | Self::ChangeDirectory(_)
            | Self::Compile { .. }
            | Self::Exec { .. }
            | Self::Repair(_) => false,
        };
        plain && !matches!(self.check(), Check::Warns(_))
    }
}

/// A value that a TOML file can write and Python can compare.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `True` or `False`.
    Bool(bool),
    /// An `int`.
    Int(i64),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(String),
    /// A `list`.
    List(Vec<Literal>),
    /// A `dict` with `str` keys (inside a list; elsewhere a table looks through attributes).
    Dict(Vec<(String, Literal)>),
}

/// An end of `sys.path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// In front of what is there.
    First,
    /// Behind what is there.
    Last,
}
