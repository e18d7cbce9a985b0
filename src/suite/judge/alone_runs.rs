//! What a test does on its own, in all runs of it alone.

use std::time::Duration;

use crate::suite::runner::run::{TestOutcome, TestResult};

/// What a test does on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AloneRuns {
    pub(crate) passed: usize,
    pub(crate) tries: usize,
    pub(crate) outcome: TestOutcome,
    pub(crate) text: String,
    /// How long the first run took, if one was made for this.
    pub(crate) took: Option<Duration>,
}

impl AloneRuns {
    pub(super) const NONE: Self =
        Self { passed: 0, tries: 0, outcome: TestOutcome::Crashed, text: String::new(), took: None };

    pub(super) fn add(&mut self, ran: Option<&TestResult>) {
        self.tries += 1;
        self.passed += usize::from(ran.is_some_and(|ran| ran.outcome == TestOutcome::Passed));
        if let Some(ran) = ran {
            (self.outcome, self.text) = (ran.outcome, ran.text.clone());
        }
    }

    /// Whether no further run is worth making: what confirms a finding runs the test alone some times more.
    pub(super) fn is_enough(&self) -> bool {
        self.tries > 0 && (self.passes() || self.outcome == TestOutcome::TimedOut)
    }

    pub(crate) fn passes(&self) -> bool {
        self.passed == self.tries
    }

    pub(crate) fn fails(&self) -> bool {
        self.passed == 0 && self.outcome.is_failure()
    }
}
