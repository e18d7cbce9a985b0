//! Runs that are made before they are asked for: while one process answers a question, others would wait. What they make is kept for
//! when the same is asked for, so that a search goes the same way whether anybody ran ahead or not.

use std::collections::{HashMap, VecDeque};

use super::run::{
    AheadSize, AskAhead, Asking, MadeRun, OrderRun, RunRequest, Runner, RunnerError, TestAnswers,
    TestRunOptions,
};

/// A runner that remembers what it has made.
#[derive(Debug)]
pub(crate) struct RecordingRunner<'r, R> {
    inner: &'r mut R,
    pub(crate) made: Vec<MadeRun>,
}

impl<'r, R> RecordingRunner<'r, R> {
    pub(crate) fn new(inner: &'r mut R) -> Self {
        Self { inner, made: Vec::new() }
    }
}

impl<R: Runner> Runner for RecordingRunner<'_, R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        let ended = self.inner.run(order, how);
        let runs = ended.as_ref().map_or_else(|_| self.inner.cut(), |run| vec![(0, run.clone())]);
        let made = |run| MadeRun { wanted: (order.to_vec(), how.clone()), run, is_cut: ended.is_err() };
        self.made.extend(runs.into_iter().map(|(_, run)| made(run)));
        ended
    }

    /// What takes another process is left to those who do not run ahead.
    fn answer(&mut self, _question: &str, _ask: Asking<'_>) -> Result<TestAnswers, RunnerError> {
        Err(RunnerError::OutOfBudget)
    }
}

impl<R: Runner + ?Sized> Runner for &mut R {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        (**self).run(order, how)
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        (**self).run_all(wanted)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        (**self).cut()
    }

    fn ask_ahead(&mut self, size: AheadSize, ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
        (**self).ask_ahead(size, ask)
    }

    fn one_by_one(&mut self) -> bool {
        (**self).one_by_one()
    }

    fn was_known(&mut self, run: &OrderRun) {
        (**self).was_known(run);
    }

    fn notes(&mut self) -> Vec<String> {
        (**self).notes()
    }

    fn answer(&mut self, question: &str, ask: Asking<'_>) -> Result<TestAnswers, RunnerError> {
        (**self).answer(question, ask)
    }
}

/// A runner that answers with what was made ahead, where it can.
#[derive(Debug)]
pub(super) struct KnowingRunner<'r, R: ?Sized> {
    pub(super) inner: &'r mut R,
    pub(super) known: &'r RunsAhead,
}

impl<R: Runner + ?Sized> Runner for KnowingRunner<'_, R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        match self.known.first(&(order.to_vec(), how.clone())) {
            Some(known) => Ok(known.clone()),
            None => self.inner.run(order, how),
        }
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        self.inner.cut()
    }

    fn answer(&mut self, question: &str, ask: Asking<'_>) -> Result<TestAnswers, RunnerError> {
        self.inner.answer(question, ask)
    }
}

/// Runs that nobody has asked for yet, those of one request in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct RunsAhead {
    whole: HashMap<RunRequest, VecDeque<OrderRun>>,
    /// Partial results of those that were halted.
    cut: HashMap<RunRequest, OrderRun>,
}

impl RunsAhead {
    pub(super) fn add(&mut self, made: Vec<MadeRun>) {
        for MadeRun { wanted, run, is_cut } in made {
            if is_cut {
                self.cut.insert(wanted, run);
            } else {
                self.whole.entry(wanted).or_default().push_back(run);
            }
        }
    }

    /// The next run of this request, which stays.
    fn first(&self, request: &RunRequest) -> Option<&OrderRun> {
        self.whole.get(request)?.front()
    }

    /// The next run of this request: each serves once.
    pub(super) fn take(&mut self, request: &RunRequest) -> Option<OrderRun> {
        self.whole.get_mut(request)?.pop_front()
    }

    /// What there is of a run of this request that was halted.
    pub(super) fn take_cut(&mut self, request: &RunRequest) -> Option<OrderRun> {
        self.cut.remove(request)
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordingRunner, RunsAhead};
    use crate::suite::runner::run::{HuntClock, OrderRun, Runner, RunnerError, TestRunOptions};

    /// Is halted in its third run, of which it has a partial result.
    #[derive(Debug)]
    struct Halted(usize);

    impl Runner for Halted {
        fn run(&mut self, _: &[usize], _: &TestRunOptions) -> Result<OrderRun, RunnerError> {
            self.0 += 1;
            if self.0 < 3 { Ok(OrderRun::default()) } else { Err(RunnerError::OutOfBudget) }
        }

        fn cut(&mut self) -> Vec<(usize, OrderRun)> {
            vec![(0, OrderRun::default())]
        }
    }

    #[test]
    fn what_was_halted_is_there_as_a_partial_result_alone() {
        let wanted = |test| (vec![test], TestRunOptions::plain(HuntClock::Real));
        let mut halted = Halted(0);
        let mut runner = RecordingRunner::new(&mut halted);
        assert!(runner.run_all(&[wanted(1), wanted(1), wanted(2)]).is_err());
        let mut runs = RunsAhead::default();
        runs.add(runner.made);
        assert!(runs.take(&wanted(1)).is_some() && runs.take(&wanted(1)).is_some());
        assert!(runs.take(&wanted(1)).is_none() && runs.take_cut(&wanted(1)).is_none());
        assert!(runs.take(&wanted(2)).is_none() && runs.take_cut(&wanted(2)).is_some());
    }
}
