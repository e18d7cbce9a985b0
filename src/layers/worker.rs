//! One worker's part of a layer: every state of its shard, every possible next step, and the resulting state.

mod follow;
mod learn;
mod time;

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::completions::Completions;
use super::decision_tree::DecisionTrees;
use super::effect::ClockStep;
use super::error::{LayersError, WorkerError};
use super::evaluator::Evaluator;
use super::exchange::Sink;
use super::meter::Meter;
use super::packing::PackedKey;
use super::plan::{CountPlan, Layout};
use super::table::{Number, StateTable, Ways, sum};
use super::trail::Trail;
use super::uses::FirstUses;
use crate::world::Time;

/// After this many states a worker checks whether to continue, and receives what others sent.
const SETTLE: usize = 512;

/// The sums of a worker over one layer.
#[derive(Debug, Clone, Default)]
pub(super) struct WorkerFigures {
    pub(super) transitions: u64,
    /// The orderings in which each test fails in this layer.
    pub(super) failing: Vec<u128>,
    /// The orderings that end here, in all and without a failed test.
    pub(super) ended: Ways<u128>,
}

/// The data that a worker keeps from layer to layer.
#[derive(Debug)]
pub(super) struct Worker<'a, const W: usize> {
    plan: &'a CountPlan<'a>,
    layout: &'a Layout,
    meter: &'a Meter,
    layer: LayerFacts,
    tally: WorkerFigures,
    uses: FirstUses,
    trees: DecisionTrees<W>,
    completions: Completions<'a>,
    /// The index of the current state's progress.
    index: u128,
    /// By whether a second passes too, by place, by number.
    aged: [Vec<Vec<u32>>; 2],
    /// The instants of the clock's numbers.
    instants: Vec<Time>,
    /// The clock's numbers by instant.
    ticking: HashMap<u64, u32, FxBuildHasher>,
}

/// The constants of a layer.
#[derive(Debug, Clone, Copy, Default)]
struct LayerFacts {
    /// The number of finished steps.
    depth: usize,
    /// Whether it has the last step.
    last: bool,
    /// Whether no content is of the current tick.
    calm: bool,
    /// How time passes, if that is the same for all steps.
    time: Option<StepTime>,
}

/// The progress of a test, and whether it has failed.
#[derive(Debug, Clone, Copy, Default)]
struct TestProgress {
    test: usize,
    step: usize,
    failed: bool,
}

/// The result of a step before time passes.
#[derive(Debug, Clone, Copy)]
struct StepOnKey<const W: usize> {
    after: PackedKey<W>,
    fails: bool,
    dropped: bool,
    /// Which of the distinct effects it was, or `None` if the step was skipped.
    distinct: Option<u32>,
}

/// How time passes in a step.
#[derive(Debug, Clone, Copy)]
struct StepTime {
    now: Time,
    later: Time,
    clock_step: ClockStep,
}

impl<'a, const W: usize> Worker<'a, W> {
    pub(super) fn new(
        plan: &'a CountPlan<'a>,
        layout: &'a Layout,
        meter: &'a Meter,
    ) -> Result<Self, LayersError> {
        let completions = Completions::new(&plan.shape).ok_or(LayersError::Overflow)?;
        Ok(Self {
            plan,
            layout,
            meter,
            layer: LayerFacts::default(),
            tally: WorkerFigures::default(),
            uses: FirstUses::default(),
            trees: DecisionTrees::new(plan.depth * VARIANTS),
            completions,
            index: 0,
            aged: [Vec::new(), Vec::new()],
            instants: Vec::new(),
            ticking: HashMap::default(),
        })
    }

    /// Walks from every state of a shard and puts the results into the sink.
    pub(super) fn layer<N: Number>(
        &mut self,
        shard: &StateTable<W, N>,
        depth: usize,
        sink: &mut impl Sink<W, N>,
    ) -> Result<WorkerFigures, WorkerError> {
        let Self { plan, layout, meter, .. } = *self;
        self.tally = WorkerFigures { failing: vec![0; plan.shape.tests()], ..WorkerFigures::default() };
        self.enter(depth);
        let mut progress = vec![TestProgress::default(); plan.shape.tests()];
        let mut done = vec![0; plan.shape.tests()];
        for (at, (key, ways)) in shard.iter().enumerate() {
            if at % SETTLE == 0 {
                meter.check(plan.limits, sink.settle()?)?;
            }
            self.index = 0;
            for (test, progress) in progress.iter_mut().enumerate() {
                let number = layout.packing.number(key, test) as usize;
                *progress = TestProgress { test, step: number / 2, failed: number % 2 == 1 };
                done[test] = number / 2;
                self.index += self.completions.index(test, number / 2);
            }
            for progress in &progress {
                if plan.may_go_on(progress.test, &done)
                    && let Some((key, ways)) = self.transition(key, *ways, *progress, &mut done)?
                {
                    sink.take(key, ways)?;
                }
            }
        }
        Ok(std::mem::take(&mut self.tally))
    }

