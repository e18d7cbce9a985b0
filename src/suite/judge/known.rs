//! Sets of tests that are known to decide the outcomes of others, and what branches have told of them: which of the sets are
//! worth trying on one more test.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::suspicion::Suspicion;
use crate::kind::FindingKind;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::run::HuntClock;

/// What was tried on what: a test that ran first, the other test, what it is suspected of, and under which times.
type LeadKey = (usize, usize, FindingKind, HuntClock);

/// What is known of sets of tests.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownSets {
    /// Each with the number of tests that it decides.
    sets: Vec<(Vec<usize>, usize)>,
    leads: BTreeMap<LeadKey, bool>,
}

impl KnownSets {
    /// Records that a set decides one more test.
    pub(crate) fn decides(&mut self, set: &[usize]) {
        match self.sets.iter_mut().find(|(known, _)| known == set) {
            Some((_, count)) => *count += 1,
            None => self.sets.push((set.to_vec(), 1)),
        }
    }

    /// Records that a set does not decide a test after all.
    pub(crate) fn no_longer_decides(&mut self, set: &[usize]) {
        if let Some((_, count)) = self.sets.iter_mut().find(|(known, _)| known == set) {
            *count = count.saturating_sub(1);
        }
    }

    /// How many tests a set decides, as far as is known.
    pub(crate) fn decided_by(&self, set: &[usize]) -> usize {
        self.sets.iter().find(|(known, _)| known == set).map_or(0, |(_, count)| *count)
    }

    /// The single tests that decide others, those that decide most first.
    pub(crate) fn singles(&self) -> Vec<usize> {
        let mut singles: Vec<&(Vec<usize>, usize)> =
            self.sets.iter().filter(|(set, count)| set.len() == 1 && *count > 0).collect();
        singles.sort_by_key(|(_, count)| Reverse(*count));
        singles.into_iter().map(|(set, _)| set[0]).collect()
    }

    /// Records what a branch has told: whether the test, after this single one, did what is suspected.
    pub(crate) fn led(&mut self, single: usize, suspicion: &Suspicion, shown: bool) {
        self.leads.insert(key(single, suspicion), shown);
    }

    /// What a branch has told, if one was asked.
    pub(crate) fn lead(&self, single: usize, suspicion: &Suspicion) -> Option<bool> {
        self.leads.get(&key(single, suspicion)).copied()
    }

    /// The sets within what ran before the test that are worth trying, the likeliest first.
    pub(super) fn worth_trying(&self, suspicion: &Suspicion) -> Vec<Vec<usize>> {
        let lead = |set: &[usize]| match set {
            [single] => self.lead(*single, suspicion),
            _ => None,
        };
        let applies = |set: &[usize]| set.iter().all(|test| suspicion.prefix.contains(test));
        let mut worth: Vec<(Option<bool>, usize, &Vec<usize>)> = self
            .sets
            .iter()
            .map(|(set, count)| (lead(set), *count, set))
            .filter(|(lead, _, set)| *lead != Some(false) && applies(set))
            .collect();
        worth.sort_by_key(|(lead, count, _)| (Reverse(*lead), Reverse(*count)));
        worth.into_iter().map(|(_, _, set)| set.clone()).collect()
    }
}

fn key(single: usize, suspicion: &Suspicion) -> LeadKey {
    (single, suspicion.test, suspicion.kind, suspicion.timestamps)
}

/// The tests that have changed what a test leaves, by that test and by cell, as far as somebody has looked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cleaners(BTreeMap<usize, CellChangers>);

/// The tests that have changed a cell, by its name; a cell that none has changed has an empty set.
pub(crate) type CellChangers = BTreeMap<String, BTreeSet<usize>>;

/// Adds what tests of a state have changed: each with the names of its cells.
pub(crate) fn add_changers(changers: &mut CellChangers, changed: &[(usize, Vec<String>)]) {
    for (test, names) in changed {
        for name in names {
            changers.entry(name.clone()).or_default().insert(*test);
        }
    }
}

