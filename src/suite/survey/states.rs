//! What surveys have shown so far: who leaves what, which pairs are known, who changes what others have left.

use std::collections::{BTreeMap, BTreeSet};

use super::account::KnownPairs;
use super::leavings::{Leavings, Left};
use super::readers::words;
use crate::suite::judge::known::{CellChangers, add_changers};
use crate::suite::runner::message::Item;
use crate::suite::runner::run::TestResult;
use crate::suite::runner::surveyed::{LeftToo, SurveyedState};

/// A test that did something else than alone, with whether it failed.
pub(super) type Turned = (usize, bool);

/// The results of surveys.
#[derive(Debug)]
pub(crate) struct States {
    pub(crate) leavings: Leavings,
    pub(crate) pairs: KnownPairs,
    /// What each test did on its own.
    pub(crate) alone: BTreeMap<usize, TestResult>,
    /// The tests that change a cell which another one has left, by the name of the cell.
    changers: CellChangers,
    /// The words in the code of tests that did something else than alone.
    pub(super) words: BTreeMap<usize, BTreeSet<String>>,
    /// What states of many tests were made for: the first one, and those whose tests leave nothing in the same container.
    pub(super) tried: BTreeSet<Left>,
    pub(super) tried_apart: BTreeSet<Left>,
    /// Tests that have made a state with others in which all was to be that each of them leaves.
    pub(super) tried_whole: BTreeSet<usize>,
    /// By the tests that made a state: those that were the first to leave something there that they do not leave alone, with it.
    links: BTreeMap<Vec<usize>, Vec<(usize, BTreeSet<LeftToo>)>>,
    /// All tests that were ever among these, and what they left.
    linked: (BTreeSet<usize>, BTreeSet<LeftToo>),
    /// Pairs whose second test did something else in a state that the first had made, with others or alone.
    turned: BTreeSet<(usize, usize)>,
    /// Those of them of which the first had made it alone.
    turned_by_one: BTreeSet<(usize, usize)>,
}

