//! Which tests are to make states: together they leave all that tests leave, in few states.
//!
//! The tests of one state leave different cells, so that each finds what the others have left. The first state has every
//! cell once. Later ones have what was not there as a test leaves it alone, and no two cells of one container: the length
//! of a dictionary, say, may be what a test puts there. The last ones have all at once that a test leaves.

use std::collections::BTreeSet;

use super::leavings::{Leaving, Leavings, Left};
use super::states::Turned;

/// A state that is wanted: the tests that make it, and those that run in it.
pub(super) type WantedState = (Vec<usize>, Vec<usize>);

/// What at most one test of a state may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apart {
    /// Each cell.
    Cells,
    /// What is sought in each container.
    Containers,
}

/// The tests of the next state, in the sequence of `tests`: those that leave the most that is `new`, what no state had so
/// far, and no cell twice. `of` says what of a test's leaving is meant.
pub(super) fn next_state(
    leavings: &Leavings,
    tests: &[usize],
    new: impl Fn(usize) -> BTreeSet<Left>,
    of: fn(&Leaving) -> &BTreeSet<Left>,
    apart: Apart,
) -> Vec<usize> {
    let mut candidates: Vec<(usize, BTreeSet<Left>)> =
        tests.iter().map(|&test| (test, new(test))).filter(|(_, new)| !new.is_empty()).collect();
    candidates.sort_by_key(|(_, new)| std::cmp::Reverse(new.len()));
    let (mut cells, mut state, mut has) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (test, new) in candidates {
        if new.is_subset(&has) {
            continue;
        }
        let all = leavings.of(test).map(of).into_iter().flatten();
        // What another test of the state leaves too, with the same value, is no conflict.
        let others = all.filter(|left| !has.contains(*left));
        let own: BTreeSet<&str> = match apart {
            Apart::Cells => others.map(|&left| leavings.cell(left)).collect(),
            Apart::Containers => {
                let sought = others.filter(|left| new.contains(left));
                sought.map(|&left| leavings.container(left)).collect()
            }
        };
        if own.is_disjoint(&cells) {
            cells.extend(own);
            has.extend(leavings.of(test).map(of).into_iter().flatten().copied());
            state.insert(test);
        }
    }
    tests.iter().copied().filter(|test| state.contains(test)).collect()
}

/// What a test leaves that is not `covered`.
pub(super) fn uncovered(left: Option<&BTreeSet<Left>>, covered: &BTreeSet<Left>) -> BTreeSet<Left> {
    left.into_iter().flatten().filter(|left| !covered.contains(left)).copied().collect()
}

/// Every other one of these tests, every other pair of them, every other four, and so on: a test is in those lists in whose place its
/// own place among them has a zero as a binary digit.
pub(super) fn every_other(tests: &[usize]) -> Vec<Vec<usize>> {
    let bits = usize::BITS - tests.len().saturating_sub(1).leading_zeros();
    let part = |bit: u32| tests.iter().enumerate().filter(move |(place, _)| (place >> bit) & 1 == 0);
    (0..bits).map(|bit| part(bit).map(|(_, test)| *test).collect()).collect()
}

/// A state in two halves, for the tests that turned in it.
pub(super) fn halves((state, turned): &(Vec<usize>, Vec<Turned>)) -> [WantedState; 2] {
    let tests: Vec<usize> = turned.iter().map(|(test, _)| *test).collect();
    let (first, second) = state.split_at(state.len() / 2);
    [(first.to_vec(), tests.clone()), (second.to_vec(), tests)]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::leavings::Leavings;
    use super::{Apart, every_other, next_state, uncovered};
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::surveyed::{LeftCell, Leftovers};

    /// Tests by what they leave: cells with values.
    fn leavings(of: &[&[(&str, &str)]]) -> Leavings {
        let mut leavings = Leavings::default();
        for (test, cells) in of.iter().enumerate() {
            let cell = |(name, value): &(&str, &str)| LeftCell {
                cell: Cell::of(CellKind::Attribute, name),
                held: Some((*value).to_owned()),
                lasts: false,
                plain: false,
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
            let new = |test| uncovered(leavings.of(test).map(|leaving| &leaving.everywhere), &covered);
            let state = next_state(&leavings, &tests, new, |leaving| &leaving.everywhere, Apart::Cells);
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
    fn what_may_depend_on_one_another_is_in_states_apart() {
        let leavings = leavings(&[
            &[("n", "1"), ("t['a']", "0")],
            &[("n", "1"), ("t['b']", "0")],
            &[("n", "1"), ("u['c']", "0")],
        ]);
        let covered = &leavings.of(0).unwrap().everywhere & &leavings.of(1).unwrap().everywhere;
        let new = |test| uncovered(leavings.of(test).map(|leaving| &leaving.everywhere), &covered);
        let next = |apart| next_state(&leavings, &[0, 1, 2], new, |leaving| &leaving.everywhere, apart);
        assert_eq!(next(Apart::Cells), [0, 1, 2]);
        assert_eq!(next(Apart::Containers), [0, 2]);
    }

    #[test]
    fn the_lists_that_hold_a_test_tell_which_one_it_is() {
        for count in 2..20 {
            let tests: Vec<usize> = (10..10 + count).collect();
            let lists = every_other(&tests);
            assert!(lists.len() <= 5, "{count}");
            for (place, test) in tests.iter().enumerate() {
                let bit = |(bit, list): (usize, &Vec<usize>)| usize::from(!list.contains(test)) << bit;
                assert_eq!(lists.iter().enumerate().map(bit).sum::<usize>(), place);
            }
        }
        assert_eq!(
            every_other(&[10, 11, 12, 13, 14]),
            [vec![10, 12, 14], vec![10, 11, 14], vec![10, 11, 12, 13]]
        );
        assert!(every_other(&[10]).is_empty());
    }
}
