//! What each test did in orderings that were sampled.

use super::outcomes::TestOutcomes;
use crate::explore::Explorer;
use crate::interpreter::Outcome;

/// In which of the sampled orderings each test fails, and in which it passes.
pub(super) struct Sample {
    /// The orderings, or their beginnings, each by the test of its steps.
    orderings: Vec<Vec<usize>>,
    /// By test, the places in the sample of the orderings in which it fails.
    failing: Vec<Vec<usize>>,
    /// By test, the places of those in which it passes: in a beginning, some tests do neither.
    passing: Vec<Vec<usize>>,
    /// By test, whether it fails where nothing ran before it, or `None` if no ordering begins with it.
    first: Vec<Option<bool>>,
}

impl Sample {
    pub(super) fn of(explorer: &Explorer<'_>, orderings: Vec<Vec<usize>>) -> Self {
        let lengths = &explorer.shape().lengths;
        let (mut failing, mut passing) = (vec![Vec::new(); lengths.len()], vec![Vec::new(); lengths.len()]);
        let mut first = vec![None; lengths.len()];
        for (at, steps) in orderings.iter().enumerate() {
            let outcomes = explorer.known(steps).unwrap_or_default();
            let (mut done, mut failed) = (vec![0; lengths.len()], vec![false; lengths.len()]);
            for (&test, outcome) in steps.iter().zip(&outcomes) {
                done[test] += 1;
                failed[test] |= outcome.is_failure();
            }
            for (test, &length) in lengths.iter().enumerate() {
                if failed[test] {
                    failing[test].push(at);
                } else if done[test] == length {
                    passing[test].push(at);
                }
            }
            if let Some(&test) = steps.first()
                && let Some(own) = outcomes.get(..lengths[test])
                && steps[..lengths[test]].iter().all(|&other| other == test)
            {
                first[test] = Some(own.iter().any(Outcome::is_failure));
            }
        }
        Self { orderings, failing, passing, first }
    }

    pub(super) fn fate(&self, test: usize) -> TestOutcomes {
        TestOutcomes { fails: !self.failing[test].is_empty(), passes: !self.passing[test].is_empty() }
    }

    /// Whether the test fails where nothing ran before it, or `None` if no ordering begins with it.
    pub(super) fn fails_first(&self, test: usize) -> Option<bool> {
        self.first[test]
    }

    /// The orderings in which the test fails, or else those in which it passes.
    pub(super) fn showing(&self, test: usize, fails: bool) -> Vec<Vec<usize>> {
        let places = if fails { &self.failing[test] } else { &self.passing[test] };
        places.iter().map(|&at| self.orderings[at].clone()).collect()
    }
}
