//! One worker's part of a layer: every state of its shard, every step that may come next, and where that leads.

mod time;

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::abstract_value::Slot;
use super::completions::{self, Completions};
use super::decision_tree::{DecisionTrees, Leaf};
use super::error::{LayerStop, LayersError};
use super::evaluator::ClockStep;
use super::exchange::Sink;
use super::packing::Key;
use super::shared_effects::Example;
use super::table::{Number, Table, Ways, sum};
use super::walk::Walk;
use crate::world::Time;

/// After so many states a worker sees whether to go on, and what others sent.
const SETTLE: usize = 512;

/// What a worker adds up while it walks a layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) transitions: u64,
    /// Ordering in which each test fails in this layer.
    pub(super) failing: Vec<u128>,
    /// Orderings that end here, and on which no test failed.
    pub(super) ended: Ways<u128>,
}

/// What a worker keeps from layer to layer.
#[derive(Debug)]
pub(super) struct Worker<'a, const W: usize> {
    walk: &'a Walk<'a>,
    layer: Layer,
    tally: Tally,
    memo: DecisionTrees<W>,
    completions: Completions<'a>,
    /// The number of the progress of the state that is looked at.
    index: u128,
    /// By whether a second passes too, by place, by number.
    aged: [Vec<Vec<u32>>; 2],
    /// The instants that numbers of the clock stand for.
    instants: Vec<Time>,
    /// Numbers of the clock by instant.
    ticking: HashMap<u64, u32, FxBuildHasher>,
}

/// What is the same for all of a layer.
#[derive(Debug, Clone, Copy, Default)]
struct Layer {
    /// Steps that are past.
    depth: usize,
    /// Whether no step is left after it.
    last: bool,
    /// Whether no content is of the current tick.
    calm: bool,
    /// How time goes on, where that is the same for all steps.
    going: Option<StepTime>,
}

/// How far a test is, and whether it has failed.
#[derive(Debug, Clone, Copy, Default)]
struct TestProgress {
    test: usize,
    step: usize,
    failed: bool,
}

/// How time goes on in a step.
#[derive(Debug, Clone, Copy)]
struct StepTime {
    now: Time,
    later: Time,
    passing: ClockStep,
}

impl<'a, const W: usize> Worker<'a, W> {
    pub(super) fn new(walk: &'a Walk<'a>) -> Result<Self, LayersError> {
        let completions = Completions::new(&walk.shape).ok_or(LayersError::Overflow)?;
        Ok(Self {
            walk,
            layer: Layer::default(),
            tally: Tally::default(),
            memo: DecisionTrees::new(walk.offsets.last().copied().unwrap_or(0) * 3),
            completions,
            index: 0,
            aged: [Vec::new(), Vec::new()],
            instants: Vec::new(),
            ticking: HashMap::default(),
        })
    }

    /// Walks from every state of a shard; what follows goes into the sink.
    pub(super) fn layer<N: Number>(
        &mut self,
        shard: &Table<W, N>,
        depth: usize,
        sink: &mut impl Sink<W, N>,
    ) -> Result<Tally, LayerStop> {
        let walk = self.walk;
        self.tally = Tally { failing: vec![0; walk.shape.tests()], ..Tally::default() };
        self.layer = Layer { depth, last: depth + 1 == walk.depth, calm: walk.is_calm(depth), going: None };
        self.layer.going = walk.clock.is_none().then(|| self.going_from(walk.instant(depth), walk.step_time));
        let mut progress = vec![TestProgress::default(); walk.shape.tests()];
        let mut done = vec![0; walk.shape.tests()];
        for (at, (key, ways)) in shard.iter().enumerate() {
            if at % SETTLE == 0 {
                walk.check(sink.settle()?)?;
            }
            self.index = 0;
            for (test, progress) in progress.iter_mut().enumerate() {
                let number = walk.packing.number(key, test) as usize;
                *progress = TestProgress { test, step: number / 2, failed: number % 2 == 1 };
                done[test] = number / 2;
                self.index += self.completions.index(test, number / 2);
            }
            for progress in &progress {
                if walk.may_go_on(progress.test, &done)
                    && let Some((key, ways)) = self.transition(key, *ways, *progress, &mut done)?
                {
                    sink.take(key, ways)?;
                }
            }
        }
        Ok(std::mem::take(&mut self.tally))
    }

