//! How much of all orderings a run covered, and by which method.

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use crate::layers::ConfirmedEffects;

/// How much of all orderings a run covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coverage {
    /// All orderings there are.
    pub total: BigUint,
    /// Orderings whose every outcome is known.
    pub covered: BigUint,
    /// Covered orderings in which a test fails.
    pub failing: BigUint,
    /// How they were chosen.
    pub method: Method,
    /// Whether the search ended, by its time or by somebody's wish, before it had covered what it meant to.
    pub cut_short: bool,
}

impl Coverage {
    /// Whether the run covered every ordering.
    pub fn is_complete(&self) -> bool {
        let covers_all = match self.method {
            Method::Exhaustive => true,
            Method::Effects(effects) => effects.confirmed == effects.distinct,
            Method::Sampled { .. } => false,
        };
        covers_all && self.covered == self.total
    }
}

/// How the covered orderings were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// All of them.
    Exhaustive,
    /// The model counted all of them, and every distinct effect of its steps was performed on the interpreter.
    Effects(ConfirmedEffects),
    /// A sample.
    Sampled {
        /// The seed of its randomness.
        seed: u64,
    },
}
