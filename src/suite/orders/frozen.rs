//! The given order and its reverse once more, under modification times that stand still. That is the effect of a coarse
//! clock on every two tests, in both directions. Each of the two runs only if the search runs orders of its kind, and only if
//! a directory or a source file changed after the import system had looked at it: otherwise no time matters to it.

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
    fn next(&mut self, most: usize, seen: &mut OrdersSeen) -> Vec<PlannedOrder> {
        if !seen.imports_change {
            return Vec::new();
        }
        self.0.drain(..most.min(self.0.len())).collect()
    }
}
