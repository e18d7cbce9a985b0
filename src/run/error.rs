//! Why a scenario could not be judged on an interpreter.

use crate::explore::ExploreError;
use crate::interpreter::{Identity, NoOutcome, Outcome};
use crate::ordering::CounterError;
use crate::scenario::Scenario;

/// Why a scenario could not be judged on an interpreter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The scenario is not meant for this version.
    #[error("{interpreter} is outside the scenario's python = \"{specifier}\"")]
    OtherVersion {
        /// The interpreter's label.
        interpreter: String,
        /// The scenario's specifier.
        specifier: String,
    },
    /// A setup step did not pass: an error of the scenario.
    #[error("setup step {step} did not pass: {outcome}")]
    Setup {
        /// Its number, from 1.
        step: usize,
        /// What it did.
        outcome: Outcome,
    },
    /// There are too many orderings even to count them.
    #[error(transparent)]
    Uncountable(#[from] CounterError),
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

impl From<ExploreError> for RunError {
    fn from(problem: ExploreError) -> Self {
        match problem {
            ExploreError::Setup { step, outcome } => Self::Setup { step, outcome },
            ExploreError::Interpreter(problem) => Self::Interpreter(problem),
        }
    }
}

/// Whether the scenario is meant for this interpreter.
pub(crate) fn meant_for(scenario: &Scenario, identity: &Identity) -> Result<(), RunError> {
    match &scenario.python {
        Some(specifier) if !specifier.contains(&identity.version) => Err(RunError::OtherVersion {
            interpreter: identity.label.clone(),
            specifier: specifier.to_string(),
        }),
        _ => Ok(()),
    }
}
