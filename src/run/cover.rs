//! Covers the orderings of a scenario: all of them where that can be, else a sample. [`Covered`] says which were covered and by
//! which method, and what that adds up to.

use num_bigint::BigUint;

use super::attempt::{Attempt, Manner};
use super::effects::{EffectsCover, by_effects, may_count};
use super::error::RunError;
use super::events::Phase;
use super::options::Diagnosis;
use crate::budget::StopReason;
use crate::explore::{ExploreError, Explorer, OrderingTally, Reach, WalkProgress, tally};
use crate::interpreter::NoOutcome;
use crate::layers::{self, CountLimits, LayersError, OrderingCounts};
use crate::ordering::{Sampler, covering_orders};
use crate::verdict::{Coverage, Method};

/// Steps that uniform sampling performs in all, beyond the orders that cover the pairs.
const SAMPLED_STEPS: usize = 50_000;

/// States past which the model counts layer by layer instead of keeping a graph.
const LAYERED: u64 = 2_000;

/// States past which, with as many orderings, walking on a real interpreter takes minutes: there the model counts, and the
/// interpreter confirms its effects.
const WALKABLE: u64 = 4_000;

/// States of a layer that weigh as much as one of a graph.
const LAYERED_STATES: u64 = 100;

/// What was covered, and by which method.
pub(super) enum Covered {
    /// The graph was walked through: all that there is can be read off it, or as much as there was time for.
    Walked {
        /// Why the walk is not complete, if it is not.
        stopped: Option<StopReason>,
    },
    /// The model counted all orderings, and the interpreter confirmed the effects of its steps.
    Effects(EffectsCover),
    /// Orderings were drawn and performed one by one.
    Sampled(SampledCover),
    /// The model counted all orderings layer by layer.
    Counted {
        counts: OrderingCounts,
        /// The orderings among which findings are sought, or `None` if none are.
        sample: Option<SampledCover>,
    },
}

/// Orderings that were performed one by one.
pub(super) struct SampledCover {
    /// By the test of each step; sorted, each once.
    pub(super) orderings: Vec<Vec<usize>>,
    /// Why it is smaller than it was meant to be, if it is.
    stopped: Option<StopReason>,
    /// Why the model could not count all orderings instead, if it was asked to.
    pub(super) not_counted: Option<String>,
}

/// Covers every ordering, or samples them where there are more states than the budget allows.
pub(super) fn cover(attempt: &mut Attempt<'_>) -> Result<Covered, RunError> {
    let options = attempt.setting.options;
    let at_least = attempt.states_at_least();
    let merges = attempt.manner == Manner::Merging;
    if attempt.is_on_model() && merges && (options.diagnose == Diagnosis::None || at_least > LAYERED) {
        match count(attempt) {
            // What the model cannot count layer by layer, it may still walk through.
            Err(RunError::Interpreter(NoOutcome::Refused { .. })) => {}
            counted => return counted,
        }
    }
    if at_least > options.max_states {
        return beyond_walking(attempt);
    }
    if at_least > WALKABLE
        && attempt.counter.total() > BigUint::from(WALKABLE)
        && may_count(attempt)
        && let Ok(effects) = by_effects(attempt)?
    {
        return Ok(Covered::Effects(effects));
    }
    match walk(attempt)? {
        Reach::Complete => Ok(Covered::Walked { stopped: None }),
        Reach::Stopped(StopReason::TooManyStates(_)) => {
            let graph = attempt.explorer.forget();
            let covered = beyond_walking(attempt)?;
            if covered.sample().is_none_or(|orderings| !orderings.is_empty()) {
                return Ok(covered);
            }
            // There was no time for another method: the graph until then is more than nothing.
            attempt.explorer.recall(graph);
            Ok(Covered::Walked { stopped: covered.stopped() })
        }
        Reach::Stopped(stopped) => Ok(Covered::Walked { stopped: Some(stopped) }),
    }
}

/// Confirms the effects that the model counts, or samples where it cannot count.
fn beyond_walking(attempt: &mut Attempt<'_>) -> Result<Covered, RunError> {
    if !may_count(attempt) {
        return Ok(Covered::Sampled(sample(attempt)?));
    }
    match by_effects(attempt)? {
        Ok(effects) => Ok(Covered::Effects(effects)),
        Err(reason) => {
            let not_counted = Some(reason);
            Ok(Covered::Sampled(SampledCover { not_counted, ..sample(attempt)? }))
        }
    }
}

