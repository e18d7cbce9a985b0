//! When a hunt has to end: its budget is used up, or somebody wants it to. All that waits asks here.

use std::time::{Duration, Instant};

use crate::budget::Interruption;

use super::run::{OrderRun, RunRequest, Runner, RunnerError, TestRunOptions};

/// The end of the budget, and the wish of whoever watches.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// None: so long a budget that no clock counts to its end.
    deadline: Option<Instant>,
    interruption: Interruption,
}

impl Limits {
    pub(crate) fn new(started: Instant, budget: Duration, interruption: Interruption) -> Self {
        Self { deadline: started.checked_add(budget), interruption }
    }

    /// When the budget ends.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// An error once the hunt has to end.
    pub(crate) fn check(&self) -> Result<(), RunnerError> {
        if self.interruption.is_requested() {
            return Err(RunnerError::Interrupted);
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(RunnerError::OutOfBudget);
        }
        Ok(())
    }
}

/// A runner that begins nothing once the hunt has to end.
#[derive(Debug)]
pub(crate) struct BudgetedRunner<R> {
    inner: R,
    limits: Limits,
}

impl<R> BudgetedRunner<R> {
    pub(crate) fn new(inner: R, limits: Limits) -> Self {
        Self { inner, limits }
    }
}

impl<R: Runner> Runner for BudgetedRunner<R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        self.limits.check()?;
        self.inner.run(order, how)
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        self.limits.check()?;
        self.inner.run_all(wanted)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        self.inner.cut()
    }

    fn notes(&mut self) -> Vec<String> {
        self.inner.notes()
    }
}
