//! How a run proceeds.

use std::time::Duration;

use crate::budget::Interruption;
use crate::explore::WorkerLimit;

/// As many audited orderings as some thousand steps allow, for [`RunOptions::audit`].
pub const AUDIT_BY_EFFORT: usize = usize::MAX;

/// How a run proceeds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOptions {
    /// Workers that explore at once.
    pub jobs: usize,
    /// The workers that other runs at the same time have a right to as well. Whoever starts the run has taken one for it; it takes
    /// and gives back more, as far as there are any.
    pub shared_workers: WorkerLimit,
    /// The number of states beyond which taster samples instead of exploring.
    pub max_states: u64,
    /// Real time past which the search ends and the verdict is incomplete. Diagnosing the findings has what is left of
    /// it, and at least a tenth of it, up to `diagnose_time`.
    pub max_time: Duration,
    /// The seed of all randomness: samples and the audit.
    pub seed: u64,
    /// Whether equal states are explored once.
    pub merge: bool,
    /// Orderings to run again from a fresh interpreter and compare; [`AUDIT_BY_EFFORT`] for as many as some thousand steps allow.
    pub audit: usize,
    /// Whether the model is asked for a second opinion on a real interpreter's verdict.
    pub second_opinion: bool,
    /// How far findings are diagnosed.
    pub diagnose: Diagnosis,
    /// Real time for trying a recommended remedy on the whole scenario.
    pub diagnose_time: Duration,
    /// Requested from outside, by a signal handler: the run ends early, with what it has, marked incomplete.
    pub interruption: Interruption,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            jobs: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            shared_workers: WorkerLimit::default(),
            max_states: 1_000_000,
            max_time: Duration::from_mins(5),
            seed: 0,
            merge: true,
            audit: AUDIT_BY_EFFORT,
            second_opinion: true,
            diagnose: Diagnosis::Full,
            diagnose_time: Duration::from_secs(10),
            interruption: Interruption::default(),
        }
    }
}

/// How far findings are diagnosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Diagnosis {
    /// Orderings are counted, nothing more.
    None,
    /// Findings with witness, neighbour and steps.
    Findings,
    /// Causes, remedies and probabilities too.
    Full,
}
