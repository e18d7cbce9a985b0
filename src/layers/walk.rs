//! The walk from layer to layer while states keep one layout: it distributes the work and decides when to stop.

use rustc_hash::FxBuildHasher;

use super::error::{LayersError, WorkerError};
use super::exchange::{All, Exchange};
use super::figures::OrderingCounts;
use super::meter::Meter;
use super::plan::{CountPlan, Layout};
use super::table::{Number, StateTable};
use super::worker::{Worker, WorkerFigures};

/// A walk while one layout of states is in use.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) plan: &'a CountPlan<'a>,
    pub(super) layout: &'a Layout,
    pub(super) meter: Meter,
}

impl Walk<'_> {
    /// Walks from one layer to the next as often as this layout allows. Returns the last layer, and its depth.
    pub(super) fn layers<const W: usize, N: Number>(
        &self,
        mut shards: Vec<StateTable<W, N>>,
        mut depth: usize,
        counted: &mut OrderingCounts,
    ) -> Result<(Vec<StateTable<W, N>>, usize), LayersError> {
        let mut workers = Vec::new();
        for _ in 0..shards.len() {
            workers.push(Worker::new(self.plan, self.layout, &self.meter)?);
        }
        while depth < self.plan.depth {
            let expected = self.meter.expected(shards.iter().map(StateTable::len).sum());
            match one_layer(&mut workers, &shards, (depth, expected)) {
                Ok((tables, tallies)) => {
                    shards = tables;
                    for tally in tallies {
                        add_up(counted, &tally)?;
                    }
                    depth += 1;
                    let states = shards.iter().map(StateTable::len).sum::<usize>() as u64;
                    self.meter.layer_done(states);
                    counted.states += states;
                }
                Err(WorkerError::TooNarrow) => break,
                Err(WorkerError::Error(error)) => return Err(error),
            }
        }
        for worker in workers {
            self.plan.evaluator().shared_effects().join(&worker.into_uses());
        }
        Ok((shards, depth))
    }
}

/// Up to this many states, one worker walks a layer faster than several: it is done before another has begun.
const FEW: usize = 256;

/// One worker's result for a layer: the states of the next one in its shard, and its tally.
type ShardResult<const W: usize, N> = Result<(StateTable<W, N>, WorkerFigures), WorkerError>;

/// All workers walk their shards of a layer.
fn one_layer<const W: usize, N: Number>(
    workers: &mut [Worker<'_, W>],
    shards: &[StateTable<W, N>],
    (depth, expected): (usize, usize),
) -> Result<(Vec<StateTable<W, N>>, Vec<WorkerFigures>), WorkerError> {
    let capacity = expected / shards.len() + 16;
    let tables =
        shards.iter().map(|_| StateTable::with_capacity_and_hasher(capacity, FxBuildHasher)).collect();
    if shards.len() == 1 || shards.iter().map(StateTable::len).sum::<usize>() < FEW {
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
    // A final stop takes precedence over a request to walk the layer again.
    let (done, stopped): (Vec<_>, Vec<_>) = walked.into_iter().partition(Result::is_ok);
    let stopped = stopped.into_iter().filter_map(Result::err);
    match stopped.min_by_key(|stopped| matches!(stopped, WorkerError::TooNarrow)) {
        Some(stopped) => Err(stopped),
        None => Ok(done.into_iter().filter_map(Result::ok).unzip()),
    }
}

/// The result of a thread; its panic continues here.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn add_up(counted: &mut OrderingCounts, tally: &WorkerFigures) -> Result<(), LayersError> {
    counted.transitions += tally.transitions;
    counted.total = counted.total.checked_add(tally.ended.all).ok_or(LayersError::Overflow)?;
    counted.clean += tally.ended.clean;
    for (sum, failing) in counted.failing_by_test.iter_mut().zip(&tally.failing) {
        *sum = sum.checked_add(*failing).ok_or(LayersError::Overflow)?;
    }
    Ok(())
}
