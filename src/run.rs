//! The front door of the engine: one scenario, one interpreter, one clock in; a verdict, or why none could be had, out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use num_bigint::BigUint;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::diagnose::{self, Explored, Findings, Inquiry};
use crate::explore::{
    Budget, Disagreement, ExploreError, Explorer, Met, Reach, Stage, Start, Tally, disagreement, lines,
    setup_lines, tally,
};
use crate::interpreter::{Broken, Identity, Inspection, Installation, Kind, Outcome, choose};
use crate::layers::{self, Counted, Halt, Limits};
use crate::ordering::{Counter, Sampler, Shape, Uncountable, covering_orders};
use crate::scenario::{Scenario, Step, Timestamps};
use crate::verdict::{Causes, Coverage, Judgement, Method, SecondOpinion, TestSummary, Verdict};
use crate::world::{Nanos, Time, World};

/// Steps that uniform sampling performs in all, beyond the orders that cover the pairs.
const SAMPLED_STEPS: usize = 50_000;

/// States at least, past which the model counts layer by layer instead of keeping a graph.
const LAYERED: u64 = 2_000;

/// States of a layer that weigh as much as one of a graph.
const LAYERED_STATES: u64 = 100;

/// What makes the audit's randomness another than the sample's under one seed.
const AUDIT_SEED: u64 = 0x5eed_a0d1;

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
            audit: 16,
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
    /// The same ordering came out differently from a fresh interpreter: a defect of taster, or a step that is not
    /// deterministic.
    #[error("the audit of {ordering} came out differently: {difference}")]
    Audit {
        /// The ordering, as words of `--order`.
        ordering: String,
        /// What differed.
        difference: String,
    },
    /// There are too many orderings even to count them.
    #[error(transparent)]
    Uncountable(#[from] Uncountable),
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] Broken),
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
/// the scenario declares. `report` is called from several threads.
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
    let began = Instant::now();
    meant_for(scenario, &installation.identity)?;
    let start = || choose::start(installation, scenario, timestamps);
    let explorer = Explorer::new(scenario, timestamps, options.merge, &start)?;
    let all: Vec<usize> = (0..scenario.tests.len()).collect();
    let counter = Counter::new(explorer.shape(), &all)?;
    let mut run = Run { options, explorer, counter, samples: None, counted: None, interrupted: false };
    run.explore(timestamps, report)?;
    let (coverage, failing_by_test) = run.coverage();
    let (states, transitions) = run.effort();
    let audited = run.audit()?;
    let seconds = began.elapsed().as_secs_f64();
    report(Event::Diagnosing);
    let diagnosed = run.diagnose(&start, timestamps.tick)?;
    let model = run.ask_model(timestamps)?;
    let tests = failing_by_test
        .into_iter()
        .zip(diagnosed.alone)
        .map(|(failing, alone)| TestSummary { failing, alone });
    let mut notes = run.notes(diagnosed.runs, &model);
    notes.extend(installation.confinement().map(str::to_owned));
    let complete = coverage.method == Method::Exhaustive && coverage.covered == coverage.total;
    let mut verdict = Verdict {
        scenario: scenario.clone(),
        interpreter: run.explorer.identity().clone(),
        timestamps: timestamps.clone(),
        notes,
        model,
        coverage,
        tests: tests.collect(),
        states,
        transitions,
        audited,
        runs: run.samples.as_ref().map_or(0, |samples| samples.len() as u64)
            + diagnosed.runs
            + run.explorer.rehearsals()
            + audited,
        seconds,
        diagnosis_seconds: began.elapsed().as_secs_f64() - seconds,
        findings: diagnosed.findings,
        missing: Vec::new(),
        judgement: Judgement::Incomplete,
    };
    if options.diagnose == Depth::None {
        verdict.judge_undiagnosed(complete);
    } else if options.interrupted.load(Ordering::Relaxed) {
        verdict.judge_undiagnosed(false);
    } else {
        let causes = if options.diagnose == Depth::Full { Causes::Sought } else { Causes::NotSought };
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

/// A run under way.
struct Run<'o, 's> {
    options: &'o Options,
    explorer: Explorer<'s>,
    counter: Counter,
    /// Orderings that were sampled, by the test of each step.
    samples: Option<Vec<Vec<usize>>>,
    /// What the model counted layer by layer.
    counted: Option<Counted>,
    interrupted: bool,
}

impl Run<'_, '_> {
    fn budget(&self) -> Budget {
        Budget {
            states: self.options.max_states,
            until: Instant::now().checked_add(self.options.max_time),
            interrupted: Arc::clone(&self.options.interrupted),
        }
    }

    /// Covers every ordering, or samples them where there are more states than the budget allows.
    fn explore(&mut self, timestamps: &Timestamps, report: Report<'_>) -> Result<(), NotJudged> {
        let shape = self.explorer.shape();
        let at_least = shape.states_at_least();
        let budget = self.budget();
        let counts_alone = self.options.diagnose == Depth::None;
        if self.explorer.identity().kind == Kind::Model
            && self.options.merge
            && (counts_alone || at_least > LAYERED)
        {
            return self.count(timestamps, &budget, report);
        }
        if at_least <= self.options.max_states {
            let meter =
                |met: Met| report(Event::Explored { states: met.states, transitions: met.transitions });
            let jobs = self.jobs();
            match self.explorer.cover(&self.all(), jobs, &budget, &meter)? {
                Reach::Complete => return Ok(()),
                Reach::Interrupted => {
                    self.interrupted = true;
                    return Ok(());
                }
                Reach::OverBudget => self.explorer.forget(),
            }
        }
        self.sample(&budget, report)
    }

    /// Workers that explore at once: the model is done with few states before a second one has begun.
    fn jobs(&self) -> usize {
        let small = self.explorer.shape().states_at_least() <= LAYERED;
        if small && self.explorer.identity().kind == Kind::Model { 1 } else { self.options.jobs }
    }

    /// Counts every ordering layer by layer, on the model. A sample beside it is where findings are sought.
    fn count(
        &mut self,
        timestamps: &Timestamps,
        budget: &Budget,
        report: Report<'_>,
    ) -> Result<(), NotJudged> {
        let limits = Limits {
            jobs: self.jobs(),
            max_states: self.options.max_states.saturating_mul(LAYERED_STATES),
            interrupted: Arc::clone(&self.options.interrupted),
        };
        let version = self.explorer.identity().version;
        match layers::count(self.explorer.scenario(), timestamps, version, &limits) {
            Ok(counted) => self.counted = Some(counted),
            Err(Halt::Setup { step, outcome }) => return Err(NotJudged::Setup { step, outcome }),
            Err(Halt::Interpreter(problem)) => return Err(problem.into()),
            Err(Halt::Interrupted) => self.interrupted = true,
            Err(Halt::Overflow | Halt::OverBudget(_)) => {}
        }
        if self.counted.is_some() && self.options.diagnose == Depth::None {
            return Ok(());
        }
        self.sample(budget, report)
    }

    /// Distinct states, and steps performed between them.
    fn effort(&self) -> (u64, u64) {
        match &self.counted {
            Some(counted) => (counted.states, counted.transitions),
            None => (self.explorer.states(), self.explorer.transitions()),
        }
    }

    /// First orders that cover every ordered pair of tests as neighbours, then uniform ones.
    fn sample(&mut self, budget: &Budget, report: Report<'_>) -> Result<(), NotJudged> {
        let shape = self.explorer.shape().clone();
        let all: Vec<usize> = (0..shape.tests()).collect();
        let rows = covering_orders(&shape, &all).into_iter().map(|order| shape.word_of(&order));
        let length: usize = shape.lengths.iter().sum();
        let mut sampler = Sampler::new(&self.counter, self.options.seed);
        let uniform = std::iter::repeat_with(|| sampler.draw()).take(SAMPLED_STEPS / length.max(1));
        let mut performed = Vec::new();
        for word in rows.chain(uniform) {
            if budget.is_over(0) {
                break;
            }
            let steps = shape.steps_of(&word);
            self.explorer.perform(&steps)?;
            report(Event::Explored {
                states: self.explorer.states(),
                transitions: self.explorer.transitions(),
            });
            performed.push(steps);
        }
        self.interrupted = budget.interrupted.load(Ordering::Relaxed);
        performed.sort_unstable();
        performed.dedup();
        self.samples = Some(performed);
        Ok(())
    }

    /// How much was covered, and in how many of the covered orderings each test fails.
    fn coverage(&self) -> (Coverage, Vec<BigUint>) {
        if let Some(counted) = &self.counted {
            let (covered, failing) = (counted.total.into(), counted.failing().into());
            let by_test = counted.failing_by_test.iter().map(|&failing| failing.into()).collect();
            return (
                Coverage { total: self.counter.total(), covered, failing, method: Method::Exhaustive },
                by_test,
            );
        }
        let (tally, method) = match &self.samples {
            None => (tally(&self.explorer.graph(), self.explorer.shape()), Method::Exhaustive),
            Some(samples) => (self.tally_of(samples), Method::Sampled { seed: self.options.seed }),
        };
        let Tally { covered, failing, failing_by_test } = tally;
        (Coverage { total: self.counter.total(), covered, failing, method }, failing_by_test)
    }

    /// Adds up orderings that were performed one by one, each of them once.
    fn tally_of(&self, samples: &[Vec<usize>]) -> Tally {
        let mut tally = Tally::of_nothing(self.explorer.shape().tests());
        for steps in samples {
            let outcomes = self.explorer.known(steps).unwrap_or_default();
            let failed = steps.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_failure());
            tally.add(failed.map(|(&test, _)| test));
        }
        tally
    }

    /// Performs a random sample of the covered orderings again, from a fresh interpreter and unmerged.
    fn audit(&self) -> Result<u64, NotJudged> {
        let unlisted = self.counted.is_some() && self.samples.is_none();
        if self.options.audit == 0 || self.interrupted || unlisted {
            return Ok(0);
        }
        let shape = self.explorer.shape();
        let orderings = self.to_audit();
        let afresh = self.explorer.perform_afresh(&orderings)?;
        for (steps, outcomes) in orderings.iter().zip(&afresh) {
            let known = self.explorer.known(steps).unwrap_or_default();
            let differs = known.iter().zip(outcomes).position(|(known, outcome)| known != outcome);
            if let Some(at) = differs {
                let names: Vec<&str> =
                    self.explorer.scenario().tests.iter().map(|test| test.name.as_str()).collect();
                let word = shape.word_from(steps);
                return Err(NotJudged::Audit {
                    ordering: word.iter().map(|&test| names[test]).collect::<Vec<_>>().join(","),
                    difference: format!(
                        "step {} came to `{}`, and afresh to `{}`",
                        at + 1,
                        known[at],
                        outcomes[at]
                    ),
                });
            }
        }
        Ok(orderings.len() as u64)
    }

    fn to_audit(&self) -> Vec<Vec<usize>> {
        let count = self.options.audit;
        let shape = self.explorer.shape();
        let seed = self.options.seed ^ AUDIT_SEED;
        let mut orderings: Vec<Vec<usize>> = match &self.samples {
            Some(samples) => samples.sample(&mut StdRng::seed_from_u64(seed), count).cloned().collect(),
            None if self.counter.total() <= BigUint::from(count) => {
                shape.words_of(&self.all()).map(|word| shape.steps_of(&word)).collect()
            }
            None => {
                let mut sampler = Sampler::new(&self.counter, seed);
                (0..count).map(|_| shape.steps_of(&sampler.draw())).collect()
            }
        };
        orderings.sort_unstable();
        orderings.dedup();
        orderings
    }

    fn all(&self) -> Vec<usize> {
        (0..self.explorer.shape().tests()).collect()
    }

    fn diagnose(&mut self, start: Start<'_>, tick: Nanos) -> Result<Findings, NotJudged> {
        if self.options.diagnose == Depth::None || self.interrupted {
            return Ok(Findings::none(self.explorer.shape().tests()));
        }
        let budget = self.budget();
        let samples = self.samples.clone();
        let fates = self.counted.as_ref().map(|counted| {
            let fate = |&failing: &u128| (failing > 0, failing < counted.total);
            counted.failing_by_test.iter().map(fate).collect()
        });
        let jobs = self.options.jobs;
        let explored =
            Explored { explorer: &mut self.explorer, samples, fates, jobs, budget: budget.clone() };
        let mut found = diagnose::findings(explored)?;
        if self.options.diagnose == Depth::Full {
            let trial_time = self.options.diagnose_time;
            let inquiry = Inquiry { start, tick, budget: &budget, trial_time };
            diagnose::look_into(&mut self.explorer, &mut found.findings, inquiry)?;
        }
        Ok(found)
    }

    /// Explores the same with the model of the same version, where there is one, and compares every step.
    fn ask_model(&self, timestamps: &Timestamps) -> Result<SecondOpinion, NotJudged> {
        let Identity { kind, version, .. } = *self.explorer.identity();
        let complete = self.samples.is_none() && !self.interrupted;
        if !self.options.second_opinion || kind != Kind::CPython || !complete {
            return Ok(SecondOpinion::NotAsked);
        }
        let scenario = self.explorer.scenario();
        let model = choose::built_in(version);
        let start = || choose::start(&model, scenario, timestamps);
        let explored = Explorer::new(scenario, timestamps, true, &start).and_then(|mut explorer| {
            let reach = explorer.cover(&self.all(), 1, &self.budget(), &|_| {})?;
            Ok((explorer, reach))
        });
        match explored {
            Ok((_, Reach::Interrupted | Reach::OverBudget)) => Ok(SecondOpinion::NotAsked),
            Err(ExploreError::Interpreter(Broken::Refused { reason })) => Ok(SecondOpinion::Refused(reason)),
            Err(ExploreError::Setup { step, outcome }) => {
                Ok(SecondOpinion::Refused(format!("setup step {step} comes to `{outcome}` there")))
            }
            Err(problem) => Err(problem.into()),
            Ok((explorer, Reach::Complete)) => Ok(disagreement(&self.explorer.graph(), &explorer.graph())
                .map_or(SecondOpinion::Agrees, SecondOpinion::Differs)),
        }
    }

    /// What a reader must know beside the figures.
    fn notes(&self, runs: u64, model: &SecondOpinion) -> Vec<String> {
        let scenario = self.explorer.scenario();
        let mut notes: Vec<String> = self
            .explorer
            .writers()
            .into_iter()
            .map(|(test, number)| {
                let name = &scenario.tests[test].name;
                format!(
                    "step {number} of `{name}` writes files itself: time stands still within a step, so what it \
                     imports of them is judged as on the coarsest clock"
                )
            })
            .collect();
        if self.explorer.graph().has_unmergeable() {
            notes
                .push("some states hold what cannot be compared faithfully: they were not merged".to_owned());
        }
        if let Some(samples) = &self.samples {
            let rehearsals = self.explorer.rehearsals();
            notes.push(format!(
                "{} orderings were performed, {runs} more to see what each test does alone and who interferes, \
                 and {rehearsals} to look into findings",
                samples.len()
            ));
            if self.explorer.scenario().tests.len() > diagnose::CLEANERS_SOUGHT_AMONG {
                notes.push("cleaners were not sought among so many tests".to_owned());
            }
        }
        if let SecondOpinion::Differs(Disagreement { steps, first, second, .. }) = model {
            let names: Vec<&str> = steps.iter().map(|&test| scenario.tests[test].name.as_str()).collect();
            let steps = names.join(", ");
            notes.push(format!(
                "a defect of taster: after the steps {steps} the model says `{second}` where the interpreter says `{first}`"
            ));
        }
        if self.interrupted {
            notes.push("interrupted: what follows is what was found until then".to_owned());
        }
        notes
    }
}