/// Walks through all orderings.
fn walk(attempt: &mut Attempt<'_>) -> Result<Reach, RunError> {
    let setting = attempt.setting;
    let meter = |progress: WalkProgress| setting.announcer.walked(Phase::Exploring, progress);
    let (tests, jobs) = (attempt.tests(), attempt.jobs());
    let reach = attempt.explorer.cover(&tests, jobs, &setting.budget, &meter)?;
    meter(progress_of(&attempt.explorer));
    Ok(reach)
}

/// Counts every ordering layer by layer, on the model. A sample beside it is where findings are sought.
fn count(attempt: &mut Attempt<'_>) -> Result<Covered, RunError> {
    let setting = attempt.setting;
    let most = setting.options.max_states.saturating_mul(LAYERED_STATES);
    let others = attempt.more_workers();
    let limits = CountLimits { jobs: 1 + others.len(), budget: setting.budget.clone().with_states(most) };
    let (lab, version) = (setting.lab, attempt.explorer.identity().version);
    setting.announcer.phase(Phase::Counting);
    let counted = layers::count(lab.scenario(), lab.timestamps(), version, &limits);
    drop(others);
    let counts = match counted {
        Ok(counts) => counts,
        Err(LayersError::Setup { step, outcome }) => return Err(RunError::Setup { step, outcome }),
        Err(LayersError::Interpreter(problem)) => return Err(problem.into()),
        // There are too many to count, or the time is over: a sample is more than nothing.
        Err(_) => return Ok(Covered::Sampled(sample(attempt)?)),
    };
    let progress = WalkProgress { states: counts.states, transitions: counts.transitions };
    setting.announcer.walked(Phase::Counting, progress);
    let seeks = setting.options.diagnose != Diagnosis::None;
    let sample = if seeks { Some(sample(attempt)?) } else { None };
    Ok(Covered::Counted { counts, sample })
}

/// First orders that cover every ordered pair of tests as neighbours, then uniform ones.
fn sample(attempt: &mut Attempt<'_>) -> Result<SampledCover, RunError> {
    let setting = attempt.setting;
    let shape = attempt.explorer.shape().clone();
    let tests = attempt.tests();
    let rows = covering_orders(&shape, &tests).map(|order| shape.word_of(&order));
    let length: usize = shape.lengths.iter().sum();
    let mut sampler = Sampler::new(&attempt.counter, setting.options.seed);
    let uniform = std::iter::repeat_with(|| sampler.draw()).take(SAMPLED_STEPS / length.max(1));
    let mut orderings = Vec::new();
    for word in rows.chain(uniform) {
        if setting.budget.check().is_err() {
            break;
        }
        let steps = shape.steps_of(&word);
        match attempt.explorer.perform_remembered(&steps) {
            Err(ExploreError::Interpreter(NoOutcome::Interrupted)) => break,
            outcomes => drop(outcomes?),
        }
        orderings.push(steps);
        let phase = Phase::Sampling { orderings: orderings.len() };
        setting.announcer.walked(phase, progress_of(&attempt.explorer));
    }
    orderings.sort_unstable();
    orderings.dedup();
    Ok(SampledCover { orderings, stopped: setting.budget.check().err(), not_counted: None })
}

/// How far the explorer is.
fn progress_of(explorer: &Explorer<'_>) -> WalkProgress {
    WalkProgress { states: explorer.states(), transitions: explorer.transitions() }
}

impl Covered {
    /// The orderings that were performed one by one, or `None` if there are none beside a graph or counts.
    pub(super) fn sample(&self) -> Option<&Vec<Vec<usize>>> {
        match self {
            Self::Effects(effects) => Some(&effects.orderings),
            Self::Sampled(sample) | Self::Counted { sample: Some(sample), .. } => Some(&sample.orderings),
            Self::Walked { .. } | Self::Counted { sample: None, .. } => None,
        }
    }

