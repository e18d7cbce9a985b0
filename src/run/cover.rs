//! How the orderings of a scenario are gone through: all of them where that can be, else a sample; and what that adds up to.

use std::time::Instant;

use num_bigint::BigUint;

use super::audit::Unsteady;
use super::{Diagnosis, Event, RunError, RunOptions, Setting};
use crate::budget::{Budget, Stopped};
use crate::explore::{ExploreError, Explorer, OrderingTally, Reach, WalkProgress, disagreement, tally};
use crate::interpreter::{Identity, Kind, NoOutcome, choose};
use crate::layers::{self, CountLimits, LayersError, OrderingCounts};
use crate::ordering::{Counter, Sampler, covering_orders};
use crate::verdict::{Audit, Coverage, Method, SecondOpinion};

/// Steps that uniform sampling performs in all, beyond the orders that cover the pairs.
const SAMPLED_STEPS: usize = 50_000;

/// States at least, past which the model counts layer by layer instead of keeping a graph.
const LAYERED: u64 = 2_000;

/// States of a layer that weigh as much as one of a graph.
const LAYERED_STATES: u64 = 100;

/// Of the time of a search, what looking into its findings has at least: one part of so many.
const SHARE: u32 = 10;

/// What is taken for one while orderings are explored; each takes less for granted than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// States that are equal as far as can be seen.
    Merging,
    /// Nothing; orderings that begin alike share their beginning.
    Unmerged,
    /// Nothing; every ordering has an interpreter of its own.
    Afresh,
}

impl Manner {
    pub(super) const fn stricter(self) -> Self {
        match self {
            Self::Merging => Self::Unmerged,
            Self::Unmerged | Self::Afresh => Self::Afresh,
        }
    }
}

/// When a run began, and when its search must be over.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    began: Instant,
    pub(super) budget: Budget,
}

impl Clock {
    pub(super) fn begin(options: &RunOptions) -> Self {
        let budget = Budget::of(options.interruption.clone());
        let budget = budget.with_states(options.max_states).with_time(options.max_time);
        Self { began: Instant::now(), budget }
    }

    /// Real seconds since the run began.
    pub(super) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// The budget of what comes after the search: what that has left, and at least a share of the whole.
    pub(super) fn afterwards(&self, options: &RunOptions) -> Budget {
        self.budget.clone().with_at_least(options.diagnose_time.min(options.max_time / SHARE))
    }
}

/// A run under way.
pub(super) struct Run<'s> {
    pub(super) setting: Setting<'s>,
    pub(super) manner: Manner,
    pub(super) clock: Clock,
    pub(super) explorer: Explorer<'s>,
    pub(super) counter: Counter,
    /// Orderings that were sampled, by the test of each step.
    pub(super) samples: Option<Vec<Vec<usize>>>,
    /// What the model counted layer by layer.
    pub(super) counted: Option<OrderingCounts>,
    pub(super) interrupted: bool,
    /// Whether the time was over before all orderings were covered.
    pub(super) cut_short: bool,
    pub(super) audit: Audit,
    /// Steps whose outcome is not fixed.
    pub(super) unsteady: Vec<Unsteady>,
    /// Whether fresh performances agree with one another and not with what was explored.
    pub(super) misled: bool,
}

impl<'s> Run<'s> {
    pub(super) fn new(setting: Setting<'s>, manner: Manner, clock: Clock) -> Result<Self, RunError> {
        let merges = manner == Manner::Merging;
        let mut explorer = Explorer::new(setting.lab, merges)?;
        if manner == Manner::Afresh {
            explorer = explorer.afresh();
        }
        let all: Vec<usize> = (0..explorer.shape().tests()).collect();
        let counter = Counter::new(explorer.shape(), &all)?;
        Ok(Self {
            setting,
            manner,
            clock,
            explorer,
            counter,
            samples: None,
            counted: None,
            interrupted: false,
            cut_short: false,
            audit: Audit::default(),
            unsteady: Vec::new(),
            misled: false,
        })
    }

