//! Performs what the search for suspects asks for: whole orderings, or all orderings of some tests. It counts what was performed for
//! the search alone, and ends it when the budget is used up.

use std::ops::ControlFlow;

use super::outcomes::{GraphReader, TestOutcomes, Witness, failure, failure_in};
use crate::budget::Budget;
use crate::explore::{ExploreError, Explorer, Reach};
use crate::interpreter::{NoOutcome, Outcome};
use crate::kind::FindingKind;

/// Orderings of which it is sought whether a suspect explains them.
const EXPLAINED: usize = 5_000;

/// A finding before its details: who, by whom, shown by what.
#[derive(Debug, Clone)]
pub(super) struct Suspect {
    pub(super) kind: FindingKind,
    pub(super) test: usize,
    pub(super) others: Vec<usize>,
    pub(super) minimal: bool,
    pub(super) witness: Witness,
}

/// The explorer, with what limits it and what it has done for the search.
pub(super) struct Experimenter<'e, 'a> {
    explorer: &'e mut Explorer<'a>,
    /// Whether all orderings were covered before the search.
    complete: bool,
    budget: Budget,
    runs: u64,
}

impl<'e, 'a> Experimenter<'e, 'a> {
    pub(super) fn new(explorer: &'e mut Explorer<'a>, complete: bool, budget: Budget) -> Self {
        Self { explorer, complete, budget, runs: 0 }
    }

    pub(super) fn explorer(&mut self) -> &mut Explorer<'a> {
        self.explorer
    }

    /// Performances for the search alone.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many tests there are.
    pub(super) fn tests(&self) -> usize {
        self.explorer.shape().tests()
    }

    /// The test with these others, and with the prerequisites of all of them.
    pub(super) fn scope(&self, others: &[usize], test: usize) -> Vec<usize> {
        let all: Vec<usize> = others.iter().copied().chain([test]).collect();
        self.explorer.scenario().closure(&all)
    }

    /// Returns an error once the budget is used up.
    pub(super) fn in_time(&self) -> Result<(), ExploreError> {
        self.budget.check().map_err(|_| NoOutcome::Interrupted.into())
    }

    /// Performs one ordering; returns the step (from 1) at which the test fails, and how, or `None` if it passes.
    pub(super) fn failure(
        &mut self,
        steps: &[usize],
        test: usize,
    ) -> Result<Option<(usize, Outcome)>, ExploreError> {
        let before = self.explorer.transitions();
        let outcomes = self.explorer.perform_remembered(steps)?;
        self.runs += u64::from(self.explorer.transitions() > before);
        Ok(failure_in(steps, &outcomes.iter().collect::<Vec<_>>(), test))
    }

    /// Whether the test does what shows a finding of this kind in the ordering cut down to these others, itself, and the
    /// prerequisites of both.
    pub(super) fn shows(
        &mut self,
        kind: FindingKind,
        test: usize,
        steps: &[usize],
        others: &[usize],
    ) -> Result<bool, ExploreError> {
        let scope = self.scope(others, test);
        let cut: Vec<usize> = steps.iter().copied().filter(|step| scope.contains(step)).collect();
        Ok(self.failure(&cut, test)?.is_some() == kind.shows_by_failing())
    }

    /// What the test does over all orderings of `scope`, which are performed first.
    pub(super) fn fate(&mut self, scope: &[usize], test: usize) -> Result<TestOutcomes, ExploreError> {
        self.cover(scope)?;
        Ok(self.known_fate(scope, test))
    }

    /// What the test does over those orderings of `scope` that were performed.
    pub(super) fn known_fate(&self, scope: &[usize], test: usize) -> TestOutcomes {
        GraphReader::new(&self.explorer.graph(), self.explorer.shape(), scope, test).fate()
    }

    /// What the test does over those orderings of all tests that were performed.
    pub(super) fn fate_among_all(&self, test: usize) -> TestOutcomes {
        let all: Vec<usize> = (0..self.tests()).collect();
        self.known_fate(&all, test)
    }

    /// The suspect whose witness is among all orderings of `scope`, or `None` if no ordering shows it.
    pub(super) fn suspect(
        &mut self,
        kind: FindingKind,
        test: usize,
        others: Vec<usize>,
        scope: &[usize],
    ) -> Result<Option<Suspect>, ExploreError> {
        self.cover(scope)?;
        let witness = self.witness(kind, test, scope);
        Ok(witness.map(|witness| Suspect { kind, test, others, minimal: true, witness }))
    }

    /// The first ordering of all tests, among those that were performed, that shows a finding of this kind and does not show it with
    /// the tests of any of these scopes alone; as the test of each step. One with a neighbour comes first.
    pub(super) fn first_unexplained(
        &self,
        kind: FindingKind,
        test: usize,
        scopes: &[Vec<usize>],
    ) -> Option<Vec<usize>> {
        let all: Vec<usize> = (0..self.tests()).collect();
        if scopes.is_empty() {
            let witness = self.witness(kind, test, &all)?;
            return Some(self.explorer.shape().steps_of(&witness.word));
        }
        let (graph, wanted) = (self.explorer.graph(), kind.shows_by_failing());
        let (mut found, mut looked_at) = (None, 0);
        let mut reader = GraphReader::new(&graph, self.explorer.shape(), &all, test);
        reader.each(wanted, &mut |_, steps| {
            looked_at += 1;
            let shows = |scope: &Vec<usize>| {
                let cut: Vec<usize> = steps.iter().copied().filter(|step| scope.contains(step)).collect();
                failure(&graph, &cut, test).is_none_or(|failure| failure.is_some() == wanted)
            };
            if !scopes.iter().any(shows) {
                found = Some(steps.to_vec());
            }
            if found.is_none() && looked_at < EXPLAINED {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        found
    }

    fn witness(&self, kind: FindingKind, test: usize, scope: &[usize]) -> Option<Witness> {
        let graph = self.explorer.graph();
        GraphReader::new(&graph, self.explorer.shape(), scope, test).witness(kind.shows_by_failing())
    }

    fn cover(&mut self, scope: &[usize]) -> Result<(), ExploreError> {
        if self.complete {
            return Ok(());
        }
        let before = self.explorer.graph().transitions();
        let reach = self.explorer.cover(scope, 1, &self.budget, &|_| {})?;
        self.runs += u64::from(self.explorer.graph().transitions() > before);
        if reach == Reach::Complete { Ok(()) } else { Err(NoOutcome::Interrupted.into()) }
    }
}

/// Whether something ended early because its budget was used up; other problems are passed on.
pub(super) fn is_cut_short<T>(done: Result<T, ExploreError>) -> Result<Option<T>, ExploreError> {
    match done {
        Err(ExploreError::Interpreter(NoOutcome::Interrupted)) => Ok(None),
        done => done.map(Some),
    }
}
