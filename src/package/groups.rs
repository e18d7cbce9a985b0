//! Ordered pairs that differ from the second module alone, put together by what differs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alone::AloneImports;
use super::finding::CellChange;
use super::talk::Otherwise;
use crate::interpreter::Outcome;

/// What is otherwise in all pairs of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Otherness {
    /// The import of the second module.
    Outcome { second: usize, outcome: Outcome, circle: Vec<String>, chain: Vec<String> },
    /// What a module holds, as digests.
    Contents { module: String, alone: String, after: String },
    /// A module is not loaded.
    NotLoaded { module: String },
    /// A module is loaded, and its parent does not name it.
    NotBound { module: String },
}

/// Ordered pairs.
pub(super) type PairList = Vec<(usize, usize)>;

/// All groups.
#[derive(Debug, Default)]
pub(super) struct Groups(pub(super) BTreeMap<Otherness, PairList>);

impl Groups {
    /// Adds what one pair showed.
    pub(super) fn add(&mut self, first: usize, told: Otherwise, alone: &AloneImports) {
        let Some(before) = &alone.imported[told.second] else { return };
        let pair = (first, told.second);
        let mut put = |otherness| self.0.entry(otherness).or_default().push(pair);
        let same_end = before.outcome.is_pass() && told.outcome.is_pass();
        if !same_end {
            let Otherwise { second, outcome, chain, circle, .. } = told;
            put(Otherness::Outcome { second, outcome, circle, chain });
            return;
        }
        for line in told.contents {
            if let Some(module) = line.strip_prefix('-') {
                put(Otherness::NotLoaded { module: module.to_owned() });
            } else if let Some(module) = line.strip_prefix('!') {
                put(Otherness::NotBound { module: module.to_owned() });
            } else if let Some((module, after)) = line.split_once('=')
                && !alone.unsteady.contains(module)
            {
                let own = before.digests.get(module).cloned().unwrap_or_default();
                put(Otherness::Contents { module: module.to_owned(), alone: own, after: after.to_owned() });
            }
        }
    }

    /// The groups of another part of the pairs too.
    pub(super) fn absorb(&mut self, others: Self) {
        for (otherness, pairs) in others.0 {
            self.0.entry(otherness).or_default().extend(pairs);
        }
    }
}

/// Pairs that differ in one way from their second module alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SeenGroup {
    pub(super) otherness: Otherness,
    pub(super) pairs: PairList,
    pub(super) look: Look,
}

/// What came of performing the smallest pair of a group again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Look {
    /// It was not performed again: no time, no room, or no need.
    None,
    /// It came to something else.
    NotConfirmed,
    /// It came to the same, with these cells.
    Confirmed(Vec<CellChange>),
}

impl SeenGroup {
    /// The pairs of another part of the group; the look at the smaller pair counts.
    pub(super) fn absorb(&mut self, other: Self, alone: &AloneImports) {
        self.pairs.extend(other.pairs.iter().copied());
        let is_others = smallest(&self.pairs, alone).is_some_and(|pair| other.pairs.contains(&pair));
        if self.look == Look::None || is_others && other.look != Look::None {
            self.look = other.look;
        }
    }
}

/// The pair that loads the fewest modules; ties go to the first.
pub(super) fn smallest(pairs: &[(usize, usize)], alone: &AloneImports) -> Option<(usize, usize)> {
    let weight = |pair: &&(usize, usize)| (alone.weight(pair.0) + alone.weight(pair.1), **pair);
    pairs.iter().min_by_key(weight).copied()
}

/// The first modules of the pairs without those that load another of them: what they do, that other does.
pub(super) fn least_firsts(pairs: &[(usize, usize)], names: &[&str], alone: &AloneImports) -> Vec<usize> {
    let mut firsts: Vec<usize> = pairs.iter().map(|(first, _)| *first).collect();
    firsts.sort_unstable();
    firsts.dedup();
    let loads_another = |first: &usize| {
        firsts.iter().any(|other| {
            other != first
                && alone.loads(*first, names[*other])
                && (!alone.loads(*other, names[*first]) || other < first)
        })
    };
    let mut least: Vec<usize> = firsts.iter().copied().filter(|first| !loads_another(first)).collect();
    least.sort_by_key(|first| (alone.weight(*first), *first));
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::imported::Imported;

    fn loading(modules: &[&str]) -> Option<Imported> {
        let mut imported = Imported::of_answer(b"", &[b"p".to_vec()], b"");
        imported.digests = modules.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
        Some(imported)
    }

    /// p.a loads p.b, p.c loads nothing else.
    fn three() -> AloneImports {
        let imported = vec![loading(&["p.a", "p.b"]), loading(&["p.b"]), loading(&["p.c"])];
        AloneImports { imported, ..AloneImports::default() }
    }

    #[test]
    fn whoever_only_loads_another_is_not_named() {
        let names = ["p.a", "p.b", "p.c"];
        assert_eq!(least_firsts(&[(0, 2), (1, 2)], &names, &three()), [1]);
        assert_eq!(least_firsts(&[(0, 1), (2, 1)], &names, &three()), [2, 0]);
    }

    #[test]
    fn the_smallest_pair_stands_for_its_group() {
        assert_eq!(smallest(&[(0, 2), (1, 2)], &three()), Some((1, 2)));
        assert_eq!(smallest(&[], &three()), None);
    }

    #[test]
    fn a_pair_is_grouped_by_what_differs() {
        let told = |outcome, contents: &[&str]| Otherwise {
            second: 2,
            outcome,
            chain: Vec::new(),
            circle: Vec::new(),
            contents: contents.iter().map(|line| (*line).to_owned()).collect(),
        };
        let mut groups = Groups::default();
        groups.add(0, told(Outcome::Passed, &["p.c=2", "-p.x", "!p.y"]), &three());
        groups.add(1, told(Outcome::Passed, &["p.c=2"]), &three());
        groups.add(1, told(Outcome::TimedOut, &[]), &three());
        let counts: Vec<usize> = groups.0.values().map(Vec::len).collect();
        assert_eq!(counts, [1, 2, 1, 1]);
    }
}