    /// Covers every ordering, or samples them where there are more states than the budget allows.
    pub(super) fn explore(&mut self) -> Result<(), RunError> {
        let options = self.setting.options;
        let at_least = self.states_at_least();
        let budget = self.clock.budget.clone();
        self.explorer.limit(&budget);
        let counts_alone = options.diagnose == Diagnosis::None;
        if self.explorer.identity().kind == Kind::Model
            && self.manner == Manner::Merging
            && options.merge
            && (counts_alone || at_least > LAYERED)
        {
            return self.count(&budget);
        }
        if at_least > options.max_states {
            return self.sample(&budget);
        }
        let report = self.setting.report;
        let meter =
            |met: WalkProgress| report(Event::Explored { states: met.states, transitions: met.transitions });
        let jobs = self.jobs();
        match self.explorer.cover(&self.all(), jobs, &budget, &meter)? {
            Reach::Complete => Ok(()),
            Reach::Stopped(Stopped::Interrupted) => {
                self.interrupted = true;
                Ok(())
            }
            Reach::Stopped(Stopped::OutOfTime) => {
                self.cut_short = true;
                Ok(())
            }
            Reach::Stopped(Stopped::TooManyStates(_)) => {
                let met = self.explorer.forget();
                self.sample(&budget)?;
                if self.samples.as_ref().is_some_and(Vec::is_empty) {
                    // There was no time for a sample: what was met until then is more than nothing.
                    self.explorer.recall(met);
                    (self.samples, self.cut_short) = (None, true);
                }
                Ok(())
            }
        }
    }

    /// A number of states that no exploration in this manner can stay below.
    fn states_at_least(&self) -> u64 {
        let merged = self.explorer.shape().states_at_least();
        match self.manner {
            Manner::Merging => merged,
            Manner::Unmerged | Manner::Afresh => {
                merged.max(u64::try_from(self.counter.total()).unwrap_or(u64::MAX))
            }
        }
    }

    /// Workers that explore at once: the model is done with few states before a second one has begun.
    fn jobs(&self) -> usize {
        let small = self.explorer.shape().states_at_least() <= LAYERED;
        if small && self.explorer.identity().kind == Kind::Model { 1 } else { self.setting.options.jobs }
    }

    /// Counts every ordering layer by layer, on the model. A sample beside it is where findings are sought.
    fn count(&mut self, budget: &Budget) -> Result<(), RunError> {
        let options = self.setting.options;
        let limits = CountLimits {
            jobs: self.jobs(),
            budget: budget.clone().with_states(options.max_states.saturating_mul(LAYERED_STATES)),
        };
        let version = self.explorer.identity().version;
        match layers::count(self.explorer.scenario(), self.setting.lab.timestamps(), version, &limits) {
            Ok(counted) => self.counted = Some(counted),
            Err(LayersError::Setup { step, outcome }) => return Err(RunError::Setup { step, outcome }),
            Err(LayersError::Interpreter(problem)) => return Err(problem.into()),
            Err(LayersError::Stopped(Stopped::Interrupted)) => self.interrupted = true,
            Err(LayersError::Overflow | LayersError::Stopped(_)) => {}
        }
        if self.counted.is_some() && options.diagnose == Diagnosis::None {
            return Ok(());
        }
        self.sample(budget)
    }

    /// First orders that cover every ordered pair of tests as neighbours, then uniform ones.
    fn sample(&mut self, budget: &Budget) -> Result<(), RunError> {
        let shape = self.explorer.shape().clone();
        let all: Vec<usize> = (0..shape.tests()).collect();
        let rows = covering_orders(&shape, &all).map(|order| shape.word_of(&order));
        let length: usize = shape.lengths.iter().sum();
        let mut sampler = Sampler::new(&self.counter, self.setting.options.seed);
        let uniform = std::iter::repeat_with(|| sampler.draw()).take(SAMPLED_STEPS / length.max(1));
        let mut performed = Vec::new();
        for word in rows.chain(uniform) {
            if budget.check().is_err() {
                break;
            }
            let steps = shape.steps_of(&word);
            match self.explorer.perform_remembered(&steps) {
                Err(ExploreError::Interpreter(NoOutcome::Interrupted)) => break,
                outcomes => drop(outcomes?),
            }
            let (states, transitions) = (self.explorer.states(), self.explorer.transitions());
            (self.setting.report)(Event::Explored { states, transitions });
            performed.push(steps);
        }
        let stopped = budget.check().err();
        self.interrupted = stopped == Some(Stopped::Interrupted);
        self.cut_short = stopped.is_some();
        performed.sort_unstable();
        performed.dedup();
        self.samples = Some(performed);
        Ok(())
    }

