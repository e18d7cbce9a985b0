//! A runner that starts nothing once the hunt has to end.

use crate::budget::Budget;

use super::run::{
    AheadSize, AskAhead, Asking, MadeRun, OrderRun, RunRequest, Runner, RunnerError, TestAnswers,
    TestRunOptions,
};

/// A runner that starts nothing once the hunt has to end.
#[derive(Debug)]
pub(crate) struct BudgetedRunner<R> {
    inner: R,
    budget: Budget,
}

impl<R> BudgetedRunner<R> {
    pub(crate) fn new(inner: R, budget: Budget) -> Self {
        Self { inner, budget }
    }
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

    fn ask_ahead(&mut self, size: AheadSize, ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
        self.budget.check()?;
        self.inner.ask_ahead(size, ask)
    }

    fn was_known(&mut self, run: &OrderRun) {
        self.inner.was_known(run);
    }

    fn one_by_one(&mut self) -> bool {
        self.inner.one_by_one()
    }

    fn notes(&mut self) -> Vec<String> {
        self.inner.notes()
    }

    fn answer(&mut self, question: &str, ask: Asking<'_>) -> Result<TestAnswers, RunnerError> {
        self.budget.check()?;
        self.inner.answer(question, ask)
    }
}
