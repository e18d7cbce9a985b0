//! The verdict on one scenario, on one interpreter, under one clock: what was covered, what was found, and whether that is
//! what the scenario declares. Plain data; `judge` compares findings with declarations.

use num_bigint::BigUint;

use crate::diagnose::{Alone, Finding};
use crate::interpreter::Identity;
use crate::scenario::{Scenario, Timestamps};

/// What a run of one scenario on one interpreter under one clock came to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// The scenario; findings name its tests by index.
    pub scenario: Scenario,
    /// The interpreter that performed the steps.
    pub interpreter: Identity,
    /// The clock.
    pub timestamps: Timestamps,
    /// How many orderings there are, were covered, and fail.
    pub coverage: Coverage,
    /// One summary per test, in the order of the file.
    pub tests: Vec<TestSummary>,
    /// Distinct states met.
    pub states: u64,
    /// Steps performed between them.
    pub transitions: u64,
    /// Orderings run again from a fresh interpreter, unmerged, and compared.
    pub audited: u64,
    /// Real seconds of the exploration.
    pub seconds: f64,
    /// Real seconds of the diagnosis.
    pub diagnosis_seconds: f64,
    /// What was found, declared or not.
    pub findings: Vec<Finding>,
    /// Indices of the scenario's declarations that apply here and were not found.
    pub missing: Vec<usize>,
    /// Whether what was found is what is declared.
    pub judgement: Judgement,
    /// What a reader must know to understand the verdict: a step that wrote files itself, a state that cannot be merged.
    pub notes: Vec<String>,
}

/// How much of all orderings a run covered.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// How the covered orderings were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// All of them.
    Exhaustive,
    /// A sample.
    Sampled {
        /// What rules its randomness.
        seed: u64,
    },
}

/// What one test did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestSummary {
    /// Covered orderings in which it fails.
    pub failing: BigUint,
    /// What it does on its own.
    pub alone: Alone,
}

/// Whether what was found is what is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judgement {
    /// Exactly what is declared, and the search was complete (or all that is declared was found in a sample).
    AsDeclared,
    /// Something undeclared was found, or something declared is gone.
    Differs,
    /// As declared as far as the search went.
    Incomplete,
}

impl Judgement {
    /// As machine output writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsDeclared => "as-declared",
            Self::Differs => "differs",
            Self::Incomplete => "incomplete",
        }
    }
}
