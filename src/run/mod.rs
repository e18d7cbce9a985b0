//! The front door of the engine: one scenario, one interpreter, one clock in; a verdict, or why none could be had, out. How the
//! orderings are gone through is `cover`, what guards merging `audit`, what a reader must know beside the figures `notes`.

mod audit;
mod cover;
mod everywhere;
mod notes;

pub use everywhere::{RunPlace, everywhere};

use std::time::Duration;

use crate::budget::Interruption;
use crate::diagnose::{self, Exploration, Findings, Inquiry};
use crate::explore::{ExploreError, Lab};
use crate::interpreter::{Identity, Installation, NoOutcome, Outcome};
use crate::note::Note;
use crate::ordering::CounterError;
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::{Causes, TestSummary, Verdict};
use cover::{Clock, Manner, Run};

/// As many audited orderings as some thousand steps allow, for [`RunOptions::audit`].
pub const AUDIT_BY_EFFORT: usize = usize::MAX;

/// How a run proceeds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOptions {
    /// Workers that explore at once.
    pub jobs: usize,
    /// States past which sampling takes over.
    pub max_states: u64,
    /// Real time past which the search ends and the verdict is incomplete. What is found is looked into in what is left of
    /// it, and at least in a tenth of it, up to `diagnose_time`.
    pub max_time: Duration,
    /// What rules all randomness: samples and the audit.
    pub seed: u64,
    /// Whether equal states are explored once.
    pub merge: bool,
    /// Orderings to run again from a fresh interpreter and compare; [`AUDIT_BY_EFFORT`] for as many as some thousand steps allow.
    pub audit: usize,
    /// Whether the model is asked for a second opinion on a real interpreter's verdict.
    pub second_opinion: bool,
    /// How far findings are looked into.
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

/// How far findings are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Diagnosis {
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

/// Where a run tells its events.
pub type Watcher<'a> = &'a (dyn Fn(Event) + Sync);

/// Explores all orderings of `scenario` on the interpreter under one clock, looks into what fails, and compares it with what
/// the scenario declares. Where orderings that are performed again show that states which differ were taken for one, all is
/// explored once more without merging. `report` is called from several threads.
///
/// # Errors
/// Where no verdict could be had.
pub fn run(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    options: &RunOptions,
    report: Watcher<'_>,
) -> Result<Verdict, RunError> {
    meant_for(scenario, &installation.identity)?;
    let setting = Setting { lab: Lab::new(scenario, installation, timestamps), options, report };
    let clock = Clock::begin(options);
    let mut manner = if options.merge { Manner::Merging } else { Manner::Unmerged };
    loop {
        match attempt(setting, manner, &clock)? {
            Attempt::Judged(verdict) => return Ok(*verdict),
            Attempt::Misled => manner = manner.stricter(),
        }
    }
}

/// What is judged, and how.
#[derive(Clone, Copy)]
struct Setting<'s> {
    lab: Lab<'s>,
    options: &'s RunOptions,
    report: Watcher<'s>,
}

/// What one exploration came to.
enum Attempt {
    Judged(Box<Verdict>),
    /// It took states for one that differ, and there is time to explore again.
    Misled,
}

/// Explores in one manner, audits, and looks into what fails.
fn attempt(setting: Setting<'_>, manner: Manner, clock: &Clock) -> Result<Attempt, RunError> {
    let mut run = Run::new(setting, manner, clock.clone())?;
    run.explore()?;
    run.audit()?;
    if run.must_begin_again() {
        return Ok(Attempt::Misled);
    }
    let seconds = clock.seconds();
    (setting.report)(Event::Diagnosing);
    let diagnosed = diagnose(&mut run)?;
    if run.must_begin_again() {
        return Ok(Attempt::Misled);
    }
    Ok(Attempt::Judged(Box::new(judged(&run, diagnosed, seconds)?)))
}

/// Seeks findings, performs again what they rest on, and looks into those that stand.
fn diagnose(run: &mut Run<'_>) -> Result<Findings, RunError> {
    let options = run.setting.options;
    let mut found = Findings::none(run.explorer.shape().tests());
    if options.diagnose != Diagnosis::None && !run.interrupted {
        let budget = run.clock.afterwards(options);
        run.explorer.limit(&budget);
        let (samples, fates) = (run.samples.clone(), run.fates());
        let (complete, unsteady) = (run.is_walked_to_the_end(), run.unsteady_tests());
        let explorer = &mut run.explorer;
        let exploration =
            Exploration { explorer, samples, complete, unsteady, fates, budget: budget.clone() };
        found = diagnose::findings(exploration)?;
        run.confirm(&found.findings, &budget)?;
        let unsteady = run.unsteady_tests();
        found.findings.retain(|finding| !unsteady.contains(&finding.test));
        if options.diagnose == Diagnosis::Full && !run.must_begin_again() {
            let inquiry = Inquiry { budget: &budget, trial_time: options.diagnose_time };
            diagnose::look_into(&mut run.explorer, &mut found.findings, inquiry)?;
        }
    }
    found.findings.extend(run.unsteady.iter().map(audit::Unsteady::finding));
    Ok(found)
}

/// The verdict, compared with what the scenario declares.
fn judged(run: &Run<'_>, diagnosed: Findings, seconds: f64) -> Result<Verdict, RunError> {
    let options = run.setting.options;
    let (coverage, failing_by_test) = run.coverage();
    let (states, transitions) = run.effort();
    let model = run.ask_model()?;
    let tests = failing_by_test
        .into_iter()
        .zip(diagnosed.alone)
        .map(|(failing, alone)| TestSummary { failing, alone });
    let mut notes = run.notes(diagnosed.runs, &coverage, &model);
    notes.extend(run.setting.lab.confinement().map(Note::Confinement));
    let complete = coverage.is_complete() && !run.misled;
    let audited = run.audit.orderings;
    let (scenario, timestamps) = (run.setting.lab.scenario().clone(), run.setting.lab.timestamps().clone());
    let mut verdict = Verdict::new(scenario, run.explorer.identity().clone(), timestamps, coverage);
    (verdict.notes, verdict.model, verdict.tests) = (notes, model, tests.collect());
    (verdict.states, verdict.transitions) = (states, transitions);
    (verdict.audited, verdict.audit) = (audited, run.audit);
    verdict.runs = run.samples.as_ref().map_or(0, |samples| samples.len() as u64)
        + diagnosed.runs
        + run.explorer.scripts_performed()
        + audited;
    (verdict.seconds, verdict.diagnosis_seconds) = (seconds, run.clock.seconds() - seconds);
    verdict.findings = diagnosed.findings;
    let causes = if options.diagnose == Diagnosis::Full { Causes::Sought } else { Causes::NotSought };
    if options.diagnose == Diagnosis::None {
        verdict.judge_undiagnosed(complete);
    } else if options.interruption.is_requested() {
        verdict.judge_undiagnosed(false);
    } else if diagnosed.cut_short {
        verdict.judge_cut_short(causes);
    } else {
        verdict.judge(complete, causes);
    }
    Ok(verdict)
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
