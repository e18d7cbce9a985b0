//! The ordered pairs of tests that are planned, or ran, as neighbours: directly one after the other in one process.
//!
//! Invariants: a pair that ran counts as planned; a pair is planned at most twice, the second time only because the
//! first plan did not run; the two counts equal the numbers of the flags.

use super::pair_flags::PairFlags;

/// Flags of a pair.
const PLANNED: u8 = 1;
const RAN: u8 = 2;
const PLANNED_TWICE: u8 = 4;
/// New in an order of this machine alone, if others run the rest.
const OWN: u8 = 8;

/// A table of all ordered pairs.
#[derive(Debug)]
pub(crate) struct Neighbours {
    /// The tests whose pairs are wanted.
    tests: Vec<usize>,
    pairs: PairFlags,
    planned: usize,
    ran: usize,
    own: usize,
}

impl Neighbours {
    /// A table for these tests, in a suite of `total`.
    pub(super) fn new(total: usize, tests: &[usize]) -> Self {
        Self { tests: tests.to_vec(), pairs: PairFlags::new(total), planned: 0, ran: 0, own: 0 }
    }

    /// The number of pairs that ran, and of all pairs.
    pub(crate) fn coverage(&self) -> (usize, usize) {
        (self.ran, self.tests.len() * self.tests.len().saturating_sub(1))
    }

    /// The pairs that ran.
    pub(crate) fn ran(&self) -> impl Iterator<Item = (usize, usize)> {
        self.pairs.with(RAN).into_iter()
    }

    /// Records that these tests have run in one process.
    pub(crate) fn note(&mut self, order: &[usize]) {
        self.mark(order, PLANNED | RAN);
    }

    /// Records that these tests are going to run, here or on another machine.
    pub(super) fn plan(&mut self, order: &[usize], is_own: bool) {
        if is_own {
            for pair in order.windows(2).filter(|pair| pair[0] != pair[1]) {
                let known = self.pairs.get_mut(pair[0], pair[1]);
                *known |= if *known & PLANNED == 0 { OWN } else { 0 };
            }
        }
        self.mark(order, PLANNED);
    }

    /// The number of pairs that ran and were new in an order of this machine.
    pub(crate) fn own(&self) -> usize {
        self.own
    }

    fn mark(&mut self, order: &[usize], flags: u8) {
        for pair in order.windows(2).filter(|pair| pair[0] != pair[1]) {
            let known = self.pairs.get_mut(pair[0], pair[1]);
            let new = flags & !*known;
            *known |= flags;
            self.planned += usize::from(new & PLANNED != 0);
            self.ran += usize::from(new & RAN != 0);
            self.own += usize::from(new & RAN != 0 && *known & OWN != 0);
        }
    }

    pub(super) fn is_planned(&self, one: usize, other: usize) -> bool {
        self.pairs.get(one, other) & PLANNED != 0
    }

    /// Whether there is no pair left to plan.
    pub(super) fn all_planned(&self) -> bool {
        self.planned >= self.coverage().1
    }

    /// A pair that is not planned yet.
    pub(super) fn missing(&self) -> Option<(usize, usize)> {
        let pairs = self.tests.iter().flat_map(|&one| self.tests.iter().map(move |&other| (one, other)));
        pairs.into_iter().find(|&(one, other)| one != other && !self.is_planned(one, other))
    }

    /// The number of new pairs in an order.
    pub(super) fn worth(&self, order: &[usize]) -> usize {
        order.windows(2).filter(|pair| !self.is_planned(pair[0], pair[1])).count()
    }

    /// Takes back the plans of this machine that did not run, once each, except those of tests that are left out. Returns whether there
    /// were any.
    pub(super) fn once_more(&mut self, left_out: &[usize]) -> bool {
        let before = self.planned;
        for (one, other) in self.pairs.with(PLANNED) {
            let pair = self.pairs.get_mut(one, other);
            if *pair == PLANNED | OWN && !left_out.contains(&one) && !left_out.contains(&other) {
                *pair = PLANNED_TWICE | OWN;
                self.planned -= 1;
            }
        }
        self.planned < before
    }
}