impl Cleaners {
    /// All tests that change what this one leaves are known.
    pub(crate) fn note(&mut self, test: usize, changers: CellChangers) {
        self.0.insert(test, changers);
    }

    pub(super) fn are_known(&self, test: usize) -> bool {
        self.0.contains_key(&test)
    }

    /// The tests that have changed one of the cells that decide, of those that this one leaves: who changes another one cleans up
    /// nothing that matters. `None` where none of these cells is among those that it was seen to leave: nobody can tell.
    pub(super) fn of(&self, test: usize, state: &[Cell]) -> Option<BTreeSet<usize>> {
        let changers = self.0.get(&test)?;
        let decides = |name: &String| state.iter().any(|cell| is_told_by(&cell.cell, name));
        let decisive: Vec<_> = changers.iter().filter(|(name, _)| decides(name)).collect();
        (!decisive.is_empty()).then(|| decisive.into_iter().flat_map(|(_, tests)| tests).copied().collect())
    }
}

/// Whether a name tells of a cell: its own, or that of all entries of its dictionary, if many have changed at once.
fn is_told_by(cell: &str, name: &str) -> bool {
    let entry = || cell.strip_prefix(name.strip_suffix("[:]")?)?.strip_prefix('[');
    cell == name || entry().is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Cleaners, KnownSets};
    use crate::kind::FindingKind;
    use crate::suite::judge::suspicion::Suspicion;
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::run::HuntClock;

    #[test]
    fn what_decides_most_is_tried_first_and_what_a_branch_has_refuted_not_at_all() {
        let mut known = KnownSets::default();
        for set in [&[1][..], &[2], &[2], &[3], &[4, 5], &[9]] {
            known.decides(set);
        }
        let suspicion = Suspicion::after(vec![1, 2, 3, 4, 5], 7, FindingKind::Victim, HuntClock::Real);
        assert_eq!(known.worth_trying(&suspicion), [vec![2], vec![1], vec![3], vec![4, 5]]);
        known.led(2, &suspicion, false);
        known.led(3, &suspicion, true);
        assert_eq!(known.worth_trying(&suspicion), [vec![3], vec![1], vec![4, 5]]);
        let other = Suspicion { test: 8, ..suspicion };
        assert_eq!(known.worth_trying(&other)[0], [2]);
        assert_eq!(known.singles(), [2, 1, 3, 9]);
    }

    #[test]
    fn only_who_changes_what_decides_may_clean_up() {
        let mut cleaners = Cleaners::default();
        let changers =
            [("stats.count", vec![1, 2, 3, 4]), ("settings.mode", vec![3]), ("settings.level", vec![])];
        let of = |(name, tests): &(&str, Vec<usize>)| ((*name).to_owned(), tests.iter().copied().collect());
        cleaners.note(0, changers.iter().map(of).collect());
        cleaners.note(2, [("table[:]".to_owned(), BTreeSet::from([5]))].into());
        let cell = |name| Cell::of(CellKind::Attribute, name);
        let of = |state: &[Cell]| cleaners.of(0, state).map(|tests| tests.into_iter().collect::<Vec<_>>());
        assert_eq!(of(&[cell("settings.mode")]), Some(vec![3]));
        assert_eq!(of(&[cell("settings.mode"), cell("stats.count")]), Some(vec![1, 2, 3, 4]));
        assert_eq!(of(&[cell("settings.level")]), Some(Vec::new()));
        let of_2 = |name| cleaners.of(2, &[cell(name)]);
        assert_eq!(of_2("table['key']"), Some(BTreeSet::from([5])), "many entries have one name");
        assert_eq!((of_2("tables['key']"), of_2("table.size")), (None, None));
        // A look at another moment may call a cell by another name.
        assert_eq!(of(&[cell("other.name")]), None);
        assert_eq!(cleaners.of(1, &[]), None::<BTreeSet<usize>>);
    }
}
