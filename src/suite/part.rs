//! The part of a search that is one machine's, where several share it and none asks another.
//!
//! ```text
//! given, reverse, frozen, each test alone     every machine: all need to know it, and it takes few runs
//! what fails there, and states                each machine for its own tests: every test is one machine's
//! pairs, random                               each machine its own orders; what only they show, it looks into itself
//! ```
//!
//! So a test may have findings from two machines; `joined` takes one.

use std::collections::BTreeSet;

use crate::shard::{Shard, Whole};

/// What of a search is this machine's.
#[derive(Debug, Clone)]
pub(crate) struct OwnPart {
    pub(crate) shard: Shard,
    pub(crate) whole: Whole,
    /// The tests that only this machine looks into.
    own: BTreeSet<usize>,
    /// Whether orders run that no other machine runs: what fails in them is looked into here, whosever test it is.
    pub(crate) is_alone: bool,
    /// The number of ordered pairs that had run when that began.
    pub(crate) shared: Option<usize>,
}

impl OwnPart {
    /// Of tests with these ids. They are dealt by their ids, which are the same in whatever order a machine has collected them.
    pub(crate) fn of(shard: Shard, whole: Whole, ids: &[&str]) -> Self {
        let mut tests: Vec<usize> = (0..ids.len()).collect();
        tests.sort_by_key(|test| ids[*test]);
        let own = shard.parts(tests.len()).into_iter().map(|place| tests[place]).collect();
        Self { shard, whole, own, is_alone: false, shared: None }
    }

    /// Whether this machine looks into what fails of a test.
    pub(crate) fn looks_into(&self, test: usize) -> bool {
        self.is_alone || self.own.contains(&test)
    }

    /// Whether a test is this machine's.
    pub(crate) fn is_own(&self, test: usize) -> bool {
        self.own.contains(&test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_is_of_one_machine_in_whatever_order_it_was_collected() {
        let whole = || Whole::new("hunt", 0, [], String::new());
        let (ids, shuffled) = (["a", "b", "c", "d", "e"], ["d", "a", "e", "c", "b"]);
        let own = |index: usize, ids: &[&'static str]| {
            let part = OwnPart::of(Shard { index, of: 2 }, whole(), ids);
            let mut own: Vec<_> =
                (0..ids.len()).filter(|test| part.looks_into(*test)).map(|test| ids[test]).collect();
            own.sort_unstable();
            own
        };
        for index in [1, 2] {
            assert_eq!(own(index, &ids), own(index, &shuffled));
        }
        let mut all = [own(1, &ids), own(2, &ids)].concat();
        all.sort_unstable();
        assert_eq!(all, ids);
        let mut part = OwnPart::of(Shard { index: 1, of: 2 }, whole(), &ids);
        part.is_alone = true;
        assert!((0..ids.len()).all(|test| part.looks_into(test)));
    }
}