impl States {
    /// Before the first survey of a suite of so many tests.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            leavings: Leavings::default(),
            pairs: KnownPairs::new(total),
            alone: BTreeMap::new(),
            changers: CellChangers::new(),
            words: BTreeMap::new(),
            tried: BTreeSet::new(),
            tried_apart: BTreeSet::new(),
            tried_whole: BTreeSet::new(),
            links: BTreeMap::new(),
            linked: (BTreeSet::new(), BTreeSet::new()),
            turned: BTreeSet::new(),
            turned_by_one: BTreeSet::new(),
        }
    }

    /// Notes what a test does on its own, of whose state nothing is known.
    pub(super) fn did_alone(&mut self, ran: TestResult) {
        self.alone.insert(ran.test, ran);
    }

    /// Notes what tests did on their own, and what they left.
    pub(super) fn note_alone(&mut self, states: &[SurveyedState]) {
        for state in states {
            let [ran] = &state.tests[..] else { continue };
            if let Some(left) = &state.left {
                self.leavings.note(ran.test, left);
            }
            self.alone.insert(ran.test, ran.clone());
        }
    }

    /// Notes what ran in a state; returns the tests that did something else than alone.
    pub(super) fn note(&mut self, state: &SurveyedState) -> Vec<Turned> {
        let tests: Vec<usize> = state.tests.iter().map(|ran| ran.test).collect();
        let found = state.left.as_ref().map(|left| self.leavings.found(&tests, left)).unwrap_or_default();
        add_changers(&mut self.changers, &state.changed);
        for (test, names) in &state.reads {
            self.words.insert(*test, names.iter().flat_map(|name| words(name)).map(str::to_owned).collect());
        }
        let (mut turned, mut met) = (Vec::new(), Vec::new());
        for ran in &state.then {
            let alone = self.alone.get(&ran.test);
            let has_turned =
                alone.is_some_and(|alone| alone.outcome.is_failure() != ran.outcome.is_failure());
            // A test that runs a second time may do something else for that alone.
            if !has_turned || !tests.contains(&ran.test) {
                met.push(ran.test);
            }
            if let [only] = tests[..] {
                self.pairs.ran(only, ran.test);
                self.turned_by_one.extend(has_turned.then_some((only, ran.test)));
            }
            if has_turned {
                turned.push((ran.test, ran.outcome.is_failure()));
                self.turned.extend(tests.iter().map(|&first| (first, ran.test)));
            }
        }
        self.pairs.turned(found.clone(), turned.iter().map(|(test, _)| *test));
        self.pairs.met(found, met.into_iter());
        turned
    }

    /// What no state need be made for any more: what was tried, or was there when all others ran.
    pub(super) fn covered(
        &self,
        tests: &[usize],
        seconds: &[usize],
        tried: &BTreeSet<Left>,
    ) -> BTreeSet<Left> {
        let mut leavers: BTreeMap<Left, Vec<usize>> = BTreeMap::new();
        for &test in tests {
            for &left in self.leavings.of(test).into_iter().flat_map(|leaving| &leaving.everywhere) {
                leavers.entry(left).or_default().push(test);
            }
        }
        let is_covered = |left: Left, by: &[usize]| {
            // What only one test leaves, that test need not meet.
            let others = seconds.iter().copied().filter(|second| by != [*second]);
            tried.contains(&left) || self.pairs.all_met(left, others)
        };
        leavers.into_iter().filter(|(left, by)| is_covered(*left, by)).map(|(left, _)| left).collect()
    }

    /// Those of these tests that have not run where all was at once that a test leaves for everybody.
    pub(super) fn lost(&self, test: usize, seconds: &[usize]) -> Vec<usize> {
        let everywhere = self.leavings.of(test).map(|leaving| &leaving.everywhere);
        everywhere.map(|left| self.pairs.lost(left, test, seconds)).unwrap_or_default()
    }

    /// Those of a test's own file that can find what it leaves for them and have not run where all of it was.
    pub(super) fn lost_near(&self, test: usize, file: &[usize], items: &[Item]) -> Vec<usize> {
        if self.leavings.of(test).is_none_or(|leaving| leaving.near.is_empty()) {
            return Vec::new();
        }
        let is_lost = |second: &usize| {
            *second != test
                && self.leavings.is_near((test, &items[test]), &items[*second])
                && !self.pairs.has_run(test, *second)
                && !self.pairs.follows(&self.leavings, test, *second, true)
        };
        file.iter().copied().filter(is_lost).collect()
    }

    /// The other tests that changed something of what a test leaves, and so may clean up after it, by cell.
    pub(crate) fn may_clean_up_after(&self, test: usize) -> CellChangers {
        let cells: BTreeSet<&str> = self.leavings.cells_of(test).collect();
        // In states that others have made it changes the cell too; pytest runs no test twice in a row.
        let others =
            |cell| self.changers.get(cell).into_iter().flatten().copied().filter(|each| *each != test);
        cells.into_iter().map(|cell| (cell.to_owned(), others(cell).collect())).collect()
    }

    /// The second test of a pair did something else than alone. If it had not where all was that the first one leaves, the claim that
    /// pairs follow from state does not hold.
    pub(crate) fn came_out_otherwise(&mut self, first: usize, second: usize, is_near: bool) {
        let is_known = self.turned.contains(&(first, second))
            || self.pairs.has_turned(&self.leavings, first, second, is_near);
        if !is_known && self.pairs.follows(&self.leavings, first, second, is_near) {
            self.pairs.is_refuted = true;
        }
    }

    /// Notes the tests that left something in a state of several that they do not leave alone.
    pub(super) fn note_links(&mut self, tests: &[usize], state: &SurveyedState) {
        for (test, cells) in state.left_too.iter().filter(|_| tests.len() > 1) {
            let alone: BTreeSet<&str> = self.leavings.cells_of(*test).collect();
            let (linked, known) = &mut self.linked;
            // What nobody can tell is like nothing else.
            let is_known = |left: &LeftToo| left.1.is_some() && known.contains(left);
            let new = cells.iter().filter(|left| !alone.contains(&left.0[..]) && !is_known(left));
            let new: BTreeSet<LeftToo> = new.cloned().collect();
            if !new.is_empty() && !tests.contains(test) && linked.insert(*test) {
                known.extend(new.iter().cloned());
                self.links.entry(tests.to_vec()).or_default().push((*test, new));
            }
        }
    }

    /// The tests of a former state, and tests that left there what they do not leave alone, no two of them the same cell.
    pub(super) fn next_link(&mut self) -> Option<(Vec<usize>, Vec<usize>)> {
        let (state, links) = self.links.pop_first()?;
        let (mut taken, mut rest, mut cells) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (test, new) in links {
            if new.iter().all(|(cell, _)| !cells.contains(cell)) {
                cells.extend(new.into_iter().map(|(cell, _)| cell));
                taken.push(test);
            } else {
                rest.push((test, new));
            }
        }
        if !rest.is_empty() {
            self.links.insert(state.clone(), rest);
        }
        Some((state, taken))
    }

    /// Whether one of these tests, on its own, makes a test do something else than alone.
    pub(super) fn turns_alone(&self, tests: &[usize], second: usize) -> bool {
        tests.iter().any(|first| self.turned_by_one.contains(&(*first, second)))
    }

    /// Whether a test did something else than alone in a state that another one made, with others or alone.
    pub(super) fn has_turned(&self, first: usize, second: usize) -> bool {
        self.turned.contains(&(first, second))
    }

    /// The tests that fail on their own.
    pub(crate) fn failing_alone(&self) -> impl Iterator<Item = &TestResult> {
        self.alone.values().filter(|alone| alone.outcome.is_failure())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::States;
    use crate::suite::runner::cell::{Cell, CellKind};
    use crate::suite::runner::run::{TestOutcome, TestResult};
    use crate::suite::runner::surveyed::{LeftCell, Leftovers, SurveyedState};

    #[test]
    fn a_test_does_not_clean_up_after_itself() {
        let ran = |test| TestResult { test, outcome: TestOutcome::Passed, text: String::new() };
        let cell = LeftCell {
            cell: Cell::of(CellKind::Attribute, "state.value"),
            held: Some("1".to_owned()),
            lasts: false,
            plain: false,
        };
        let left = Leftovers { cells: vec![cell], all: true, ..Leftovers::default() };
        let mut states = States::new(3);
        let mut alone = SurveyedState::default();
        (alone.tests, alone.left) = (vec![ran(0)], Some(left));
        states.note_alone(&[alone]);
        let names = || vec!["state.value".to_owned()];
        let mut of_another = SurveyedState::default();
        (of_another.tests, of_another.changed) = (vec![ran(2)], vec![(0, names()), (1, names())]);
        states.note(&of_another);
        let changers = states.may_clean_up_after(0);
        assert_eq!(changers, [("state.value".to_owned(), BTreeSet::from([1]))].into());
    }

    #[test]
    fn what_turned_in_the_same_state_that_another_made_came_out_as_it_was_told() {
        let ran = |test, outcome| TestResult { test, outcome, text: String::new() };
        let left = || {
            let cell = LeftCell {
                cell: Cell::of(CellKind::Attribute, "state.count"),
                held: Some("1".to_owned()),
                lasts: false,
                plain: false,
            };
            Some(Leftovers { cells: vec![cell], all: true, ..Leftovers::default() })
        };
        let alone = |test| {
            let mut state = SurveyedState::default();
            (state.tests, state.left) = (vec![ran(test, TestOutcome::Passed)], left());
            state
        };
        let mut states = States::new(3);
        states.note_alone(&[alone(0), alone(1), alone(2)]);
        let mut made = alone(0);
        made.then = vec![ran(1, TestOutcome::Failed), ran(2, TestOutcome::Passed)];
        states.note(&made);
        // Both fail after the last one; nobody had seen the first of them fail where it had run itself.
        states.came_out_otherwise(2, 1, false);
        assert!(!states.pairs.is_refuted);
        states.came_out_otherwise(1, 2, false);
        assert!(states.pairs.is_refuted, "it passed where all of that was");
    }
}
