//! Keeps finished runs of every kind, so that a hunt can resume where an earlier one was cut off.
//!
//! The key of a run is all that was asked for: its order, its options, and how often the same was asked for before. What is kept is
//! all that the run told; of its tests, only those that did something else than to pass in the order that was asked for.

use super::ahead::{KnowingRunner, RunsAhead};
use super::journal_file::{JournalFile, key};
use super::kept_tests::KeptTests;
use super::run::{
    AheadSize, AskAhead, Asking, MadeRun, OrderRun, RunRequest, Runner, RunnerError, TestAnswers,
    TestRunOptions,
};

/// A run as it is kept: its tests, then all else.
type KeptRun = (KeptTests, OrderRun);

/// A runner that first looks in a journal.
#[derive(Debug)]
pub(crate) struct Journal<R> {
    inner: R,
    file: JournalFile,
    /// Whether runs have processes of their own: these are not interchangeable with forks.
    fresh: bool,
    /// Runs that were made before anybody asked for them.
    ahead: RunsAhead,
    /// Whether it has no run that is still to be asked for, as far as is known. Until then, whoever ran ahead would do again what it has.
    is_used_up: bool,
    /// The partial results of the last runs when they were halted.
    cut: Vec<(usize, OrderRun)>,
}

impl<R: Runner> Journal<R> {
    pub(crate) fn new(inner: R, file: JournalFile, fresh: bool) -> Self {
        let is_used_up = file.is_empty();
        Self { inner, file, fresh, ahead: RunsAhead::default(), is_used_up, cut: Vec::new() }
    }

    /// Who makes the runs that it does not have.
    #[cfg(test)]
    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    /// The run as it is known, or the key under which it is to be kept.
    fn look_up(&mut self, wanted: &RunRequest) -> Result<OrderRun, String> {
        let (order, how) = wanted;
        let key = self.file.next_key(&key(&("run", order, how, self.fresh)));
        let run = if let Some((tests, run)) = self.file.known::<KeptRun>(&key) {
            OrderRun { tests: tests.unfold(order), ..run }
        } else if let Some(run) = self.ahead.take(wanted) {
            self.keep(&key, order, &run);
            run
        } else {
            self.is_used_up = true;
            return Err(key);
        };
        self.inner.was_known(&run);
        Ok(run)
    }

    fn keep(&mut self, key: &str, order: &[usize], run: &OrderRun) {
        self.file.keep(key, &(KeptTests::of(run, order), run));
    }

    /// After runs were halted: keeps those that are finished, and makes the partial results of all available.
    fn keep_what_was_done(&mut self, wanted: &[RunRequest], answers: Vec<Result<OrderRun, String>>) {
        let mut unknown = Vec::new();
        self.cut.clear();
        for (place, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(run) => self.cut.push((place, run)),
                Err(key) => unknown.push((place, key)),
            }
        }
        let ahead: Vec<(usize, OrderRun)> = (0..unknown.len())
            .filter_map(|number| Some((number, self.ahead.take_cut(&wanted[unknown[number].0])?)))
            .collect();
        for (number, run) in ahead.into_iter().chain(self.inner.cut()) {
            let Some((place, key)) = unknown.get(number) else { continue };
            let (order, how) = &wanted[*place];
            // Of a run that asks for more than its order nobody knows here whether it is whole.
            if how.is_plain() && run.tests.len() == order.len() {
                self.keep(key, order, &run);
            }
            self.cut.push((*place, run));
        }
    }
}

