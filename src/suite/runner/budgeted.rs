//! A runner that begins nothing once the hunt has to end.

use crate::budget::Budget;

use super::run::{OrderRun, RunRequest, Runner, RunnerError, TestRunOptions};

/// A runner that begins nothing once the hunt has to end.
#[derive(Debug)]
pub(crate) struct BudgetedRunner<R> {
    pub(crate) inner: R,
    pub(crate) budget: Budget,
}

impl<R: Runner> Runner for BudgetedRunner<R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        self.budget.check()?;
        self.inner.run(order, how)
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        self.budget.check()?;
        self.inner.run_all(wanted)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        self.inner.cut()
    }
}
