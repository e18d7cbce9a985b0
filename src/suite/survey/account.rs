//! What is known of every ordered pair of tests: whether the second ran right after the first, or all that the first
//! leaves was there when the second ran: at once, since it may take several things to turn a test.

use std::collections::{BTreeMap, BTreeSet};

use super::leavings::{Leaving, Leavings, Left};
use super::test_set::{RanAfter, TestSet};
use crate::suite::hunt_report::PairAccount;

/// The pairs of a suite.
#[derive(Debug, Default)]
pub(crate) struct KnownPairs {
    total: usize,
    /// By test: those that ran right after it alone, in its state.
    ran: BTreeMap<usize, RanAfter>,
    /// By the things that were there: the tests that ran there.
    met: BTreeMap<BTreeSet<Left>, TestSet>,
    /// By the things that were there: the tests that did something else there than alone.
    turned: BTreeMap<BTreeSet<Left>, TestSet>,
    /// The pairs that follow from state and then ran.
    pub(crate) checked: usize,
    /// Whether one of them came out otherwise.
    pub(crate) is_refuted: bool,
}

impl KnownPairs {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, ..Self::default() }
    }

    /// A test ran right after another one.
    pub(crate) fn ran(&mut self, first: usize, second: usize) {
        let after = self.ran.entry(first).or_insert_with(|| RanAfter::Few(BTreeSet::new()));
        after.insert(second, self.total);
    }

    /// Tests ran where these things were.
    pub(crate) fn met(&mut self, found: BTreeSet<Left>, tests: impl Iterator<Item = usize>) {
        if !found.is_empty() {
            let met = self.met.entry(found).or_insert_with(|| TestSet::of_none(self.total));
            tests.for_each(|test| met.insert(test));
        }
    }

    /// Tests did something else than alone where these things were.
    pub(super) fn turned(&mut self, found: BTreeSet<Left>, tests: impl Iterator<Item = usize>) {
        let mut tests = tests.peekable();
        // In most states none did: a set for each of these would be large.
        if tests.peek().is_some() && !found.is_empty() {
            let turned = self.turned.entry(found).or_insert_with(|| TestSet::of_none(self.total));
            tests.for_each(|test| turned.insert(test));
        }
    }

    /// Whether the second test has done something else than alone where all was that the first one leaves.
    pub(super) fn has_turned(&self, leavings: &Leavings, first: usize, second: usize, is_near: bool) -> bool {
        // Where it leaves nothing, what turned the other one is something else.
        let Some(leaving) = leavings.of(first).filter(|leaving| finds_any(leaving, is_near)) else {
            return false;
        };
        self.turned.iter().any(|(found, turned)| turned.contains(second) && is_there(leaving, found, is_near))
    }

    /// Where a test ran does not count after all.
    pub(super) fn never_met(&mut self, test: usize) {
        self.met.values_mut().for_each(|met| met.take_out(test));
    }

    pub(crate) fn has_run(&self, first: usize, second: usize) -> bool {
        self.ran.get(&first).is_some_and(|after| after.contains(second))
    }

    /// How many tests ran right after this one alone.
    pub(super) fn ran_after(&self, first: usize) -> usize {
        self.ran.get(&first).map_or(0, RanAfter::len)
    }

    /// Whether all of these tests ran where this was.
    pub(super) fn all_met(&self, left: Left, mut tests: impl Iterator<Item = usize>) -> bool {
        let there: Vec<&TestSet> =
            self.met.iter().filter(|(found, _)| found.contains(&left)).map(|(_, met)| met).collect();
        tests.all(|test| there.iter().any(|met| met.contains(test)))
    }

    /// Whether this pair follows from state: the second test ran where all was that the first one leaves, if it leaves
    /// anything that the second can find.
    pub(crate) fn follows(&self, leavings: &Leavings, first: usize, second: usize, is_near: bool) -> bool {
        let Some(leaving) = leavings.of(first) else { return false };
        let is_met = |(found, met): (_, &TestSet)| met.contains(second) && is_there(leaving, found, is_near);
        !finds_any(leaving, is_near) || self.met.iter().any(is_met)
    }

    /// Those of these tests that have run neither right after this one nor where all of this was that it leaves.
    pub(super) fn lost(&self, left: &BTreeSet<Left>, first: usize, seconds: &[usize]) -> Vec<usize> {
        let Some(met) = self.met_all(left) else { return Vec::new() };
        let is_lost =
            |second: &usize| *second != first && !met.contains(*second) && !self.has_run(first, *second);
        seconds.iter().copied().filter(is_lost).collect()
    }

    /// The tests that ran where all of this was, or `None` if it is nothing, which is there for all.
    fn met_all(&self, wanted: &BTreeSet<Left>) -> Option<TestSet> {
        let mut tests = TestSet::of_none(self.total);
        let there = self.met.iter().filter(|(found, _)| wanted.is_subset(found));
        there.for_each(|(_, met)| tests.extend(met));
        (!wanted.is_empty()).then_some(tests)
    }

    /// The account of all pairs of `tests` whose second is one of `seconds`; `near_to` lists those who can find what a test leaves
    /// for tests of its file alone.
    pub(crate) fn account(
        &self,
        leavings: &Leavings,
        (tests, seconds): (&[usize], &[usize]),
        near_to: impl Fn(usize) -> Vec<usize>,
    ) -> PairAccount {
        let set = |tests: &mut dyn Iterator<Item = usize>| {
            let mut found = TestSet::of_none(self.total);
            tests.for_each(|test| found.insert(test));
            found
        };
        let wanted = set(&mut seconds.iter().copied());
        let none = TestSet::of_none(self.total);
        let (mut total, mut ran, mut known) = (0, 0, 0);
        for &first in tests {
            let mut mine = wanted.clone();
            mine.take_out(first);
            total += mine.len();
            let mut directly =
                self.ran.get(&first).map_or_else(|| none.clone(), |after| after.set(self.total));
            directly.retain(&mine);
            ran += directly.len();
            if let Some(leaving) = leavings.of(first) {
                let mut follows = mine.clone();
                if let Some(met) = self.met_all(&leaving.everywhere) {
                    follows.retain(&met);
                }
                if !leaving.near.is_empty() {
                    let near = set(&mut near_to(first).into_iter());
                    let mut met_near =
                        self.met_all(&(&leaving.everywhere | &leaving.near)).unwrap_or(none.clone());
                    met_near.retain(&near);
                    follows.remove(&near);
                    met_near.retain(&mine);
                    follows.extend(&met_near);
                }
                directly.extend(&follows);
            }
            known += directly.len();
        }
        PairAccount {
            total,
            ran,
            by_state: known - ran,
            left: total - known,
            checked: self.checked,
            claim_holds: !self.is_refuted,
        }
    }
}

