//! The walk through all layers: how wide states are, who walks which, and when to stop.

use std::sync::RwLock;

use rustc_hash::FxBuildHasher;

use super::abstract_value::AbstractValue;
use super::dispatch::{Layer, go_on, repacked};
use super::error::{LayerStop, LayersError};
use super::evaluator::Evaluator;
use super::exchange::{All, Exchange};
use super::meter::Meter;
use super::plan::{Layout, Plan};
use super::table::{Number, Table, Ways, shard_of};
use super::worker::{Tally, Worker};
use super::{CountLimits, OrderingCounts, Start};
use crate::scenario::Scenario;

/// A walk while one layout of states is in use.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) layout: &'a Layout,
    pub(super) meter: Meter,
}

impl Walk<'_> {
    /// Walks from one layer to the next as often as this layout allows. Returns the layer it stopped at, and its depth.
    pub(super) fn layers<const W: usize, N: Number>(
        &self,
        mut shards: Vec<Table<W, N>>,
        mut depth: usize,
        counted: &mut OrderingCounts,
    ) -> Result<(Vec<Table<W, N>>, usize), LayersError> {
        let mut workers = Vec::new();
        for _ in 0..shards.len() {
            workers.push(Worker::new(self)?);
        }
        while depth < self.plan.depth {
            let expected = self.meter.expected(shards.iter().map(Table::len).sum());
            match one_layer(&mut workers, &shards, (depth, expected)) {
                Ok((tables, tallies)) => {
                    shards = tables;
                    for tally in tallies {
                        add_up(counted, &tally)?;
                    }
                    depth += 1;
                    let states = shards.iter().map(Table::len).sum::<usize>() as u64;
                    self.meter.layer_done(states);
                    counted.states += states;
                }
                Err(LayerStop::TooNarrow) => break,
                Err(LayerStop::Error(error)) => return Err(error),
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
    scenario: &Scenario,
    limits: &CountLimits,
    start: &Start,
) -> Result<OrderingCounts, LayersError> {
    let plan = Plan::new(evaluator, scenario, limits, start);
    let failing_by_test = vec![0; plan.shape.tests()];
    let mut counted = OrderingCounts { failing_by_test, states: 1, ..OrderingCounts::default() };
    let mut at = 0;
    let mut layout = Layout::of(&plan.evaluator());
    let first = layout.packing.pack::<32>(&start.numbers);
    let mut tables: Vec<Table<32, N>> =
        std::iter::repeat_with(Table::default).take(limits.jobs.max(1)).collect();
    let shard = shard_of(&first, tables.len());
    tables[shard].insert(first, Ways { all: N::ONE, clean: N::ONE });
    let mut layer = Layer::ThirtyTwo(tables);
    loop {
        let wider = Layout::of(&plan.evaluator());
        layer = repacked(layer, &layout.packing, &wider.packing)?;
        layout = wider;
        let walk = Walk { plan: &plan, layout: &layout, meter: Meter::new(counted.states) };
        (layer, at) = go_on(&walk, layer, at, &mut counted)?;
        if at == plan.depth {
            return Ok(counted);
        }
    }
}

/// The contents that a test's progress can have, in the order of their numbers: twice the steps that are past, and one more
/// where one of them failed.
pub(super) fn progress(length: usize) -> impl Iterator<Item = AbstractValue> {
    (0..=length).flat_map(|done| [false, true].map(|failed| AbstractValue::Progress { done, failed }))
}
