//! Follows single orderings through the states of a count that is over, step by step, and tells which effect each step has.

use std::hash::BuildHasher;

use super::error::LayersError;
use super::figures::EffectUse;
use super::meter::Meter;
use super::packing::PackedKey;
use super::plan::{CountPlan, Layout, Start};
use super::worker::Worker;

/// The words of a key that holds any state that can be counted.
const WIDEST: usize = 32;

/// A place in an ordering: the state, and how far each test has got.
#[derive(Debug, Clone)]
pub(super) struct OrderingPlace {
    key: PackedKey<WIDEST>,
    done: Vec<usize>,
    depth: usize,
}

/// Goes along orderings.
#[derive(Debug)]
pub(super) struct Follower<'a> {
    plan: &'a CountPlan<'a>,
    worker: Worker<'a, WIDEST>,
    /// By the number that an effect has in the count, its number in the order of first uses.
    ranks: Vec<Option<u32>>,
    start: OrderingPlace,
}

impl<'a> Follower<'a> {
    /// At the start of the orderings of a count.
    pub(super) fn new(
        plan: &'a CountPlan<'a>,
        (layout, meter): (&'a Layout, &'a Meter),
        start: &Start,
        ranks: Vec<Option<u32>>,
    ) -> Result<Self, LayersError> {
        let mut numbers = start.numbers.clone();
        numbers.resize(layout.packing.places(), 0);
        let start =
            OrderingPlace { key: layout.packing.pack(&numbers), done: vec![0; plan.shape.tests()], depth: 0 };
        let mut worker = Worker::new(plan, layout, meter)?;
        worker.catch_up()?;
        Ok(Self { plan, worker, ranks, start })
    }

    /// Where every ordering begins.
    pub(super) fn start(&self) -> OrderingPlace {
        self.start.clone()
    }

    /// The number of tests.
    pub(super) fn tests(&self) -> usize {
        self.plan.shape.tests()
    }

    /// The tests whose step may be next.
    pub(super) fn next(&self, at: &OrderingPlace) -> Vec<usize> {
        (0..at.done.len()).filter(|&test| self.may_go_on(at, test)).collect()
    }

    /// Whether a test's step may be next.
    pub(super) fn may_go_on(&self, at: &OrderingPlace, test: usize) -> bool {
        self.plan.may_go_on(test, &at.done)
    }

    /// The effect that a test's next step has, or `None` if it is skipped.
    pub(super) fn effect(
        &mut self,
        at: &OrderingPlace,
        test: usize,
    ) -> Result<Option<EffectUse>, LayersError> {
        let distinct = self.worker.effect((&at.key, at.depth), test)?;
        let rank = |distinct: u32| self.ranks.get(distinct as usize).copied().flatten();
        Ok(distinct.and_then(rank).map(|effect| EffectUse { effect, context: at.context() }))
    }

    /// Where a test's next step leads.
    pub(super) fn follow(&mut self, at: &OrderingPlace, test: usize) -> Result<OrderingPlace, LayersError> {
        let key = self.worker.follow((&at.key, at.depth), test)?;
        let mut done = at.done.clone();
        done[test] += 1;
        Ok(OrderingPlace { key, done, depth: at.depth + 1 })
    }
}

impl OrderingPlace {
    fn context(&self) -> u64 {
        rustc_hash::FxBuildHasher.hash_one(self.key)
    }
}