/// Whether another test can find anything of this.
fn finds_any(leaving: &Leaving, is_near: bool) -> bool {
    !leaving.everywhere.is_empty() || (is_near && !leaving.near.is_empty())
}

/// Whether all of this was there: with what only tests of the same file find, or without.
fn is_there(leaving: &Leaving, found: &BTreeSet<Left>, is_near: bool) -> bool {
    leaving.everywhere.is_subset(found) && (!is_near || leaving.near.is_subset(found))
}

#[cfg(test)]
mod tests {
    use super::super::leavings::Leavings;
    use super::KnownPairs;
    use crate::suite::hunt_report::PairAccount;
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::surveyed::{LeftCell, Leftovers};

    fn left(near: &[&str], cells: &[&str]) -> Leftovers {
        let of = |names: &[&str]| -> Vec<LeftCell> {
            let cell = |name: &&str| LeftCell {
                cell: Cell::of(CellKind::Attribute, name),
                held: Some(String::new()),
                lasts: false,
                plain: false,
            };
            names.iter().map(cell).collect()
        };
        Leftovers { near: of(near), cells: of(cells), all: true, wrote: false }
    }

    #[test]
    fn few_and_many_that_ran_after_one_test_are_told_alike() {
        let mut pairs = KnownPairs::new(200);
        for second in 0..150 {
            pairs.ran(3, second);
            assert_eq!((pairs.ran_after(3), pairs.has_run(3, second)), (second + 1, true));
            assert!(!pairs.has_run(3, second + 1) && !pairs.has_run(second + 1, 199));
        }
        let account = pairs.account(&Leavings::default(), (&[3, 4], &[0, 3, 149, 160]), |_| Vec::new());
        assert_eq!((account.total, account.ran, account.left), (7, 2, 5));
    }

    #[test]
    fn every_pair_has_run_or_follows_or_is_left() {
        let mut leavings = Leavings::default();
        // Tests 0 and 1 are of one file, 2 and 3 of another one; nobody has looked at 3.
        leavings.note(0, &left(&["near"], &[]));
        leavings.note(1, &left(&[], &["a"]));
        leavings.note(2, &left(&[], &[]));
        let mut pairs = KnownPairs::new(4);
        let tests = [0, 1, 2, 3];
        let near_to = |test: usize| vec![test / 2 * 2, test / 2 * 2 + 1];
        let account = |pairs: &KnownPairs| pairs.account(&leavings, (&tests, &tests), near_to);
        // By state: 0 before 2 and 3, and 2 before all.
        let before = account(&pairs);
        assert_eq!((before.total, before.ran, before.by_state, before.left), (12, 0, 5, 7));
        assert!(pairs.follows(&leavings, 0, 2, false) && !pairs.follows(&leavings, 0, 1, true));
        pairs.ran(2, 0);
        pairs.ran(3, 0);
        let found = leavings.found(&[1], &left(&[], &["a"]));
        pairs.met(found, [0, 2].into_iter());
        assert_eq!(
            account(&pairs),
            PairAccount { total: 12, ran: 2, by_state: 6, left: 4, checked: 0, claim_holds: true }
        );
        let of_one = pairs.account(&leavings, (&tests, &[0]), near_to);
        assert_eq!((of_one.total, of_one.ran, of_one.by_state), (3, 2, 1));
    }
    #[test]
    fn all_that_a_test_leaves_has_to_be_there_at_once() {
        let mut leavings = Leavings::default();
        leavings.note(0, &left(&[], &["a", "b"]));
        leavings.note(1, &left(&[], &["a"]));
        leavings.note(2, &left(&[], &["b"]));
        let found = |tests: &[usize], cells| leavings.found(tests, &left(&[], cells));
        let mut pairs = KnownPairs::new(4);
        pairs.met(found(&[1], &["a"]), std::iter::once(3));
        pairs.met(found(&[2], &["b"]), std::iter::once(3));
        assert!(pairs.follows(&leavings, 1, 3, false) && pairs.follows(&leavings, 2, 3, false));
        assert!(!pairs.follows(&leavings, 0, 3, false));
        let by_state =
            |pairs: &KnownPairs| pairs.account(&leavings, (&[0, 1, 2], &[3]), |_| vec![0, 1, 2, 3]).by_state;
        assert_eq!(by_state(&pairs), 2);
        pairs.met(found(&[1, 2], &["a", "b"]), std::iter::once(3));
        assert!(pairs.follows(&leavings, 0, 3, false));
        assert_eq!(by_state(&pairs), 3);
    }
}
