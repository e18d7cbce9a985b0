//! What a strategy of orders is: it is asked for orders until it has no more, and may look at what the others have shown.

use std::fmt::Debug;

use super::neighbours::Neighbours;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// A source of orders.
///
/// The search asks for the next orders, runs all of them, records in [`OrdersSeen`] what ran and whether it was fruitful, and asks
/// again, until an answer is empty. A strategy is not asked again after that.
pub(crate) trait OrderStrategy: Debug {
    /// The next orders, at most `most`, which may run at the same time; none if the strategy has come to its end.
    fn next(&mut self, most: usize, seen: &mut OrdersSeen) -> Vec<PlannedOrder>;
}

/// An order that is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedOrder {
    pub(crate) kind: OrderKind,
    /// Tests by number.
    pub(crate) tests: Vec<usize>,
    pub(crate) timestamps: HuntClock,
}

/// What orders have shown so far, whichever strategy they are from.
#[derive(Debug)]
pub(crate) struct OrdersSeen {
    /// Which tests are planned, or ran, directly one after the other.
    pub(crate) neighbours: Neighbours,
    /// Orders in a row, in this stage, that brought no finding.
    pub(crate) fruitless: u64,
    /// Tests that end their process whenever they run: the search leaves them out.
    pub(crate) left_out: Vec<usize>,
}

impl OrdersSeen {
    /// Before the first order of these tests, of a suite of so many.
    pub(crate) fn new(total: usize, tests: &[usize]) -> Self {
        Self { neighbours: Neighbours::new(total, tests), fruitless: 0, left_out: Vec::new() }
    }

    /// One more order has run, or was not worth running.
    pub(crate) fn ran(&mut self, is_fruitful: bool) {
        self.fruitless = if is_fruitful { 0 } else { self.fruitless + 1 };
    }
}
