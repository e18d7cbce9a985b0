//! Which of the tests that made a state a test is likely to depend on: its code has a word that is in the name of what that one
//! leaves, and of what no other does. It says where to look first, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::leavings::Leavings;

/// What tests leave, by the words in the names of the cells.
#[derive(Debug)]
pub(super) struct Readers<'a> {
    /// The test that leaves it, if it is only one.
    by_word: BTreeMap<&'a str, Option<usize>>,
}

impl<'a> Readers<'a> {
    /// The words of what these tests leave.
    pub(super) fn of(state: &[usize], leavings: &'a Leavings) -> Self {
        let mut by_word: BTreeMap<&str, Option<usize>> = BTreeMap::new();
        for &test in state {
            for word in leavings.cells_of(test).flat_map(words) {
                let leaver = by_word.entry(word).or_insert(Some(test));
                *leaver = leaver.filter(|leaver| *leaver == test);
            }
        }
        Self { by_word }
    }

    /// The test that leaves most of what these words name and no other one leaves; it is not `test` itself.
    pub(super) fn likely(&self, test: usize, words: &BTreeSet<String>) -> Option<usize> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        let leavers = words.iter().filter_map(|word| *self.by_word.get(word.as_str())?);
        leavers.filter(|leaver| *leaver != test).for_each(|leaver| *counts.entry(leaver).or_default() += 1);
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(leaver, _)| leaver)
    }
}

/// The words of a text: what could be a name in Python.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_apart = |letter: char| !letter.is_alphanumeric() && letter != '_';
    text.split(is_apart).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::leavings::Leavings;
    use super::{Readers, words};
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::surveyed::{LeftCell, Leftovers};

    #[test]
    fn a_word_that_only_one_test_leaves_says_whom_to_try_first() {
        let mut leavings = Leavings::default();
        let all = ["app.settings.mode", "app.table['two']", "app.table['three']"];
        for (test, name) in all.into_iter().enumerate() {
            let cell = Cell::of(CellKind::Attribute, name);
            let cells = vec![LeftCell { cell, held: Some(String::new()), lasts: false, plain: false }];
            leavings.note(test, &Leftovers { cells, all: true, ..Leftovers::default() });
        }
        let readers = Readers::of(&[0, 1, 2], &leavings);
        let likely = |test, text: &str| {
            let words: BTreeSet<String> = words(text).map(str::to_owned).collect();
            readers.likely(test, &words)
        };
        assert_eq!(likely(9, "app settings"), Some(0));
        assert_eq!(likely(9, "app table three"), Some(2));
        assert_eq!(likely(9, "app table"), None);
        assert_eq!(likely(2, "app table three"), None);
    }
}
