//! The tests of a run as a journal keeps them: only what is not as it was asked for takes room.

use serde::{Deserialize, Serialize};

use super::outcome::{TestOutcome, TestResult};
use super::run::OrderRun;

/// The tests of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptTests {
    /// Unless they are those that were asked for, in that order.
    order: Option<Vec<usize>>,
    /// Places, outcomes and messages of those that did not just pass.
    others: Vec<(usize, TestOutcome, String)>,
}

impl KeptTests {
    pub(super) fn of(run: &OrderRun, wanted: &[usize]) -> Self {
        let order = run.order();
        let plain = |ran: &TestResult| ran.outcome == TestOutcome::Passed && ran.text.is_empty();
        let others = run.tests.iter().enumerate().filter(|(_, ran)| !plain(ran));
        Self {
            order: (order != wanted).then_some(order),
            others: others.map(|(place, ran)| (place, ran.outcome, ran.text.clone())).collect(),
        }
    }

    pub(super) fn unfold(self, wanted: &[usize]) -> Vec<TestResult> {
        let passed = |test| TestResult { test, outcome: TestOutcome::Passed, text: String::new() };
        let order = self.order.unwrap_or_else(|| wanted.to_vec());
        let mut tests: Vec<TestResult> = order.into_iter().map(passed).collect();
        for (place, outcome, text) in self.others {
            if let Some(ran) = tests.get_mut(place) {
                (ran.outcome, ran.text) = (outcome, text);
            }
        }
        tests
    }
}
