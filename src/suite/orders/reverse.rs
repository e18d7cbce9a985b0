//! The given order, backwards: together with the given order, every two tests run in both directions. One order, once.

use super::strategy::{OrderStrategy, OrdersSeen, PlannedOrder};
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// The given order, backwards.
#[derive(Debug)]
pub(super) struct Reverse(Option<PlannedOrder>);

impl Reverse {
    pub(super) fn new(given: &[usize], timestamps: HuntClock) -> Self {
        let tests = given.iter().rev().copied().collect();
        Self(Some(PlannedOrder { kind: OrderKind::Reverse, tests, timestamps }))
    }
}

impl OrderStrategy for Reverse {
    fn next(&mut self, most: usize, _: &mut OrdersSeen) -> Vec<PlannedOrder> {
        self.0.take_if(|_| most > 0).into_iter().collect()
    }
}
