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
    /// How long the shortest run took, of those that were made for this or have confirmed a finding: what else a busy machine does
    /// makes any of them longer.
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

    /// One more run of the test alone took so long.
    pub(super) fn also_took(&mut self, took: Duration) {
        self.took = Some(self.took.map_or(took, |shortest| shortest.min(took)));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::suite::judge::mock_runner::suite;
    use crate::suite::judge::runs::Judge;
    use crate::suite::runner::run::{
        HuntClock, OrderRun, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions,
    };

    /// Every test passes within a second, but for what else the machine does in the first run of one alone.
    #[derive(Debug, Default)]
    struct BusyAtFirst {
        alone: usize,
    }

    impl Runner for BusyAtFirst {
        fn run(&mut self, order: &[usize], _: &TestRunOptions) -> Result<OrderRun, RunnerError> {
            let passes =
                |&test: &usize| TestResult { test, outcome: TestOutcome::Passed, text: String::new() };
            self.alone += usize::from(order.len() == 1);
            let took = if self.alone == 1 { 60 } else { order.len() as u64 };
            let tests = order.iter().map(passes).collect();
            Ok(OrderRun { tests, took: Duration::from_secs(took), ..OrderRun::default() })
        }
    }

    #[test]
    fn a_busy_moment_does_not_decide_how_cleaners_are_sought() {
        let (suite, timestamps) = (suite(100), HuntClock::Real);
        let mut judge = Judge::new(BusyAtFirst::default(), &suite.items);
        let all: Vec<usize> = (0..100).collect();
        judge.plain(&all, timestamps).unwrap();
        judge.alone(7, timestamps).unwrap();
        assert!(judge.runs_after_each(7, 98, timestamps));
    }
}
