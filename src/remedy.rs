//! What may cure a finding, as data: kinds of remedies with their stable names, and places to put them. Which of them cures what is
//! found by running them, in `diagnose` and `suite`; sentences about them are made by `report`.

use serde::{Deserialize, Serialize};

/// What is done to make a test pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RemedyKind {
    /// `importlib.invalidate_caches()`.
    InvalidateCaches,
    /// Waiting until the clock has moved.
    Sleep,
    /// Taking a module out of `sys.modules`.
    Forget,
    /// The same with its package and all below that.
    ForgetWithChildren,
    /// `importlib.reload()`.
    Reload,
    /// Dropping entries of `sys.path_importer_cache`.
    DropPathEntry,
    /// Deleting `.pyc` files.
    RemoveBytecode,
    /// Importing a submodule that somebody else imports.
    ImportSubmodule,
    /// Importing modules beforehand.
    Import,
    /// Running the tests in another order.
    Reorder,
    /// Putting a value back that a test changed.
    PutBack,
    /// Leaving open what a test closed: nobody can open it again.
    LeaveOpen,
    /// Ending the threads that a test started: nobody else can.
    EndThreads,
    /// Removing what a test added.
    Remove,
    /// Setting up a fixture again that was set up for other tests.
    SetUpAgain,
    /// Seeding a generator of random numbers.
    Seed,
}

impl RemedyKind {
    /// The stable name in reports and machine output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidateCaches => "invalidate-caches",
            Self::Sleep => "sleep",
            Self::Forget => "forget",
            Self::ForgetWithChildren => "forget-with-children",
            Self::Reload => "reload",
            Self::DropPathEntry => "drop-path-entry",
            Self::RemoveBytecode => "remove-bytecode",
            Self::ImportSubmodule => "import-submodule",
            Self::Import => "import",
            Self::Reorder => "reorder",
            Self::PutBack => "put-back",
            Self::LeaveOpen => "leave-open",
            Self::EndThreads => "end-threads",
            Self::Remove => "remove",
            Self::SetUpAgain => "set-up-again",
            Self::Seed => "seed",
        }
    }
}

/// A step by its test and its number in the test, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepPlace {
    /// The test, as an index.
    pub test: usize,
    /// The step's number in it, from 1.
    pub step: usize,
}

/// A place for a remedy that keeps its meaning in every ordering: beside a step. A hunt's remedies have none: all of them
/// stand directly before the victim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Right before this step.
    Before(StepPlace),
    /// Right after this step.
    After(StepPlace),
}
