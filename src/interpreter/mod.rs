//! What performs import steps: the trait, and what goes in and comes out. The implementations are `cpython` (a real
//! interpreter in a child process) and `model` (the import system in memory).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

pub mod choose;
pub mod cpython;
pub(crate) mod inert;
pub mod model;
mod start;
pub mod wish;

pub use start::start;

use crate::scenario::{Action, Version};
use crate::world::{EntryPath, World};

/// One live interpreter, standing at some state: `sys.modules` and all else that a step can change.
///
/// A caller descends and ascends like a walk through a tree. [`descend`](Self::descend) performs one action and leaves
/// the interpreter at the state after it. With [`Keep::State`] the state before it is kept, and one later
/// [`ascend`](Self::ascend) returns to it; with [`Keep::Nothing`] it is given up: the walk moves on without a way back, and
/// an `ascend` returns to the state kept last. The interpreter holds no world: each `descend` is given the world that the
/// step meets, whatever worlds earlier steps saw.
pub trait Interpreter {
    /// Which interpreter this is.
    fn identity(&self) -> &Identity;

    /// Performs `action` against `world`, whose clock shows when the step begins.
    ///
    /// After a crash or a timeout the interpreter's state is the one before the step (a kept state is still there to
    /// ascend to), and the world is what the step left on disk.
    ///
    /// # Errors
    /// Where no outcome could be had: see [`NoOutcome`]. The interpreter is of no further use then, but for `Refused`,
    /// which leaves it as it was.
    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, NoOutcome>;

    /// Gives up the current state and returns to the one kept last.
    ///
    /// # Errors
    /// Where the interpreter is lost and could not be brought back.
    fn ascend(&mut self) -> Result<(), NoOutcome>;

    /// What the import system's state looks like from outside, for evidence and timelines. Changes nothing.
    ///
    /// # Errors
    /// Where the interpreter is lost.
    fn inspect(&mut self) -> Result<Inspection, NoOutcome>;
}

/// What a `descend` shall keep and find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Whether one can ascend to the state before the step.
    pub keep: Keep,
    /// Whether the fingerprint of the state after the step is wanted.
    pub fingerprint: bool,
}

/// Whether a `descend` keeps the state before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Yes: `ascend` returns to it.
    State,
    /// No: nothing more will be asked of it.
    Nothing,
}

/// Where a step landed.
#[derive(Debug, Clone)]
pub struct Landing {
    /// What the step did.
    pub outcome: Outcome,
    /// The world after the step; its clock is where it was: time within a step stands still.
    pub world: World,
    /// The state of the interpreter, where it was asked for; none where the state cannot be digested faithfully
    /// (it must not be merged with any other).
    pub fingerprint: Option<Fingerprint>,
    /// What the step's code wrote to standard output and error, bounded.
    pub output: String,
    /// Whether the code of the step wrote files itself (bytecode does not count), so that times within the step stood
    /// still where real ones would not.
    pub wrote_files: bool,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Done, and what it expected held.
    Passed,
    /// An exception that was not expected.
    Failed {
        /// The name of its class.
        exception: String,
        /// Its message; the ordering's directory stands as `$`.
        message: String,
    },
    /// An expectation was not met.
    Mismatched {
        /// What was expected and what was there.
        message: String,
    },
    /// The interpreter did not survive the step.
    Crashed(Crash),
    /// The step took longer than its real-time limit.
    TimedOut,
    /// Not performed, since an earlier step of the test did not pass.
    Skipped,
}

/// How an interpreter ended in a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Crash {
    /// By this signal.
    Signal(i32),
    /// By exiting with this status.
    Exit(i32),
    /// It lives on, but no longer answers: its descriptors are gone, or it said what is not of the protocol.
    Lost,
    /// It had started more processes than the scenario's limits allow, and was ended.
    TooManyProcesses,
}

impl Outcome {
    /// Whether the step passed.
    pub fn is_pass(&self) -> bool {
        matches!(self, Self::Passed)
    }

    /// Whether the step made its test fail: whatever is neither passed nor skipped.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Passed | Self::Skipped)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed { exception, message } if message.is_empty() => f.write_str(exception),
            Self::Failed { exception, message } => write!(f, "{exception}: {message}"),
            Self::Mismatched { message } => write!(f, "mismatched: {message}"),
            Self::Crashed(Crash::Signal(signal)) => write!(f, "crashed by signal {signal}"),
            Self::Crashed(Crash::Exit(status)) => write!(f, "crashed: exited with status {status}"),
            Self::Crashed(Crash::Lost) => f.write_str("crashed: the interpreter no longer answers"),
            Self::Crashed(Crash::TooManyProcesses) => {
                f.write_str("crashed: it started more processes than `limits.processes` allows")
            }
            Self::TimedOut => f.write_str("timed out"),
            Self::Skipped => f.write_str("skipped"),
        }
    }
}