    /// Begins a layer.
    fn enter(&mut self, depth: usize) {
        let plan = self.plan;
        let (last, calm) = (depth + 1 == plan.depth, self.is_calm(depth));
        let now = || self.time_from(plan.instant(depth), plan.step_time);
        self.layer = LayerFacts { depth, last, calm, time: self.layout.clock.is_none().then(now) };
    }

    /// Where the effects that this worker met are used first.
    pub(super) fn into_uses(self) -> FirstUses {
        self.uses
    }

    /// Performs a test's next step and returns the resulting state, unless the ordering ends.
    #[inline]
    fn transition<N: Number>(
        &mut self,
        key: &PackedKey<W>,
        mut ways: Ways<N>,
        at: TestProgress,
        done: &mut [usize],
    ) -> Result<Option<(PackedKey<W>, Ways<N>)>, WorkerError> {
        self.tally.transitions += 1;
        let time = match self.layer.time {
            Some(time) => time,
            None => self.time(key, at),
        };
        let done_step = self.perform(key, at, time)?;
        let (tests, steps) = (self.plan.shape.tests(), self.layer.depth + 1);
        if let Some(distinct) = done_step.distinct.filter(|_| N::Trail::IS_KEPT)
            && self.uses.may_be_first(distinct, steps)
        {
            self.uses.record(distinct, steps, ways.trail.word_after(at.test, tests));
        }
        if done_step.fails {
            ways.clean = N::default();
            self.add_failing(ways.all.into(), at.test, done)?;
        }
        if self.layer.last {
            let ways = Ways { all: ways.all.into(), clean: ways.clean.into(), trail: () };
            self.tally.ended = sum(self.tally.ended, ways)?;
            return Ok(None);
        }
        ways.trail = ways.trail.then(at.test, tests);
        Ok(Some((self.arrive(done_step, at, time)?, ways)))
    }

    /// Performs a test's next step, or passes over it if the test has failed.
    #[inline]
    fn perform(
        &mut self,
        key: &PackedKey<W>,
        at: TestProgress,
        time: StepTime,
    ) -> Result<StepOnKey<W>, WorkerError> {
        if at.failed {
            return Ok(StepOnKey { after: *key, fails: false, dropped: false, distinct: None });
        }
        let root = (self.plan.offsets[at.test] + at.step) * VARIANTS + variant(time.clock_step);
        let learned;
        let leaf = if let Some(leaf) = self.trees.find(root, key) {
            leaf
        } else {
            learned = self.learn(root, key, (at.test, at.step), time)?;
            &learned
        };
        let (fails, dropped, distinct) = (leaf.failed, leaf.dropped, Some(leaf.distinct));
        Ok(StepOnKey { after: leaf.patch.apply(key), fails, dropped, distinct })
    }

    /// The state that a step led to, once time has passed and the test has got on.
    #[inline]
    fn arrive(
        &mut self,
        step: StepOnKey<W>,
        at: TestProgress,
        time: StepTime,
    ) -> Result<PackedKey<W>, WorkerError> {
        let mut after = step.after;
        if time.clock_step.tick && !self.layer.calm {
            self.age(&mut after, time.clock_step.second)?;
        }
        let complete = at.step + 1 == self.plan.shape.lengths[at.test];
        let number = (at.step + 1) * 2 + usize::from((at.failed || step.fails) && !complete);
        self.put(&mut after, at.test, number);
        self.put_clock(&mut after, time.later)?;
        if step.dropped { self.collect(&after, time) } else { Ok(after) }
    }

    /// Adds `ways` failures of a test, each multiplied by the number of completions.
    fn add_failing(&mut self, ways: u128, test: usize, done: &mut [usize]) -> Result<(), LayersError> {
        let on = self.completions.known(self.index + self.completions.index(test, 1)).or_else(|| {
            done[test] += 1;
            let on = self.completions.from(done);
            done[test] -= 1;
            on
        });
        let failing = on.and_then(|on| ways.checked_mul(on));
        let sum = failing.and_then(|failing| self.tally.failing[test].checked_add(failing));
        self.tally.failing[test] = sum.ok_or(LayersError::Overflow)?;
        Ok(())
    }

    fn put(&self, key: &mut PackedKey<W>, place: usize, number: usize) {
        let field = self.layout.packing.field(place);
        let word = &mut key.0[field.word as usize];
        *word = (*word & !(field.mask() << field.shift)) | ((number as u64) << field.shift);
    }

    /// Whether all contents fit; if not, every worker stops.
    fn fits(&self, evaluator: &Evaluator) -> Result<(), WorkerError> {
        if self.layout.fits(evaluator) { Ok(()) } else { Err(self.meter.need_room()) }
    }
}

/// The trees of each step: no tick passes, a tick does, a second does too.
const VARIANTS: usize = 3;

/// The index of a step's tree for a clock step.
fn variant(clock_step: ClockStep) -> usize {
    usize::from(clock_step.tick) + usize::from(clock_step.second)
}
