//! What waits to be looked into, and what it rests on. The order in which it is done is for `settle` to say.

use std::collections::BTreeMap;

use crate::kind::FindingKind;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::HuntClock;

/// What a suspicion rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownBy {
    /// An order that ran; `is_long` if it took so long that it is worth branches.
    Order { is_long: bool },
    /// A state in which the test ran after one other test.
    State,
    /// A run of just these tests, made to see whether it holds.
    OwnRun,
}

/// A suspicion that waits.
#[derive(Debug, Clone)]
pub(super) struct WaitingSuspicion {
    pub(super) suspicion: Suspicion,
    pub(super) evidence: ShownBy,
}

impl WaitingSuspicion {
    fn is_ready(&self, orders_wait: bool) -> bool {
        let takes_an_order =
            matches!(self.evidence, ShownBy::Order { .. }) && !self.suspicion.prefix.is_empty();
        !(orders_wait && takes_an_order)
    }
}

/// Suspicions that wait, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct SuspicionQueue(Vec<WaitingSuspicion>);

impl SuspicionQueue {
    pub(super) fn add(&mut self, suspicion: Suspicion, evidence: ShownBy) {
        self.0.push(WaitingSuspicion { suspicion, evidence });
    }

    /// Whether anything can be looked into now: while `orders_wait`, nothing that takes an order with other tests can.
    pub(super) fn has_ready(&self, orders_wait: bool) -> bool {
        self.0.iter().any(|each| each.is_ready(orders_wait))
    }

    /// All that can be looked into now; it no longer waits.
    pub(super) fn take_ready(&mut self, orders_wait: bool) -> Vec<WaitingSuspicion> {
        let all = std::mem::take(&mut self.0);
        let (ready, later) = all.into_iter().partition(|each| each.is_ready(orders_wait));
        self.0 = later;
        ready
    }

    /// Whether a run has shown the test pass, which may be brittle.
    pub(super) fn may_be_brittle(&self, test: usize) -> bool {
        self.0.iter().any(|each| each.suspicion.test == test && each.suspicion.kind == FindingKind::Brittle)
    }
}

/// Suspicions by what they rest on.
#[derive(Debug, Default)]
pub(super) struct ByEvidence {
    pub(super) own_run: Vec<Suspicion>,
    pub(super) state: Vec<Suspicion>,
    /// Each with whether its order took long.
    pub(super) orders: Vec<(Suspicion, bool)>,
}

impl ByEvidence {
    pub(super) fn of(waiting: Vec<WaitingSuspicion>) -> Self {
        let mut sorted = Self::default();
        for WaitingSuspicion { suspicion, evidence } in waiting {
            match evidence {
                ShownBy::OwnRun => sorted.own_run.push(suspicion),
                ShownBy::State => sorted.state.push(suspicion),
                ShownBy::Order { is_long } => sorted.orders.push((suspicion, is_long)),
            }
        }
        sorted
    }
}

/// Of several suspicions about one test, the one that costs least; those under the hunt's own timestamps cost less than others.
pub(super) fn one_of_each_test(main: HuntClock, orders: Vec<(Suspicion, bool)>) -> Vec<(Suspicion, bool)> {
    let cost = |each: &Suspicion| (each.timestamps != main, each.prefix.len());
    let mut chosen: BTreeMap<usize, (Suspicion, bool)> = BTreeMap::new();
    for (suspicion, is_long) in orders {
        let known = chosen.get(&suspicion.test);
        if known.is_none_or(|(known, _)| cost(&suspicion) < cost(known)) {
            chosen.insert(suspicion.test, (suspicion, is_long));
        }
    }
    chosen.into_values().collect()
}
