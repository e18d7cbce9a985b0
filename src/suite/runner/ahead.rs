//! Runs that are made before they are asked for: while one process answers a question, others would wait. What they make is kept for
//! when the same is asked for, so that a search goes the same way whether anybody ran ahead or not.

use std::collections::{HashMap, VecDeque};

use super::offers::Offers;
use super::run::{
    AheadSize, AskAhead, Asking, EndedRun, MadeRun, OrderRun, RunRequest, Runner, RunnerError, TestAnswers,
    TestRunOptions, ended_run,
};

/// A runner that remembers what it has made. Of several runs at once it offers those that it has not begun to whoever has nothing to
/// do.
#[derive(Debug)]
pub(crate) struct RecordingRunner<'r, R> {
    inner: &'r mut R,
    offers: &'r Offers,
    pub(crate) made: Vec<MadeRun>,
}

impl<'r, R: Runner> RecordingRunner<'r, R> {
    pub(crate) fn new(inner: &'r mut R, offers: &'r Offers) -> Self {
        Self { inner, offers, made: Vec::new() }
    }

    fn record(&mut self, wanted: &RunRequest, ended: EndedRun) -> Result<OrderRun, RunnerError> {
        let is_cut = ended.is_err();
        let (run, ended) = match ended {
            Ok(run) => (Some(run.clone()), Ok(run)),
            Err(halted) => (halted.1, Err(halted.0)),
        };
        self.made.extend(run.map(|run| MadeRun { wanted: wanted.clone(), run, is_cut }));
        ended
    }
}

impl<R: Runner> Runner for RecordingRunner<'_, R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        let wanted = (order.to_vec(), how.clone());
        let ended = ended_run(self.inner, &wanted);
        self.record(&wanted, ended)
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        let mut offered: Vec<Option<usize>> =
            wanted.iter().skip(1).map(|wanted| Some(self.offers.offer(wanted))).collect();
        let mut ended: Vec<Option<EndedRun>> = wanted.iter().map(|_| None).collect();
        let (mut own, mut is_halted) = (Some(0), wanted.is_empty());
        while let Some(place) = own {
            // What is left of runs that were halted, nobody begins.
            if !is_halted {
                let run = ended_run(self.inner, &wanted[place]);
                is_halted = run.is_err();
                ended[place] = Some(run);
            }
            own = offered.iter_mut().position(|number| self.offers.withdraw(number)).map(|at| at + 1);
        }
        let by_others = std::iter::once(None).chain(offered);
        let mut runs = Vec::new();
        for ((wanted, own), other) in wanted.iter().zip(ended).zip(by_others) {
            let Some(ended) = own.or_else(|| other.map(|number| self.offers.ended(number))) else { continue };
            runs.push(self.record(wanted, ended));
        }
        runs.into_iter().collect()
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

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        let known: Vec<Option<&OrderRun>> = wanted.iter().map(|wanted| self.known.first(wanted)).collect();
        let unknown = wanted.iter().zip(&known).filter(|(_, known)| known.is_none());
        let unknown: Vec<RunRequest> = unknown.map(|(wanted, _)| wanted.clone()).collect();
        let mut new = self.inner.run_all(&unknown)?.into_iter();
        Ok(known.into_iter().filter_map(|known| known.cloned().or_else(|| new.next())).collect())
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
    use std::sync::{Arc, Barrier};
    use std::time::Duration;

    use super::{RecordingRunner, RunsAhead};
    use crate::suite::runner::offers::Offers;
    use crate::suite::runner::run::{
        HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestRunOptions, ended_run,
    };

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

    /// Ends a run only while somebody else makes one.
    #[derive(Debug)]
    struct RunsInPairs(Arc<Barrier>);

    impl Runner for RunsInPairs {
        fn run(&mut self, order: &[usize], _: &TestRunOptions) -> Result<OrderRun, RunnerError> {
            self.0.wait();
            Ok(OrderRun { took: Duration::from_secs(order[0] as u64), ..OrderRun::default() })
        }
    }

    #[test]
    fn of_runs_at_once_those_not_begun_are_made_by_whoever_has_nothing_to_do() {
        let wanted = |test| (vec![test], TestRunOptions::plain(HuntClock::Real));
        let all: Vec<RunRequest> = (1..=4).map(wanted).collect();
        let (offers, both) = (Offers::default(), Arc::new(Barrier::new(2)));
        let at_work = offers.begin();
        std::thread::scope(|scope| {
            scope.spawn(|| offers.serve(|wanted| ended_run(&mut RunsInPairs(Arc::clone(&both)), wanted)));
            let mut beside = RunsInPairs(Arc::clone(&both));
            let mut runner = RecordingRunner::new(&mut beside, &offers);
            let took: Vec<u64> = runner.run_all(&all).unwrap().iter().map(|run| run.took.as_secs()).collect();
            assert_eq!(took, [1, 2, 3, 4]);
            let made: Vec<&RunRequest> = runner.made.iter().map(|made| &made.wanted).collect();
            assert_eq!(made, all.iter().collect::<Vec<_>>());
            drop(at_work);
        });
    }

    #[test]
    fn what_was_halted_is_there_as_a_partial_result_alone() {
        let wanted = |test| (vec![test], TestRunOptions::plain(HuntClock::Real));
        let mut halted = Halted(0);
        let offers = Offers::default();
        let mut runner = RecordingRunner::new(&mut halted, &offers);
        assert!(runner.run_all(&[wanted(1), wanted(1), wanted(2)]).is_err());
        let mut runs = RunsAhead::default();
        runs.add(runner.made);
        assert!(runs.take(&wanted(1)).is_some() && runs.take(&wanted(1)).is_some());
        assert!(runs.take(&wanted(1)).is_none() && runs.take_cut(&wanted(1)).is_none());
        assert!(runs.take(&wanted(2)).is_none() && runs.take_cut(&wanted(2)).is_some());
    }
}
