//! Sets of tests of one suite, which may be large.

use std::collections::BTreeSet;

/// A set of tests, one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestSet(Vec<u64>);

impl TestSet {
    pub(super) fn of_none(total: usize) -> Self {
        Self(vec![0; total.div_ceil(64)])
    }

    pub(super) fn insert(&mut self, test: usize) {
        self.0[test / 64] |= 1 << (test % 64);
    }

    pub(super) fn take_out(&mut self, test: usize) {
        self.0[test / 64] &= !(1 << (test % 64));
    }

    pub(super) fn contains(&self, test: usize) -> bool {
        self.0[test / 64] & (1 << (test % 64)) != 0
    }

    pub(super) fn retain(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    pub(super) fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= !other);
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

/// So many numbers take less room than a bit for each test of a large suite.
const FEW: usize = 64;

/// The tests that ran right after one: after most tests of a large suite, few did.
#[derive(Debug)]
pub(super) enum RanAfter {
    /// These.
    Few(BTreeSet<usize>),
    /// More than a list is good for.
    Many(TestSet),
}

impl RanAfter {
    pub(super) fn insert(&mut self, test: usize, total: usize) {
        match self {
            Self::Few(tests) if tests.len() < FEW || total <= FEW => {
                tests.insert(test);
            }
            Self::Few(_) => {
                let mut many = self.set(total);
                many.insert(test);
                *self = Self::Many(many);
            }
            Self::Many(tests) => tests.insert(test),
        }
    }

    pub(super) fn contains(&self, test: usize) -> bool {
        match self {
            Self::Few(tests) => tests.contains(&test),
            Self::Many(tests) => tests.contains(test),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(tests) => tests.len(),
            Self::Many(tests) => tests.len(),
        }
    }

    /// The same, one bit for each test.
    pub(super) fn set(&self, total: usize) -> TestSet {
        match self {
            Self::Few(tests) => {
                let mut set = TestSet::of_none(total);
                tests.iter().for_each(|test| set.insert(*test));
                set
            }
            Self::Many(tests) => tests.clone(),
        }
    }
}
