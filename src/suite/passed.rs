//! What ran before each test when it first passed. An order that ran is kept once, for all tests that passed in it: what ran before
//! each of many thousand tests would fill the memory.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Tests that passed, each with the part of an order that ran before it in the same process.
#[derive(Debug, Default)]
pub(crate) struct PassedAfter(BTreeMap<usize, (Rc<[usize]>, Range<usize>)>);

impl PassedAfter {
    /// A test passed after this part of an order; the first time is what counts.
    pub(crate) fn note(&mut self, test: usize, order: &Rc<[usize]>, before: Range<usize>) {
        self.0.entry(test).or_insert_with(|| (Rc::clone(order), before));
    }

    /// The tests that ran before it.
    pub(crate) fn of(&self, test: usize) -> Option<&[usize]> {
        self.0.get(&test).map(|(order, before)| &order[before.clone()])
    }

    pub(crate) fn remove(&mut self, test: usize) {
        self.0.remove(&test);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::PassedAfter;

    #[test]
    fn the_first_time_counts_and_orders_are_shared() {
        let order: Rc<[usize]> = Rc::from([3, 1, 2]);
        let mut passed = PassedAfter::default();
        passed.note(2, &order, 0..2);
        passed.note(1, &order, 0..1);
        passed.note(2, &Rc::from([1]), 0..1);
        assert_eq!(passed.of(2), Some(&[3, 1][..]));
        assert_eq!(Rc::strong_count(&order), 3);
        passed.remove(2);
        assert_eq!((passed.of(2), passed.of(1)), (None, Some(&[3][..])));
    }
}