    /// What was performed one by one, complete or not, or `None` if nothing was beside a graph or counts.
    pub(super) fn performed(&self) -> Option<Vec<Vec<usize>>> {
        let mut performed = self.sample()?.clone();
        if let Self::Effects(effects) = self {
            performed.extend_from_slice(&effects.beginnings);
        }
        Some(performed)
    }

    /// Why less was covered than was meant to be, or `None` if nothing is missing.
    pub(super) fn stopped(&self) -> Option<StopReason> {
        match self {
            Self::Walked { stopped } => *stopped,
            Self::Effects(effects) => effects.stopped,
            Self::Sampled(sample) | Self::Counted { sample: Some(sample), .. } => sample.stopped,
            Self::Counted { sample: None, .. } => None,
        }
    }

    /// Whether somebody interrupted it.
    pub(super) fn is_interrupted(&self) -> bool {
        self.stopped() == Some(StopReason::Interrupted)
    }

    /// Whether every ordering was walked through, so that all that there is can be read off the graph.
    pub(super) fn is_walked_to_the_end(&self) -> bool {
        matches!(self, Self::Walked { stopped: None })
    }

    /// Whether there are orderings to perform again.
    pub(super) fn can_be_audited(&self) -> bool {
        !matches!(self, Self::Counted { sample: None, .. })
    }

    /// Distinct states, and steps performed between them.
    pub(super) fn effort(&self, explorer: &Explorer<'_>) -> (u64, u64) {
        match self {
            Self::Effects(EffectsCover { counts, .. }) | Self::Counted { counts, .. } => {
                (counts.states, counts.transitions)
            }
            Self::Walked { .. } | Self::Sampled(_) => (explorer.states(), explorer.transitions()),
        }
    }

    /// Whether each test fails, and whether it passes, or `None` if the model did not count that.
    pub(super) fn fates(&self) -> Option<Vec<(bool, bool)>> {
        let counts = match self {
            Self::Counted { counts, .. } => counts,
            Self::Effects(effects) if effects.is_confirmed() => &effects.counts,
            _ => return None,
        };
        let fate = |&failing: &u128| (failing > 0, failing < counts.total);
        Some(counts.failing_by_test.iter().map(fate).collect())
    }

    /// How much was covered, and in how many of the covered orderings each test fails.
    pub(super) fn coverage(&self, attempt: &Attempt<'_>) -> (Coverage, Vec<BigUint>) {
        let total = attempt.counter.total();
        let (tally, method, cut_short) = match self {
            Self::Counted { counts, .. } => (tally_of_counts(counts), Method::Exhaustive, false),
            Self::Walked { stopped } => {
                let tally = tally(&attempt.explorer.graph(), attempt.explorer.shape());
                (tally, Method::Exhaustive, stopped.is_some())
            }
            Self::Effects(effects) if effects.is_confirmed() => {
                (tally_of_counts(&effects.counts), Method::Effects(effects.effects), false)
            }
            Self::Effects(effects) => {
                // What the model counted rests on effects that nobody has seen: only what was performed counts.
                let tally = tally_of_sample(&attempt.explorer, &effects.orderings);
                (tally, Method::Effects(effects.effects), true)
            }
            Self::Sampled(sample) => {
                let tally = tally_of_sample(&attempt.explorer, &sample.orderings);
                let seed = attempt.setting.options.seed;
                (tally, Method::Sampled { seed }, sample.stopped.is_some())
            }
        };
        let OrderingTally { covered, failing, failing_by_test } = tally;
        (Coverage { total, covered, failing, method, cut_short }, failing_by_test)
    }
}

fn tally_of_counts(counts: &OrderingCounts) -> OrderingTally {
    OrderingTally {
        covered: counts.total.into(),
        failing: counts.failing().into(),
        failing_by_test: counts.failing_by_test.iter().map(|&failing| failing.into()).collect(),
    }
}

/// Adds up orderings that were performed one by one, each of them once.
fn tally_of_sample(explorer: &Explorer<'_>, sample: &[Vec<usize>]) -> OrderingTally {
    let mut tally = OrderingTally::of_nothing(explorer.shape().tests());
    for steps in sample {
        let outcomes = explorer.known(steps).unwrap_or_default();
        let failed = steps.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_failure());
        tally.add(failed.map(|(&test, _)| test));
    }
    tally
}