/// All of an interpreter's state that could change a later step. Two equal fingerprints, with equal worlds, lead to
/// equal futures. Times are kept apart from the rest, so that a walk can keep of them only what can still be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    /// A digest of everything but the times in `finders`.
    pub digest: [u8; 32],
    /// For each finder of a directory of the ordering that has listed it, by path: the modification time that it
    /// recorded, as CPython keeps it (a float of seconds).
    pub finders: BTreeMap<EntryPath, f64>,
}

/// The import system's state as people can read it. The ordering's directory stands as `$`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inspection {
    /// `sys.path`.
    pub path: Vec<String>,
    /// The modules in `sys.modules` that were not there when the interpreter started, and those that were and are no longer.
    pub modules: BTreeMap<String, ModuleView>,
    /// `sys.path_importer_cache`: none where the cache says that there is no finder.
    pub finders: BTreeMap<String, Option<FinderView>>,
    /// The environment variables that differ from the start: the value now, none where the variable is gone.
    pub environment: BTreeMap<String, Option<String>>,
    /// The working directory.
    pub directory: String,
}

/// A module as `sys.modules` holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModuleView {
    /// Whether the entry is there and not None.
    pub present: bool,
    /// `__file__`.
    pub file: Option<String>,
    /// `__path__`, of packages.
    pub package_path: Option<Vec<String>>,
    /// Whether it is still being imported.
    pub initializing: bool,
    /// Its own attributes, without dunder names, and the `repr` of each value (bounded).
    pub attributes: BTreeMap<String, String>,
}

/// A finder as `sys.path_importer_cache` holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FinderView {
    /// The name of its class.
    pub kind: String,
    /// The modification time (float seconds since 1970) of its directory when it last listed it; none where it has not.
    pub listed_at: Option<f64>,
    /// The names in its listing.
    pub names: BTreeSet<String>,
}

/// Which interpreter something ran on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// What performs its steps.
    pub kind: Kind,
    /// The version it is, or behaves like.
    pub version: Version,
    /// Where its executable lies; none for the model.
    pub path: Option<PathBuf>,
    /// How it is named in trials and reports: `cpython-3.11`, `model-3.11`, or with the full version where another of
    /// the same minor version was found first.
    pub label: String,
}

/// An interpreter that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// What it is.
    pub identity: Identity,
    /// Where it was found, for people: `PATH`, `pyenv`, `the active virtual environment`, `built in`.
    pub found: String,
    /// Whether its steps are to be confined, as far as this system can: see [`cpython::gaps`]. The model needs none.
    pub confined: bool,
}

impl Installation {
    /// The same, free to do what you may.
    #[must_use = "the installation itself stays as it is"]
    pub fn unconfined(self) -> Self {
        Self { confined: false, ..self }
    }

    /// What a reader must know of its confinement, in a sentence; none where there is nothing.
    pub fn confinement(&self) -> Option<&'static str> {
        match self.identity.kind {
            Kind::Model => None,
            _ if !self.confined => Some("steps are not confined, as was asked for"),
            _ => cpython::gaps(),
        }
    }
}

/// What performs an interpreter's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A real CPython.
    CPython,
    /// A real PyPy.
    PyPy,
    /// The built-in model of CPython.
    Model,
}

impl Kind {
    /// As machine output and labels write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CPython => "cpython",
            Self::PyPy => "pypy",
            Self::Model => "model",
        }
    }
}

/// Why no outcome could be had from an interpreter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoOutcome {
    /// It cannot judge this step or scenario faithfully; another interpreter may.
    #[error("needs a real interpreter: {reason}")]
    Refused {
        /// What it cannot evaluate, and where.
        reason: String,
    },
    /// It ended, or talks nonsense, and could not be brought back.
    #[error("the interpreter {interpreter} is lost: {reason}")]
    Lost {
        /// Its label.
        interpreter: String,
        /// What was seen.
        reason: String,
    },
    /// The disk did not do what it should.
    #[error("cannot write the scenario's files: {0}")]
    Disk(#[from] std::io::Error),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}
