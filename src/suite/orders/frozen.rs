//! The order given and its reverse once more, under modification times that stand still: what a coarse clock of a file system
//! does to every two tests, in both directions. Of these two, those whose kind the search runs at all.

use std::collections::VecDeque;

use super::strategy::{OrderStrategy, OrdersSeen, PlannedOrder};
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// The frozen pass.
#[derive(Debug)]
pub(super) struct Frozen(VecDeque<PlannedOrder>);

impl Frozen {
    pub(super) fn new(given: &[usize], kinds: &[OrderKind]) -> Self {
        let backwards = given.iter().rev().copied().collect();
        let both = [(OrderKind::Given, given.to_vec()), (OrderKind::Reverse, backwards)];
        let wanted = both.into_iter().filter(|(kind, _)| kinds.contains(kind));
        let planned = |(kind, tests)| PlannedOrder { kind, tests, timestamps: HuntClock::Frozen };
        Self(wanted.map(planned).collect())
    }
}

impl OrderStrategy for Frozen {
    fn next(&mut self, most: usize, _: &mut OrdersSeen) -> Vec<PlannedOrder> {
        self.0.drain(..most.min(self.0.len())).collect()
    }
}