    /// Performs a test's next step: where it leads, unless that is the end.
    #[inline]
    fn transition<N: Number>(
        &mut self,
        key: &Key<W>,
        mut ways: Ways<N>,
        at: TestProgress,
        done: &mut [usize],
    ) -> Result<Option<(Key<W>, Ways<N>)>, LayerStop> {
        self.tally.transitions += 1;
        let going = match self.layer.going {
            Some(going) => going,
            None => self.going(key, at),
        };
        let mut after = *key;
        let (mut fails, mut dropped) = (false, false);
        if !at.failed {
            let root = (self.walk.offsets[at.test] + at.step) * 3 + variant(going.passing);
            let learned;
            let leaf = if let Some(leaf) = self.memo.find(root, key) {
                leaf
            } else {
                learned = self.learn(root, key, (at.test, at.step), going)?;
                &learned
            };
            after = leaf.patch.apply(key);
            (fails, dropped) = (leaf.failed, leaf.dropped);
        }
        if fails {
            ways.clean = N::default();
            self.add_failing(ways.all.into(), at.test, done)?;
        }
        if self.layer.last {
            let ways = Ways { all: ways.all.into(), clean: ways.clean.into() };
            self.tally.ended = sum(self.tally.ended, ways)?;
            return Ok(None);
        }
        if going.passing.tick && !self.layer.calm {
            self.age(&mut after, going.passing.second)?;
        }
        let complete = at.step + 1 == self.walk.shape.lengths[at.test];
        let number = (at.step + 1) * 2 + usize::from((at.failed || fails) && !complete);
        self.put(&mut after, at.test, number);
        self.put_clock(&mut after, going.later)?;
        if dropped {
            after = self.collect(&after, going)?;
        }
        Ok(Some((after, ways)))
    }

    /// A test fails in so many ways, each of which goes on in as many as the steps left allow.
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

    fn put(&self, key: &mut Key<W>, place: usize, number: usize) {
        let field = self.walk.packing.field(place);
        let word = &mut key.0[field.word as usize];
        *word = (*word & !(field.mask() << field.shift)) | ((number as u64) << field.shift);
    }

    /// A step that is not known for such a state is evaluated, unless another worker did so, and remembered.
    #[cold]
    fn learn(
        &mut self,
        root: usize,
        key: &Key<W>,
        place: (usize, usize),
        going: StepTime,
    ) -> Result<Leaf<W>, LayerStop> {
        let packing = &self.walk.packing;
        let mut numbers = packing.unpack(key);
        let evaluator = self.walk.evaluator();
        self.walk.fits(&evaluator)?;
        let caught_up = self.memo.catch_up(&evaluator.learned(), packing);
        if caught_up && let Some(leaf) = self.memo.find(root, key) {
            return Ok(*leaf);
        }
        let performed = evaluator.perform(&numbers, place, going.now).map_err(LayersError::Interpreter)?;
        let known = evaluator.known_effect(&numbers, place, &performed, going.passing);
        if let Some(effect) = known.map_err(LayersError::Interpreter)? {
            let example = Example { root, numbers: numbers.into(), effect };
            let leaf = self.memo.learn(&example, packing);
            evaluator.learned().keep(packing.places(), example);
            return Ok(leaf);
        }
        drop(evaluator);
        let mut evaluator = self.walk.evaluator_mut();
        let effect = evaluator.effect(&numbers, place, &performed, going.passing);
        let effect = effect.map_err(LayersError::Interpreter)?;
        let slots = evaluator.slots.len();
        numbers.resize(slots, 0);
        let example = Example { root, numbers: numbers.into(), effect };
        let leaf = self.walk.fits(&evaluator).map(|()| self.memo.learn(&example, packing));
        evaluator.learned().keep(slots, example);
        leaf
    }

    /// Forgets objects that nothing refers to any more.
    #[cold]
    fn collect(&mut self, key: &Key<W>, going: StepTime) -> Result<Key<W>, LayerStop> {
        let mut evaluator = self.walk.evaluator_mut();
        let numbers = self.walk.packing.unpack(key);
        let collected = evaluator.collected(&numbers, going.later).map_err(LayersError::Interpreter)?;
        self.walk.fits(&evaluator)?;
        Ok(self.walk.packing.pack(&collected))
    }
}

/// Which of a step's trees is meant.
fn variant(passing: ClockStep) -> usize {
    usize::from(passing.tick) + usize::from(passing.second)
}

/// Slots whose contents change when time passes.
pub(super) fn is_timed(slot: &Slot) -> bool {
    matches!(slot, Slot::Entry(_) | Slot::Finder(_))
}

/// The next test may go on: see [`completions::next`].
pub(super) fn may_go_on(shape: &crate::ordering::Shape, test: usize, done: &[usize]) -> bool {
    completions::next(shape, done).any(|other| other == test)
}
