//! The walk through all layers: how wide states are, who walks which, and when to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::FxBuildHasher;

use super::abstract_value::{AbstractValue, Slot};
use super::dispatch::{Layer, go_on, repacked};
use super::error::{LayerStop, LayersError};
use super::evaluator::{ClockStep, Evaluator};
use super::exchange::{All, Exchange};
use super::packing::Packing;
use super::table::{Number, Table, Ways, shard_of};
use super::worker::{Tally, Worker, is_timed};
use super::{CountLimits, OrderingCounts};
use crate::interpreter::model::second_of;
use crate::ordering::Shape;
use crate::scenario::{Permute, Test};
use crate::world::{Nanos, Time};

/// What stays the same while one packing is in use.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    evaluator: &'a RwLock<Evaluator>,
    limits: &'a CountLimits,
    pub(super) shape: Shape,
    pub(super) tests: &'a [Test],
    pub(super) packing: Packing,
    /// Where the clock is in a state, if it is not the same in all states of a layer.
    pub(super) clock: Option<usize>,
    /// When the first step begins.
    pub(super) begun: Time,
    pub(super) step_time: Nanos,
    pub(super) tick: Nanos,
    /// Steps of an ordering.
    pub(super) depth: usize,
    /// For each test the number of its first step among all.
    pub(super) offsets: Vec<usize>,
    /// Slots whose contents change when time passes.
    pub(super) timed: Vec<usize>,
    /// Whether times are kept as they are.
    exact: bool,
    /// States of layers that are done.
    states: AtomicU64,
    /// States of the layer before this one, and of this one.
    sizes: [AtomicU64; 2],
    too_narrow: AtomicBool,
}

impl<'a> Walk<'a> {
    pub(super) fn evaluator(&self) -> RwLockReadGuard<'_, Evaluator> {
        read(self.evaluator)
    }

    pub(super) fn evaluator_mut(&self) -> RwLockWriteGuard<'_, Evaluator> {
        self.evaluator.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all contents can be written in this packing.
    pub(super) fn fits(&self, evaluator: &Evaluator) -> Result<(), LayerStop> {
        if self.packing.fits(&evaluator.slots) {
            return Ok(());
        }
        self.too_narrow.store(true, Ordering::Relaxed);
        Err(LayerStop::TooNarrow)
    }

    /// Whether to go on, with so many states in the next layer so far.
    pub(super) fn check(&self, met: usize) -> Result<(), LayerStop> {
        if self.too_narrow.load(Ordering::Relaxed) {
            return Err(LayerStop::TooNarrow);
        }
        let states = self.states.load(Ordering::Relaxed) + met as u64;
        self.limits.budget.check_states(states).map_err(|stopped| LayersError::Stopped(stopped).into())
    }

    /// How many states a layer of this size will lead to, if layers go on growing or shrinking as they did; a guess.
    pub(super) fn expected(&self, size: usize) -> usize {
        let [before, now] = [0, 1].map(|at| self.sizes[at].load(Ordering::Relaxed).max(1));
        let guess = size as u64 * now.min(before * 4) / before;
        usize::try_from(guess).unwrap_or(size)
    }

    pub(super) fn may_go_on(&self, test: usize, done: &[usize]) -> bool {
        if done[test] == self.shape.lengths[test] {
            return false;
        }
        if self.shape.permute == Permute::Steps && self.shape.after[test].is_empty() {
            return true;
        }
        super::worker::may_go_on(&self.shape, test, done)
    }

    /// Which ticks pass between two instants.
    pub(super) fn passing(&self, now: Time, later: Time) -> ClockStep {
        if self.exact {
            return ClockStep { tick: false, second: false };
        }
        let (before, after) = (now.floor(self.tick), later.floor(self.tick));
        let second = second_of(before) != second_of(after);
        let bits = |time: Time| time.as_cpython_float().to_bits();
        ClockStep { tick: second || bits(before) != bits(after), second }
    }

    /// Whether no state of this layer holds a time that is of the current tick, since one passed just before it.
    pub(super) fn is_calm(&self, depth: usize) -> bool {
        if self.clock.is_some() || depth == 0 {
            return false;
        }
        self.passing(self.instant(depth - 1), self.instant(depth)).tick
    }

    /// When the steps of a layer begin, where that is the same for all of them.
    pub(super) fn instant(&self, depth: usize) -> Time {
        Time(self.begun.0.saturating_add(self.step_time.0.saturating_mul(depth as u64)))
    }

    /// Walks from one layer to the next as often as this packing allows; the layer it stopped at, and its depth.
    pub(super) fn layers<const W: usize, N: Number>(
        &'a self,
        mut shards: Vec<Table<W, N>>,
        mut depth: usize,
        counted: &mut OrderingCounts,
    ) -> Result<(Vec<Table<W, N>>, usize), LayersError> {
        let mut workers = Vec::new();
        for _ in 0..shards.len() {
            workers.push(Worker::new(self)?);
        }
        while depth < self.depth {
            let expected = self.expected(shards.iter().map(Table::len).sum());
            match one_layer(&mut workers, &shards, (depth, expected)) {
                Ok((tables, tallies)) => {
                    shards = tables;
                    for tally in tallies {
                        add_up(counted, &tally)?;
                    }
                    depth += 1;
                    let states: usize = shards.iter().map(Table::len).sum();
                    self.states.fetch_add(states as u64, Ordering::Relaxed);
                    let before = self.sizes[1].swap(states as u64, Ordering::Relaxed);
                    self.sizes[0].store(before, Ordering::Relaxed);
                    counted.states += states as u64;
                }
                Err(LayerStop::TooNarrow) => break,
                Err(LayerStop::Error(halt)) => return Err(halt),
            }
        }
        Ok((shards, depth))
    }
}

