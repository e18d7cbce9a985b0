//! Steps that do different things in one and the same ordering.

use crate::cause::Cause;
use crate::diagnose::{Finding, OutcomeCount};
use crate::interpreter::Outcome;
use crate::kind::FindingKind;
use crate::ordering::Shape;
use crate::remedy::StepPlace;

/// A step that does different things in one and the same ordering.
#[derive(Debug, Clone)]
pub(super) struct Unsteady {
    /// The step.
    pub(super) place: StepPlace,
    /// The ordering, as a word.
    word: Vec<usize>,
    outcomes: Vec<OutcomeCount>,
}

impl Unsteady {
    /// As a finding of its own: no order is to blame.
    pub(super) fn finding(&self) -> Finding {
        let failing = self.outcomes.iter().find(|count| count.outcome.is_failure());
        let shown = failing.or(self.outcomes.first());
        let outcome = shown.map_or(Outcome::Passed, |count| count.outcome.clone());
        let (kind, test) = (FindingKind::Nondeterministic, self.place.test);
        let mut finding = Finding::new(kind, test, outcome, self.word.clone());
        finding.failing_step = Some(self.place);
        finding.cause = Cause::Unknown;
        finding.outcomes.clone_from(&self.outcomes);
        finding
    }
}

/// The first step of each test in which performances of one ordering differ.
pub(super) fn unsteady_steps(shape: &Shape, steps: &[usize], performances: &[Vec<Outcome>]) -> Vec<Unsteady> {
    let mut done = vec![0; shape.tests()];
    let mut unsteady: Vec<Unsteady> = Vec::new();
    for (at, &test) in steps.iter().enumerate() {
        done[test] += 1;
        let outcomes = counted(performances.iter().filter_map(|outcomes| outcomes.get(at)));
        let known = unsteady.iter().any(|unsteady| unsteady.place.test == test);
        if outcomes.len() > 1 && !known {
            let place = StepPlace { test, step: done[test] };
            unsteady.push(Unsteady { place, word: shape.word_from(steps), outcomes });
        }
    }
    unsteady
}

/// Each outcome once, with how often it is there.
fn counted<'o>(all: impl Iterator<Item = &'o Outcome>) -> Vec<OutcomeCount> {
    let mut counts: Vec<OutcomeCount> = Vec::new();
    for outcome in all {
        match counts.iter_mut().find(|count| count.outcome == *outcome) {
            Some(count) => count.times += 1,
            None => counts.push(OutcomeCount { outcome: outcome.clone(), times: 1 }),
        }
    }
    counts
}
