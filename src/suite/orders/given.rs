//! The given order: as pytest collected the tests, or as the user wrote them down. One order, once.

use super::strategy::{OrderStrategy, OrdersSeen, PlannedOrder};
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// The given order.
#[derive(Debug)]
pub(super) struct Given(Option<PlannedOrder>);

impl Given {
    pub(super) fn new(given: &[usize], timestamps: HuntClock) -> Self {
        Self(Some(PlannedOrder { kind: OrderKind::Given, tests: given.to_vec(), timestamps }))
    }
}

impl OrderStrategy for Given {
    fn next(&mut self, most: usize, _: &mut OrdersSeen) -> Vec<PlannedOrder> {
        self.0.take_if(|_| most > 0).into_iter().collect()
    }
}