/// States of a layer that one worker walks through before another has begun.
const FEW: usize = 256;

/// What one worker made of a layer: the next one's states of its shard, and what was counted.
type ShardResult<const W: usize, N> = Result<(Table<W, N>, Tally), LayerStop>;

/// All workers walk their shards of a layer.
fn one_layer<const W: usize, N: Number>(
    workers: &mut [Worker<'_, W>],
    shards: &[Table<W, N>],
    (depth, expected): (usize, usize),
) -> Result<(Vec<Table<W, N>>, Vec<Tally>), LayerStop> {
    let capacity = expected / shards.len() + 16;
    let tables = shards.iter().map(|_| Table::with_capacity_and_hasher(capacity, FxBuildHasher)).collect();
    if shards.len() == 1 || shards.iter().map(Table::len).sum::<usize>() < FEW {
        let mut sink = All(tables);
        let walk = |shard| workers[0].layer(shard, depth, &mut sink);
        let tallies = shards.iter().map(walk).collect::<Result<_, _>>()?;
        return Ok((sink.0, tallies));
    }
    let walked: Vec<ShardResult<W, N>> = std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter_mut()
            .zip(shards)
            .zip(Exchange::between(tables))
            .map(|((worker, shard), mut exchange)| {
                scope.spawn(move || {
                    let tally = worker.layer(shard, depth, &mut exchange)?;
                    Ok((exchange.finish()?, tally))
                })
            })
            .collect();
        threads.into_iter().map(joined).collect()
    });
    // What stops a worker for good comes before what makes it walk the layer again.
    let (done, stopped): (Vec<_>, Vec<_>) = walked.into_iter().partition(Result::is_ok);
    let stopped = stopped.into_iter().filter_map(Result::err);
    match stopped.min_by_key(|stopped| matches!(stopped, LayerStop::TooNarrow)) {
        Some(stopped) => Err(stopped),
        None => Ok(done.into_iter().filter_map(Result::ok).unzip()),
    }
}

/// What a thread came to; its panic goes on here.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn add_up(counted: &mut OrderingCounts, tally: &Tally) -> Result<(), LayersError> {
    counted.transitions += tally.transitions;
    counted.total = counted.total.checked_add(tally.ended.all).ok_or(LayersError::Overflow)?;
    counted.clean += tally.ended.clean;
    for (sum, failing) in counted.failing_by_test.iter_mut().zip(&tally.failing) {
        *sum = sum.checked_add(*failing).ok_or(LayersError::Overflow)?;
    }
    Ok(())
}

/// Walks all layers from one state.
pub(super) fn walk<N: Number>(
    evaluator: &RwLock<Evaluator>,
    scenario: &crate::scenario::Scenario,
    limits: &CountLimits,
    start: &super::Start,
) -> Result<OrderingCounts, LayersError> {
    let shape = Shape::of(scenario);
    let depth = shape.lengths.iter().sum();
    let mut offsets = vec![0];
    for length in &shape.lengths {
        offsets.push(offsets.last().copied().unwrap_or(0) + length);
    }
    let mut counted =
        OrderingCounts { failing_by_test: vec![0; shape.tests()], states: 1, ..OrderingCounts::default() };
    let mut at = 0;
    let mut packing = Packing::of(&read(evaluator).slots);
    let first = packing.pack::<32>(&start.numbers);
    let mut tables: Vec<Table<32, N>> =
        std::iter::repeat_with(Table::default).take(limits.jobs.max(1)).collect();
    let shard = shard_of(&first, tables.len());
    tables[shard].insert(first, Ways { all: N::ONE, clean: N::ONE });
    let mut layer = Layer::ThirtyTwo(tables);
    loop {
        let (wider, timed, clock, exact) = {
            let evaluator = read(evaluator);
            let slots = &evaluator.slots;
            (Packing::of(slots), slots.places(is_timed), slots.find(&Slot::Clock), evaluator.exact)
        };
        layer = repacked(layer, &packing, &wider)?;
        packing = wider;
        let walk = Walk {
            evaluator,
            limits,
            shape: shape.clone(),
            tests: &scenario.tests,
            packing: packing.clone(),
            clock,
            begun: start.now,
            step_time: scenario.step_time,
            tick: start.tick,
            depth,
            offsets: offsets.clone(),
            timed,
            exact,
            states: AtomicU64::new(counted.states),
            sizes: [AtomicU64::new(0), AtomicU64::new(0)],
            too_narrow: AtomicBool::new(false),
        };
        (layer, at) = go_on(&walk, layer, at, &mut counted)?;
        if at == depth {
            return Ok(counted);
        }
    }
}

fn read(evaluator: &RwLock<Evaluator>) -> RwLockReadGuard<'_, Evaluator> {
    evaluator.read().unwrap_or_else(PoisonError::into_inner)
}

/// The contents that a test's progress can have, in the order of their numbers: twice the steps that are past, and one more
/// where one of them failed.
pub(super) fn progress(length: usize) -> impl Iterator<Item = AbstractValue> {
    (0..=length).flat_map(|done| [false, true].map(|failed| AbstractValue::Progress { done, failed }))
}
