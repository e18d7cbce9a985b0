//! Which tests are to make states: together they leave all that tests leave, in few states.
//!
//! The tests of one state leave different cells, so that each finds what the others have left. The first states have
//! every cell once, later ones every other value.

use std::collections::BTreeSet;

use super::leavings::{Leaving, Leavings, Left};

/// The tests of the next state, in the sequence of `tests`: those that leave the most that no state had so far, and no
/// cell twice. `of` says what of a test's leaving is meant.
pub(super) fn next_state(
    leavings: &Leavings,
    tests: &[usize],
    covered: &BTreeSet<Left>,
    of: impl Fn(&Leaving) -> &BTreeSet<Left>,
) -> Vec<usize> {
    let new = |test: usize| -> BTreeSet<Left> {
        let left = leavings.of(test).map(&of);
        left.into_iter().flatten().filter(|left| !covered.contains(left)).copied().collect()
    };
    let mut candidates: Vec<(usize, BTreeSet<Left>)> =
        tests.iter().map(|&test| (test, new(test))).filter(|(_, new)| !new.is_empty()).collect();
    candidates.sort_by_key(|(_, new)| std::cmp::Reverse(new.len()));
    let (mut cells, mut state, mut has) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (test, new) in candidates {
        if new.is_subset(&has) {
            continue;
        }
        let all = leavings.of(test).map(&of).into_iter().flatten();
        // What another test of the state leaves too, with the same value, is no conflict.
        let own: BTreeSet<&str> =
            all.filter(|left| !has.contains(*left)).map(|&left| leavings.cell(left)).collect();
        if own.is_disjoint(&cells) {
            cells.extend(own);
            has.extend(new);
            state.insert(test);
        }
    }
    tests.iter().copied().filter(|test| state.contains(test)).collect()
}

/// Pairs of lists: for any two of these tests, one is in the first list of a pair and the other in its second list.
pub(super) fn split(tests: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let bits = usize::BITS - tests.len().saturating_sub(1).leading_zeros();
    let half = |bit: u32, is: usize| -> Vec<usize> {
        tests
            .iter()
            .enumerate()
            .filter(|(place, _)| (place >> bit) & 1 == is)
            .map(|(_, test)| *test)
            .collect()
    };
    (0..bits).flat_map(|bit| [(half(bit, 0), half(bit, 1)), (half(bit, 1), half(bit, 0))]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::leavings::Leavings;
    use super::{next_state, split};
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::surveyed::{LeftCell, Leftovers};

    /// Tests by what they leave: cells with values.
    fn leavings(of: &[&[(&str, &str)]]) -> Leavings {
        let mut leavings = Leavings::default();
        for (test, cells) in of.iter().enumerate() {
            let cell = |(name, value): &(&str, &str)| LeftCell {
                cell: Cell::of(CellKind::Attribute, name),
                held: Some((*value).to_owned()),
            };
            let cells = cells.iter().map(cell).collect();
            leavings.note(test, &Leftovers { cells, all: true, ..Leftovers::default() });
        }
        leavings
    }

    #[test]
    fn few_states_have_all_that_tests_leave() {
        let leavings = leavings(&[
            &[],
            &[("a", "1")],
            &[("b", "1"), ("c", "1")],
            &[("a", "1"), ("d", "1")],
            &[("a", "2")],
            &[("c", "1")],
        ]);
        let tests: Vec<usize> = (0..6).collect();
        let (mut covered, mut states) = (BTreeSet::new(), Vec::new());
        loop {
            let state = next_state(&leavings, &tests, &covered, |leaving| &leaving.everywhere);
            if state.is_empty() {
                break;
            }
            covered.extend(state.iter().flat_map(|&test| &leavings.of(test).unwrap().everywhere).copied());
            states.push(state);
        }
        assert_eq!(states, [vec![2, 3], vec![4]]);
        assert!((0..6).all(|test| leavings.of(test).unwrap().everywhere.is_subset(&covered)));
    }

    #[test]
    fn any_two_tests_of_a_state_are_apart_in_a_split() {
        for count in 0..12 {
            let tests: Vec<usize> = (10..10 + count).collect();
            let split = split(&tests);
            assert!(split.len() <= 8, "{count}");
            for &one in &tests {
                for &other in tests.iter().filter(|other| **other != one) {
                    assert!(
                        split.iter().any(|(first, second)| first.contains(&one) && second.contains(&other))
                    );
                }
            }
        }
    }
}