    /// Distinct states, and steps performed between them.
    pub(super) fn effort(&self) -> (u64, u64) {
        match &self.counted {
            Some(counted) => (counted.states, counted.transitions),
            None => (self.explorer.states(), self.explorer.transitions()),
        }
    }

    /// How much was covered, and in how many of the covered orderings each test fails.
    pub(super) fn coverage(&self) -> (Coverage, Vec<BigUint>) {
        let total = self.counter.total();
        if let Some(counted) = &self.counted {
            let (covered, failing) = (counted.total.into(), counted.failing().into());
            let by_test = counted.failing_by_test.iter().map(|&failing| failing.into()).collect();
            let method = Method::Exhaustive;
            return (Coverage { total, covered, failing, method, cut_short: false }, by_test);
        }
        let (tally, method) = match &self.samples {
            None => (tally(&self.explorer.graph(), self.explorer.shape()), Method::Exhaustive),
            Some(samples) => (self.tally_of(samples), Method::Sampled { seed: self.setting.options.seed }),
        };
        let OrderingTally { covered, failing, failing_by_test } = tally;
        let cut_short = self.cut_short || self.interrupted;
        (Coverage { total, covered, failing, method, cut_short }, failing_by_test)
    }

    /// Adds up orderings that were performed one by one, each of them once.
    fn tally_of(&self, samples: &[Vec<usize>]) -> OrderingTally {
        let mut tally = OrderingTally::of_nothing(self.explorer.shape().tests());
        for steps in samples {
            let outcomes = self.explorer.known(steps).unwrap_or_default();
            let failed = steps.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_failure());
            tally.add(failed.map(|(&test, _)| test));
        }
        tally
    }

    /// Whether each test fails, and whether it passes, where the model counted that.
    pub(super) fn fates(&self) -> Option<Vec<(bool, bool)>> {
        let counted = self.counted.as_ref()?;
        let fate = |&failing: &u128| (failing > 0, failing < counted.total);
        Some(counted.failing_by_test.iter().map(fate).collect())
    }

    /// Whether every ordering was walked through, so that all that there is can be read off the graph.
    pub(super) fn is_walked_to_the_end(&self) -> bool {
        self.samples.is_none() && !self.cut_short && !self.interrupted
    }

    /// Whether what was explored is not what fresh interpreters do, and there is another manner and time to explore in it.
    pub(super) fn must_begin_again(&self) -> bool {
        let stopped = self.interrupted || self.clock.budget.check().is_err();
        self.misled && self.manner != Manner::Afresh && !stopped
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.explorer.shape().tests()).collect()
    }

    /// Explores the same with the model of the same version, where there is one, and compares every step.
    pub(super) fn ask_model(&self) -> Result<SecondOpinion, RunError> {
        let Setting { lab, options, .. } = self.setting;
        let Identity { kind, version, .. } = *self.explorer.identity();
        let fixed = self.unsteady.is_empty() && !self.misled;
        let asks = options.second_opinion && kind == Kind::CPython && fixed;
        if !asks || !self.is_walked_to_the_end() {
            return Ok(SecondOpinion::NotAsked);
        }
        let model = choose::built_in(version);
        let explored = Explorer::new(lab.with_installation(&model), true).and_then(|mut explorer| {
            let budget = self.clock.afterwards(options);
            let reach = explorer.cover(&self.all(), 1, &budget, &|_| {})?;
            Ok((explorer, reach))
        });
        match explored {
            Ok((_, Reach::Stopped(_))) => Ok(SecondOpinion::NotAsked),
            Err(ExploreError::Interpreter(NoOutcome::Refused { reason })) => {
                Ok(SecondOpinion::Refused(reason))
            }
            Err(ExploreError::Setup { step, outcome }) => {
                Ok(SecondOpinion::Refused(format!("setup step {step} comes to `{outcome}` there")))
            }
            Err(problem) => Err(problem.into()),
            Ok((explorer, Reach::Complete)) => Ok(disagreement(&self.explorer.graph(), &explorer.graph())
                .map_or(SecondOpinion::Agrees, SecondOpinion::Differs)),
        }
    }
}
