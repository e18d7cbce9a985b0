//! What a survey of a package is to do.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::budget::Interruption;
use crate::interpreter::Installation;
use crate::shard::Shard;

/// Under which conditions the modules are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PackagePass {
    /// As the package lies there, with the bytecode beside it.
    AsItIs,
    /// The package's sources are compiled from their text.
    WithoutBytecode,
    /// No directory seems ever to change, as on the coarsest clock.
    FrozenTimes,
}

impl PackagePass {
    /// Its name in machine output.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AsItIs => "as-it-is",
            Self::WithoutBytecode => "without-bytecode",
            Self::FrozenTimes => "frozen-times",
        }
    }
}

/// What to survey, and how.
#[derive(Debug, Clone)]
pub struct PackageSettings {
    /// The package's name, dotted if it lies within another.
    pub package: String,
    /// Directories that come first on `sys.path`.
    pub paths: Vec<PathBuf>,
    /// The interpreter.
    pub installation: Installation,
    /// The passes, in their order.
    pub passes: Vec<PackagePass>,
    /// Whether the package's own tests belong to it.
    pub with_tests: bool,
    /// Whether pairs too begin in an interpreter that has loaded nothing.
    pub fresh: bool,
    /// The real time for the whole survey.
    pub budget: Duration,
    /// The real time for one import.
    pub import_timeout: Duration,
    /// Agents at work at the same time.
    pub jobs: usize,
    /// The part of the pairs that is this machine's, or `None` if all are.
    pub shard: Option<Shard>,
    /// The wish to end early.
    pub interruption: Interruption,
}
