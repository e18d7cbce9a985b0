//! Why a walk ends early.

use crate::budget::StopReason;
use crate::interpreter::{NoOutcome, Outcome};

/// Why orderings could not be counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayersError {
    /// A setup step did not pass.
    #[error("setup step {step} did not pass: {outcome}")]
    Setup {
        /// Its number, from 1.
        step: usize,
        /// Its outcome.
        outcome: Outcome,
    },
    /// The model cannot evaluate the scenario.
    #[error(transparent)]
    Interpreter(NoOutcome),
    /// There are more orderings, or ways into a state, than 128 bits can count.
    #[error("there are more orderings than can be counted in 128 bits")]
    Overflow,
    /// The budget is used up.
    #[error(transparent)]
    Stopped(#[from] StopReason),
}

/// Why a layer was not walked to its end.
#[derive(Debug)]
pub(super) enum WorkerError {
    /// States need more room; the layer is walked again with wider states.
    TooNarrow,
    Error(LayersError),
}

impl From<LayersError> for WorkerError {
    fn from(halt: LayersError) -> Self {
        Self::Error(halt)
    }
}
