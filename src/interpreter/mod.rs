//! Interpreters perform the import steps: the trait, its inputs and its results; what one looks like is `inspection`. The implementations are
//! `cpython` (a real interpreter in a child process) and `model` (the import system in memory).

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub mod choose;
pub mod cpython;
pub(crate) mod expression;
pub(crate) mod inert;
mod inspection;
mod installation;
mod lazy_import;
pub mod model;
mod no_outcome;
mod start;
pub mod wish;

pub use inspection::{ArchiveView, FinderView, HalfRead, Inspection, ModuleView, PieceView};
pub use installation::Installation;
pub use no_outcome::NoOutcome;
pub use start::start;

use crate::scenario::{Action, Version};
use crate::world::{EntryPath, World};

/// One live interpreter in some state: `sys.modules` and everything else that a step can change.
///
/// A caller descends and ascends as in a walk through a tree. [`descend`](Self::descend) performs one action
/// and leaves the interpreter in the state after it. With [`Keep::State`] the state before the action is kept,
/// and one later [`ascend`](Self::ascend) returns to it. With [`Keep::Nothing`] that state is given up: there
/// is no way back to it, and an `ascend` returns to the state kept last. The interpreter holds no world: each
/// `descend` receives the world for its step, whatever worlds earlier steps saw.
pub trait Interpreter {
    /// Which interpreter this is.
    fn identity(&self) -> &Identity;

    /// Performs `action` against `world`, whose clock shows when the step begins.
    ///
    /// After a crash or a timeout the interpreter is in the state before the step (a kept state can still be
    /// ascended to), and the world is what the step left on disk.
    ///
    /// # Errors
    /// Returns an error if there is no outcome: see [`NoOutcome`]. The interpreter cannot be used any more
    /// then, except after `Refused`, which leaves it unchanged.
    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, NoOutcome>;

    /// Gives up the current state and returns to the one kept last.
    ///
    /// # Errors
    /// Returns an error if the interpreter is lost and could not be restored.
    fn ascend(&mut self) -> Result<(), NoOutcome>;

    /// Whether copies of the current state do not notice each other: it has no process or thread beside it, and no file or memory
    /// that they would share.
    fn can_be_copied(&self) -> bool {
        true
    }

    /// The import system's state as seen from outside, for evidence and timelines. Changes nothing.
    ///
    /// # Errors
    /// Returns an error if the interpreter is lost.
    fn inspect(&mut self) -> Result<Inspection, NoOutcome>;
}

/// What a `descend` keeps and determines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Whether the caller can ascend to the state before the step.
    pub keep: Keep,
    /// Whether the fingerprint of the state after the step is wanted.
    pub fingerprint: bool,
}

/// What an interpreter is, when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A copy of a process that has performed no step, or such a process.
    Copy,
    /// A process that nobody has used. Copies of one process have the same memory addresses, and share what does not
    /// belong to a process, such as the position in an open file.
    Process,
}

/// Whether a `descend` keeps the state before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Yes: `ascend` returns to it.
    State,
    /// No: the caller will not return to it.
    Nothing,
}

/// The result of a step.
#[derive(Debug, Clone)]
pub struct Landing {
    /// What the step did.
    pub outcome: Outcome,
    /// The world after the step. Its clock has not moved: time stands still within a step.
    pub world: World,
    /// The fingerprint of the interpreter's state, if asked for. `None` if the state cannot be digested
    /// faithfully (it must not be merged with any other).
    pub fingerprint: Option<Fingerprint>,
    /// What the step's code wrote to standard output and error, bounded.
    pub output: String,
    /// Whether the code of the step wrote files itself (bytecode does not count). Times within such a step
    /// stood still where real ones would not.
    pub wrote_files: bool,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// It raised nothing, and its expectations held.
    Passed,
    /// An unexpected exception.
    Failed {
        /// The name of its class.
        exception: String,
        /// Its message; `$` replaces the ordering's directory.
        message: String,
        /// The line of the step's own code (`exec`) on which it was raised, from 1: the innermost of its lines. `None` for other
        /// steps, and if the interpreter does not know it, as the model.
        line: Option<usize>,
    },
    /// An expectation was not met.
    Mismatched {
        /// The expected and the actual value.
        message: String,
    },
    /// The interpreter did not survive the step.
    Crashed(Crash),
    /// The step took longer than its real-time limit.
    TimedOut,
    /// Not performed, because an earlier step of the test did not pass.
    Skipped,
}

/// How an interpreter ended in a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Crash {
    /// By this signal.
    Signal(i32),
    /// By exiting with this status.
    Exit(i32),
    /// It is alive but no longer answers: its descriptors are gone, or it broke the protocol.
    Lost,
    /// It was ended because it had started more processes than the scenario's limits allow.
    TooManyProcesses,
}

impl Outcome {
    /// Whether the step passed.
    pub fn is_pass(&self) -> bool {
        matches!(self, Self::Passed)
    }

    /// An exception of this class with this message, of which no line is known.
    pub fn failed(exception: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Failed { exception: exception.into(), message: message.into(), line: None }
    }

    /// Whether two interpreters say the same of a step, as far as both know: the model does not know every line.
    pub fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Failed { exception, message, line },
                Self::Failed { exception: another, message: said, line: there },
            ) => {
                exception == another
                    && message == said
                    && (line.is_none() || there.is_none() || line == there)
            }
            _ => self == other,
        }
    }

    /// Whether the step made its test fail: it neither passed nor was skipped.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Passed | Self::Skipped)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed { exception, message, .. } if message.is_empty() => f.write_str(exception),
            Self::Failed { exception, message, .. } => write!(f, "{exception}: {message}"),
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

/// Everything in an interpreter's state that could change a later step. Equal fingerprints with equal worlds
/// lead to equal futures. Times are separate, so that a walk can keep only those that can still be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    /// A digest of everything but the times in `finders`.
    pub digest: [u8; 32],
    /// For each directory of the ordering that its finder has listed, by path: the modification time that the
    /// finder recorded, as CPython keeps it (a float of seconds).
    pub finders: BTreeMap<EntryPath, f64>,
    /// Whether a later step may compare the times of the world with more than these, so that all have to be kept.
    pub exact_times: bool,
}

/// The interpreter of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// The kind of interpreter.
    pub kind: Kind,
    /// Its version, or the version that it imitates.
    pub version: Version,
    /// The path of its executable, or `None` for the model.
    pub path: Option<PathBuf>,
    /// Its name in trials and reports: `cpython-3.11`, `model-3.11`, or with the full version if another of the
    /// same minor version was found first.
    pub label: String,
}

/// A kind of interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A real CPython.
    CPython,
    /// A real PyPy.
    PyPy,
    /// The built-in model of CPython.
    Model,
}

impl Kind {
    /// The word for it in machine output and labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CPython => "cpython",
            Self::PyPy => "pypy",
            Self::Model => "model",
        }
    }
}
