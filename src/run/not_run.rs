//! What was not run, and why: beside verdicts, the other thing that a report is told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::interpreter::{Identity, NoOutcome};

/// What was not run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRun {
    /// The scenario's file, as the caller named it.
    pub scenario: PathBuf,
    /// The interpreter, or `None` if the scenario cannot be judged on any.
    pub interpreter: Option<Identity>,
    /// The timestamps as the file writes them, or `None` if the reason is not the clock.
    pub timestamps: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// Whether that is how it should be, or a fault.
    pub kind: NotRunKind,
}

/// Whether it is right that something was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NotRunKind {
    /// It is: the scenario is not meant for this interpreter, or the interpreter refuses it rather than guess.
    Skipped,
    /// The caller asked to stop before its turn.
    Interrupted,
    /// The shard that has it is not there.
    Missing,
    /// It is not: the scenario is wrong, or an interpreter was lost.
    Fault,
}

impl NotRunKind {
    /// What this reason is.
    pub fn of(reason: &RunError) -> Self {
        match reason {
            RunError::OtherVersion { .. }
            | RunError::Interpreter(NoOutcome::Refused { .. } | NoOutcome::Lacks { .. }) => Self::Skipped,
            RunError::Interpreter(NoOutcome::Interrupted) => Self::Interrupted,
            _ => Self::Fault,
        }
    }
}
