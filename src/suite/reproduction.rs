//! How a person sees a finding: the commands to paste, and the files that were written. Each was run before it is reported.

use serde::{Deserialize, Serialize};

/// A way to reproduce the finding without taster. It was run before it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reproduction {
    /// The command, to be run in the directory of the hunt.
    pub command: String,
    /// The files that were written: a scenario, an order file.
    pub files: Vec<String>,
    /// Whether it reproduced the finding when it was run.
    pub shows_it: bool,
}

/// Two commands that show a finding where they are pasted in the directory of the hunt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FindingCommands {
    /// The command with which the test passes.
    pub passes: String,
    /// The command with which it fails.
    pub fails: String,
    /// Whether both did that when taster ran them, outside of the hunt's own process.
    pub hold: bool,
    /// The command with which plain pytest ran exactly these tests in this order, and the test did the other thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuted_by: Option<String>,
    /// Why not, if they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}
