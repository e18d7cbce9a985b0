//! The front door of the engine: one scenario, one interpreter, one clock in; a verdict, or why none could be had, out. How the
//! orderings are gone through is `search`, what guards merging `audit`, what a reader must know beside the figures `notes`.

mod audit;
mod notes;
mod search;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::diagnose::{self, Exploration, Findings, Inquiry};
use crate::explore::{ExploreError, Stage, Start, lines, setup_lines};
use crate::interpreter::{Identity, Inspection, Installation, NoOutcome, Outcome, choose};
use crate::note::Note;
use crate::ordering::{Shape, Uncountable};
use crate::scenario::{Scenario, Step, Timestamps};
use crate::verdict::{Causes, TestSummary, Verdict};
use crate::world::{Time, World};
use search::{Clock, Manner, Run};

/// As many audited orderings as some thousand steps allow, for [`Options::audit`].
pub const AUDIT_BY_EFFORT: usize = usize::MAX;

/// How a run proceeds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
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
            audit: AUDIT_BY_EFFORT,
            second_opinion: true,
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
    /// There are too many orderings even to count them.
    #[error(transparent)]
    Uncountable(#[from] Uncountable),
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

impl From<ExploreError> for NotJudged {
    fn from(problem: ExploreError) -> Self {
        match problem {
            ExploreError::Setup { step, outcome } => Self::Setup { step, outcome },
            ExploreError::Interpreter(problem) => Self::Interpreter(problem),
        }
    }
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
/// the scenario declares. Where orderings that are performed again show that states which differ were taken for one, all is
/// explored once more without merging. `report` is called from several threads.
///
/// # Errors
/// Where no verdict could be had.
pub fn run(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    options: &Options,
    report: Report<'_>,
) -> Result<Verdict, NotJudged> {
    meant_for(scenario, &installation.identity)?;
    let start = || choose::start(installation, scenario, timestamps);
    let setting = Setting { scenario, installation, timestamps, options, report, start: &start };
    let clock = Clock::begin(options);
    let mut manner = if options.merge { Manner::Merging } else { Manner::Unmerged };
    loop {
        match attempt(setting, manner, clock)? {
            Attempt::Judged(verdict) => return Ok(*verdict),
            Attempt::Misled => manner = manner.stricter(),
        }
    }
}

/// What is judged, and how.
#[derive(Clone, Copy)]
struct Setting<'s> {
    scenario: &'s Scenario,
    installation: &'s Installation,
    timestamps: &'s Timestamps,
    options: &'s Options,
    report: Report<'s>,
    start: Start<'s>,
}

/// What one exploration came to.
enum Attempt {
    Judged(Box<Verdict>),
    /// It took states for one that differ, and there is time to explore again.
    Misled,
}

/// Explores in one manner, audits, and looks into what fails.
fn attempt(setting: Setting<'_>, manner: Manner, clock: Clock) -> Result<Attempt, NotJudged> {
    let mut run = Run::new(setting, manner, clock)?;
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
fn diagnose(run: &mut Run<'_>) -> Result<Findings, NotJudged> {
    let options = run.setting.options;
    let mut found = Findings::none(run.explorer.shape().tests());
    if options.diagnose != Depth::None && !run.interrupted {
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
        if options.diagnose == Depth::Full && !run.must_begin_again() {
            let trial_time = options.diagnose_time;
            let tick = run.setting.timestamps.tick;
            let inquiry = Inquiry { start: run.setting.start, tick, budget: &budget, trial_time };
            diagnose::look_into(&mut run.explorer, &mut found.findings, inquiry)?;
        }
    }
    found.findings.extend(run.unsteady.iter().map(audit::Unsteady::finding));
    Ok(found)
}

/// The verdict, compared with what the scenario declares.
fn judged(run: &Run<'_>, diagnosed: Findings, seconds: f64) -> Result<Verdict, NotJudged> {
    let options = run.setting.options;
    let (coverage, failing_by_test) = run.coverage();
    let (states, transitions) = run.effort();
    let model = run.ask_model()?;
    let tests = failing_by_test
        .into_iter()
        .zip(diagnosed.alone)
        .map(|(failing, alone)| TestSummary { failing, alone });
    let mut notes = run.notes(diagnosed.runs, &coverage, &model);
    notes.extend(run.setting.installation.confinement().map(Note::Confinement));
    let complete = coverage.is_complete() && !run.misled;
    let audited = run.audit.orderings;
    let (scenario, timestamps) = (run.setting.scenario.clone(), run.setting.timestamps.clone());
    let mut verdict = Verdict::new(scenario, run.explorer.identity().clone(), timestamps, coverage);
    (verdict.notes, verdict.model, verdict.tests) = (notes, model, tests.collect());
    (verdict.states, verdict.transitions) = (states, transitions);
    (verdict.audited, verdict.audit) = (audited, run.audit);
    verdict.runs = run.samples.as_ref().map_or(0, |samples| samples.len() as u64)
        + diagnosed.runs
        + run.explorer.rehearsals()
        + audited;
    (verdict.seconds, verdict.diagnosis_seconds) = (seconds, run.clock.seconds() - seconds);
    verdict.findings = diagnosed.findings;
    let causes = if options.diagnose == Depth::Full { Causes::Sought } else { Causes::NotSought };
    if options.diagnose == Depth::None {
        verdict.judge_undiagnosed(complete);
    } else if options.interrupted.load(Ordering::Relaxed) {
        verdict.judge_undiagnosed(false);
    } else if diagnosed.cut_short {
        verdict.judge_cut_short(causes);
    } else {
        verdict.judge(complete, causes);
    }
    Ok(verdict)
}

/// Performs one ordering (test indices: one per step under `permute = "steps"`, one per test otherwise).
///
/// # Errors
/// Where the ordering could not be performed.
pub fn replay(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    ordering: &[usize],
) -> Result<Replay, NotJudged> {
    meant_for(scenario, &installation.identity)?;
    let mut stage = Stage::new(scenario, choose::start(installation, scenario, timestamps)?);
    let interpreter = stage.identity().clone();
    let mut script = setup_lines(scenario);
    script.extend(lines(scenario, &Shape::of(scenario).steps_of(ordering)));
    let mut steps = Vec::with_capacity(script.len());
    stage.watch(&World::new(timestamps.tick), &script, &mut |line, performed, interpreter| {
        steps.push(ReplayedStep {
            test: line.test,
            number: line.number,
            step: line.step.clone(),
            began: performed.began,
            outcome: performed.outcome.clone(),
            output: performed.output.clone(),
            world: performed.world.clone(),
            inspection: interpreter.inspect()?,
        });
        Ok(())
    })?;
    Ok(Replay { interpreter, timestamps: timestamps.clone(), steps })
}

/// Whether the scenario is meant for this interpreter.
fn meant_for(scenario: &Scenario, identity: &Identity) -> Result<(), NotJudged> {
    match &scenario.python {
        Some(specifier) if !specifier.contains(&identity.version) => Err(NotJudged::OtherVersion {
            interpreter: identity.label.clone(),
            specifier: specifier.to_string(),
        }),
        _ => Ok(()),
    }
}
