//! One thing to be looked into: a test, what ran before it, and what it did then. Whether it is so is for `judge` to say.

use crate::kind::FindingKind;
use crate::suite::runner::probe::{CellRepair, Probe, RepairScope};
use crate::suite::runner::run::{HuntClock, OrderRun, RunRequest, TestOutcome, TestResult, TestRunOptions};

/// A test whose outcome an order decides, to be looked into.
#[derive(Debug, Clone)]
pub(crate) struct Suspicion {
    pub(crate) test: usize,
    /// Victim or brittle.
    pub(crate) kind: FindingKind,
    /// What ran before it.
    pub(crate) prefix: Vec<usize>,
    pub(crate) timestamps: HuntClock,
    /// Places of the prefix between which branches saw the outcome turn.
    pub(crate) lead: Option<(usize, usize)>,
}

impl Suspicion {
    /// A suspicion without a lead.
    pub(crate) fn after(prefix: Vec<usize>, test: usize, kind: FindingKind, timestamps: HuntClock) -> Self {
        Self { test, kind, prefix, timestamps, lead: None }
    }

    /// Whether this outcome of the test is what is suspected.
    pub(crate) fn is_shown_by(&self, outcome: TestOutcome) -> bool {
        match self.kind {
            FindingKind::Brittle => outcome == TestOutcome::Passed,
            _ => outcome.is_failure(),
        }
    }

    pub(crate) fn is_shown_in(&self, run: &OrderRun) -> bool {
        run.of(self.test).is_some_and(|ran| self.is_shown_by(ran.outcome))
    }

    /// The result of the test with this outcome, of which no more is known.
    pub(crate) fn result(&self, outcome: TestOutcome) -> TestResult {
        TestResult { test: self.test, outcome, text: String::new() }
    }

    /// A run of the test after these, with something put back just before it.
    pub(super) fn with_repair(&self, before: &[usize], scope: RepairScope, repair: CellRepair) -> RunRequest {
        let probe = Some(Probe { before: self.test, scope, repair });
        (followed_by(before, self.test), TestRunOptions { probe, ..TestRunOptions::plain(self.timestamps) })
    }

    /// The same test with the outcome that it has alone.
    pub(crate) fn opposite(&self) -> Self {
        let kind = if self.kind == FindingKind::Brittle { FindingKind::Victim } else { FindingKind::Brittle };
        Self { kind, ..self.clone() }
    }
}

/// An order that ends with the test.
pub(crate) fn followed_by(before: &[usize], test: usize) -> Vec<usize> {
    before.iter().copied().chain([test]).collect()
}
