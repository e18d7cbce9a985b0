//! The interface of order strategies: each returns orders until it has no more, and may look at the results of the
//! others.

use std::fmt::Debug;

use super::known::KnownOrders;
use super::neighbours::Neighbours;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// A source of orders.
///
/// The search asks for the next orders, runs all of them, records in [`OrdersSeen`] what ran and whether it was
/// fruitful, and asks again, until no strategy of the stage has one. A strategy that has ended returns no order whenever it is
/// asked again.
pub(crate) trait OrderStrategy: Debug {
    /// The next orders, at most `most`, which may run at the same time. None means that the strategy has ended, unless `most`
    /// is 0: others of the stage have taken all workers, and its orders stay for the next time.
    fn next(&mut self, most: usize, seen: &mut OrdersSeen) -> Vec<PlannedOrder>;
}

/// An order to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedOrder {
    pub(crate) kind: OrderKind,
    /// Tests by number.
    pub(crate) tests: Vec<usize>,
    pub(crate) timestamps: HuntClock,
}

/// The results of orders so far, from all strategies.
#[derive(Debug)]
pub(crate) struct OrdersSeen {
    /// The pairs of tests that are planned, or ran, directly one after the other.
    pub(crate) neighbours: Neighbours,
    /// The number of orders in a row, in this stage, without a finding.
    pub(crate) fruitless: u64,
    /// Tests that end their process whenever they run: the search leaves them out.
    pub(crate) left_out: Vec<usize>,
    /// Whether what the import system has looked at changed while tests ran.
    pub(crate) imports_change: bool,
    /// The orders that ran.
    pub(crate) known: KnownOrders,
}

impl OrdersSeen {
    /// The state before the first order of these tests, in a suite of `total`.
    pub(crate) fn new(total: usize, tests: &[usize]) -> Self {
        Self {
            neighbours: Neighbours::new(total, tests),
            fruitless: 0,
            left_out: Vec::new(),
            imports_change: false,
            known: KnownOrders::default(),
        }
    }

    /// Records that one more order has run, or was not worth running.
    pub(crate) fn ran(&mut self, is_fruitful: bool) {
        self.fruitless = if is_fruitful { 0 } else { self.fruitless + 1 };
    }
}
