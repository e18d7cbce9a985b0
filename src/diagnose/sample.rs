//! What each test did in orderings that were sampled.

use super::outcomes::TestOutcomes;
use crate::explore::Explorer;
use crate::interpreter::Outcome;

/// In which of the sampled orderings each test fails.
pub(super) struct Sample {
    /// The orderings, each by the test of its steps.
    orderings: Vec<Vec<usize>>,
    /// By test, the places of the orderings in the sample.
    failing: Vec<Vec<usize>>,
    /// By test, whether it fails where nothing ran before it, or `None` if no ordering begins with it.
    first: Vec<Option<bool>>,
}

impl Sample {
    pub(super) fn of(explorer: &Explorer<'_>, orderings: Vec<Vec<usize>>) -> Self {
        let lengths = &explorer.shape().lengths;
        let (mut failing, mut first) = (vec![Vec::new(); lengths.len()], vec![None; lengths.len()]);
        for (at, steps) in orderings.iter().enumerate() {
            let outcomes = explorer.known(steps).unwrap_or_default();
            for (&test, outcome) in steps.iter().zip(&outcomes) {
                if outcome.is_failure() {
                    failing[test].push(at);
                }
            }
            if let Some(&test) = steps.first()
                && steps[..lengths[test]].iter().all(|&other| other == test)
            {
                first[test] = Some(outcomes[..lengths[test]].iter().any(Outcome::is_failure));
            }
        }
        Self { orderings, failing, first }
    }

    pub(super) fn fate(&self, test: usize) -> TestOutcomes {
        let failing = self.failing[test].len();
        TestOutcomes { fails: failing > 0, passes: failing < self.orderings.len() }
    }

    /// Whether the test fails where nothing ran before it, or `None` if no ordering begins with it.
    pub(super) fn fails_first(&self, test: usize) -> Option<bool> {
        self.first[test]
    }

    /// The orderings in which the test fails, or else those in which it passes.
    pub(super) fn showing(&self, test: usize, fails: bool) -> Vec<Vec<usize>> {
        let shows = |at: &usize| self.failing[test].binary_search(at).is_ok() == fails;
        (0..self.orderings.len()).filter(shows).map(|at| self.orderings[at].clone()).collect()
    }
}
