//! The front door of the engine: one scenario, one interpreter, one clock in; a verdict, or why none could be had, out.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::interpreter::{Broken, Identity, Inspection, Outcome};
use crate::scenario::{Scenario, Step, Timestamps};
use crate::verdict::Verdict;
use crate::world::{Time, World};

/// How a run proceeds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Workers that explore at once.
    pub jobs: usize,
    /// States past which sampling takes over.
    pub max_states: u64,
    /// Real time past which sampling ends and the verdict is incomplete.
    pub max_time: Duration,
    /// What rules all randomness: samples and the audit.
    pub seed: u64,
    /// Whether equal states are explored once.
    pub merge: bool,
    /// Orderings to run again from a fresh interpreter and compare.
    pub audit: usize,
    /// How far findings are looked into.
    pub diagnose: Depth,
    /// Real time for trying a recommended remedy on the whole scenario.
    pub diagnose_time: Duration,
    /// Set from outside, by a signal handler: the run ends early, with what it has, marked incomplete.
    pub interrupted: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            jobs: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            max_states: 1_000_000,
            max_time: Duration::from_mins(5),
            seed: 0,
            merge: true,
            audit: 16,
            diagnose: Depth::Full,
            diagnose_time: Duration::from_secs(10),
            interrupted: Arc::default(),
        }
    }
}

/// How far findings are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Depth {
    /// Orderings are counted, nothing more.
    None,
    /// Findings with witness, neighbour and steps.
    Findings,
    /// Causes, remedies and probabilities too.
    Full,
}

/// What happens while a run is under way, for progress displays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// So many states are known and so many steps were performed.
    Explored {
        /// Distinct states so far.
        states: u64,
        /// Steps performed so far.
        transitions: u64,
    },
    /// Exploration is over; findings are being looked into.
    Diagnosing,
}

/// Why a scenario could not be judged on an interpreter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotJudged {
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
    /// The same ordering came out differently from a fresh interpreter: a defect of taster, or a step that is not
    /// deterministic.
    #[error("the audit of {ordering} came out differently: {difference}")]
    Audit {
        /// The ordering, as words of `--order`.
        ordering: String,
        /// What differed.
        difference: String,
    },
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] Broken),
}

/// One ordering, step by step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Replay {
    /// The interpreter that performed it.
    pub interpreter: Identity,
    /// The clock.
    pub timestamps: Timestamps,
    /// Setup steps first.
    pub steps: Vec<ReplayedStep>,
}

/// One step of a replayed ordering.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReplayedStep {
    /// The test, as an index; none for setup.
    pub test: Option<usize>,
    /// Its number in the test or in setup, from 1.
    pub number: usize,
    /// The step.
    pub step: Step,
    /// The virtual instant at which it began.
    pub began: Time,
    /// What it did.
    pub outcome: Outcome,
    /// What its code wrote to standard output and error.
    pub output: String,
    /// The world after it.
    pub world: World,
    /// The import system after it.
    pub inspection: Inspection,
}

/// Where a run tells its events.
pub type Report<'a> = &'a (dyn Fn(Event) + Sync);

/// Explores all orderings of `scenario` on the interpreter under one clock, looks into what fails, and compares it with what
/// the scenario declares. `report` is called from several threads.
///
/// # Errors
/// Where no verdict could be had.
pub fn run(
    scenario: &Scenario,
    installation: &crate::interpreter::Installation,
    timestamps: &Timestamps,
    options: &Options,
    report: Report<'_>,
) -> Result<Verdict, NotJudged> {
    let _ = (scenario, timestamps, options, report);
    Err(NotJudged::Interpreter(Broken::Refused {
        reason: format!("{} cannot be started yet", installation.identity.label),
    }))
}

/// Performs one ordering (test indices: one per step under `permute = "steps"`, one per test otherwise).
///
/// # Errors
/// Where the ordering could not be performed.
pub fn replay(
    scenario: &Scenario,
    installation: &crate::interpreter::Installation,
    timestamps: &Timestamps,
    ordering: &[usize],
) -> Result<Replay, NotJudged> {
    let _ = (scenario, timestamps, ordering);
    Err(NotJudged::Interpreter(Broken::Refused {
        reason: format!("{} cannot be started yet", installation.identity.label),
    }))
}