impl<R: Runner> Runner for Journal<R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        let mut runs = self.run_all(&[(order.to_vec(), how.clone())])?;
        Ok(runs.pop().unwrap_or_default())
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        let answers: Vec<Result<OrderRun, String>> = wanted.iter().map(|each| self.look_up(each)).collect();
        let unknown = wanted.iter().zip(&answers).filter(|(_, answer)| answer.is_err());
        let asked: Vec<RunRequest> = unknown.map(|(wanted, _)| wanted.clone()).collect();
        let new = match &asked[..] {
            [] => Ok(Vec::new()),
            [(order, how)] => self.inner.run(order, how).map(|run| vec![run]),
            _ => self.inner.run_all(&asked),
        };
        let mut new = match new {
            Ok(new) => new.into_iter(),
            Err(halt) => {
                self.keep_what_was_done(wanted, answers);
                return Err(halt);
            }
        };
        let mut runs = Vec::new();
        for ((order, _), answer) in wanted.iter().zip(answers) {
            match answer {
                Ok(run) => runs.push(run),
                Err(key) => {
                    let Some(run) = new.next() else { break };
                    self.keep(&key, order, &run);
                    runs.push(run);
                }
            }
        }
        Ok(runs)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        std::mem::take(&mut self.cut)
    }

    fn one_by_one(&mut self) -> bool {
        self.ahead = RunsAhead::default();
        self.inner.one_by_one()
    }

    fn ask_ahead(&mut self, size: AheadSize, ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
        if self.is_used_up {
            let known = &self.ahead;
            let ask = |runner: &mut dyn Runner, next: &dyn Fn() -> Option<usize>| {
                ask(&mut KnowingRunner { inner: runner, known }, next);
            };
            let made = self.inner.ask_ahead(size, &ask)?;
            self.ahead.add(made);
        }
        Ok(Vec::new())
    }

    fn notes(&mut self) -> Vec<String> {
        self.inner.notes()
    }

    fn was_known(&mut self, run: &OrderRun) {
        self.inner.was_known(run);
    }

    fn answer(&mut self, question: &str, ask: Asking<'_>) -> Result<TestAnswers, RunnerError> {
        let key = self.file.next_key(&key(&("answer", question)));
        if let Some(known) = self.file.known(&key) {
            return Ok(known);
        }
        let answers = self.inner.answer(question, ask)?;
        self.file.keep(&key, &answers);
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Journal;
    use crate::suite::runner::ahead::RecordingRunner;
    use crate::suite::runner::cell::{Cell, CellKind, Orphan, ValueKind};
    use crate::suite::runner::journal_file::JournalFile;
    use crate::suite::runner::offers::Offers;
    use crate::suite::runner::probe::{CellRepair, Probe, RepairScope};
    use crate::suite::runner::run::{
        AheadSize, AskAhead, HuntClock, MadeRun, OrderRun, Runner, RunnerError, TestOutcome, TestResult,
        TestRunOptions,
    };

    /// Fails and passes in turn, counts its runs, and leaves out the first test of an odd run.
    #[derive(Debug)]
    struct Counting(usize);

    impl Runner for Counting {
        fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
            self.0 += 1;
            let even = self.0.is_multiple_of(2);
            let outcome = if even { TestOutcome::Passed } else { TestOutcome::Failed };
            let text = if even { String::new() } else { "it failed".to_owned() };
            let ran = |&test: &usize| TestResult { test, outcome, text: text.clone() };
            let tests = order[usize::from(!even)..].iter().map(ran).collect();
            let cell = Cell {
                home: Some("m".to_owned()),
                alone_is: ValueKind::Absent,
                after_is: ValueKind::Module,
                orphan: Some(Orphan::Unbound),
                ..Cell::of(CellKind::Module, "m.n")
            };
            let cells = how.probe.iter().map(|_| cell.clone()).collect();
            Ok(OrderRun { tests, cells, ..OrderRun::default() })
        }

        fn ask_ahead(&mut self, size: AheadSize, ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
            let next = AtomicUsize::new(0);
            let next = || Some(next.fetch_add(1, Ordering::SeqCst)).filter(|number| *number < size.questions);
            let offers = Offers::default();
            let mut runner = RecordingRunner::new(self, &offers);
            ask(&mut runner, &next);
            Ok(runner.made)
        }
    }

    #[test]
    fn a_resumed_hunt_gets_the_same_answers_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let plain = TestRunOptions::plain(HuntClock::Real);
        let probe = Probe { before: 2, scope: RepairScope::Wide, repair: CellRepair::Everything };
        let look = TestRunOptions { probe: Some(probe), ..plain.clone() };
        let ask = |runner: Counting, resume| {
            let file = JournalFile::open(&path, resume).unwrap();
            let mut journal = Journal::new(runner, file, false);
            let mut answers = Vec::new();
            for how in [&plain, &plain, &look, &look, &plain] {
                let run = journal.run(&[1, 2, 3], how).unwrap();
                answers.push((run.tests, run.cells));
            }
            (answers, journal.inner.0)
        };
        let (first, runs) = ask(Counting(0), false);
        assert_eq!(runs, 5);
        assert_ne!(first[0], first[1]);
        assert_eq!(ask(Counting(100), true), (first, 100));
        assert_eq!(ask(Counting(100), false).1, 105);
    }

    #[test]
    fn what_ran_ahead_serves_once_and_is_kept_as_if_it_had_been_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let how = TestRunOptions::plain(HuntClock::Real);
        const TWO: AheadSize = AheadSize { questions: 2, tests: 2 };
        let ask = |runner: &mut dyn Runner, next: &dyn Fn() -> Option<usize>| {
            while let Some(test) = next() {
                runner.run(&[test, 9], &TestRunOptions::plain(HuntClock::Real)).unwrap();
            }
        };
        let mut journal = Journal::new(Counting(0), JournalFile::open(&path, false).unwrap(), false);
        journal.run(&[7], &how).unwrap();
        assert!(journal.ask_ahead(TWO, &ask).unwrap().is_empty());
        assert_eq!(journal.inner.0, 3);
        let ahead = journal.run(&[1, 9], &how).unwrap();
        assert_eq!((journal.inner.0, ahead.fails(9)), (3, true));
        assert!(!journal.run(&[1, 9], &how).unwrap().fails(9));
        assert_eq!(journal.inner.0, 4);
        drop(journal);
        let mut again = Journal::new(Counting(100), JournalFile::open(&path, true).unwrap(), false);
        // What it has would be run once more.
        assert!(again.ask_ahead(TWO, &ask).unwrap().is_empty());
        again.run(&[7], &how).unwrap();
        assert_eq!(again.run(&[1, 9], &how).unwrap().tests, ahead.tests);
        assert_eq!(again.inner.0, 100);
    }

    #[test]
    fn runs_in_processes_of_their_own_are_other_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let how = TestRunOptions::plain(HuntClock::Real);
        for (fresh, runs) in [(false, 1), (true, 1), (false, 0), (true, 0)] {
            let file = JournalFile::open(&path, true).unwrap();
            let mut journal = Journal::new(Counting(0), file, fresh);
            journal.run(&[1], &how).unwrap();
            assert_eq!(journal.inner.0, runs);
        }
    }
}
