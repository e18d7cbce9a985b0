//! Simultaneous runs: several processes with the same suite, which share its files. `zygote` makes each run.
//!
//! Another process costs a collection. Unless the user has asked for several, it is started where many tests run at once, or
//! when the runs that could have been simultaneous have taken as long as that.
//!
//! Runs that change the suite's own files would affect each other. If that is noticed, their results are discarded, and
//! they and all later runs are made one by one. So are later runs once a test passes and fails by chance: what views do not
//! separate, such as ports, may be the reason.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::ahead::RecordingRunner;
use super::offers::Offers;
use super::process_error::ProcessError;
use super::run::{
    AheadSize, AskAhead, EndedRun, MadeRun, OrderRun, RunRequest, Runner, RunnerError, TestRunOptions,
    ended_run,
};
use super::zygote::Zygote;
use crate::suite::in_place::ground::Ground;

/// So many tests are worth another process.
const MANY: usize = 40;

/// Why runs are made one by one once a test has not done the same twice.
const ONE_BY_ONE: &str = "--jobs: a test passed and failed in one and the same order while other runs went on beside it; from here on \
                          one run at a time, because tests may share what no view separates (a port, a database)";

/// A suite in as many processes as there may be simultaneous runs; they are started when they are first needed.
#[derive(Debug)]
pub(crate) struct Pool<'a> {
    first: &'a mut Zygote,
    others: Vec<Zygote>,
    jobs: usize,
    /// Whether the user has asked for so many.
    is_asked: bool,
    /// What runs have taken that could have been simultaneous.
    one_by_one: Duration,
    /// Whether what is asked now could have been asked ahead.
    could_be_ahead: bool,
    /// The partial results of the last runs when they were halted.
    cut: Vec<(usize, OrderRun)>,
    /// Why runs are made one by one although more are allowed.
    notes: Vec<String>,
}

impl<'a> Pool<'a> {
    /// `asked` is what the user has said of the number of simultaneous runs, if anything.
    pub(crate) fn new(first: &'a mut Zygote, jobs: usize, asked: Option<usize>) -> Self {
        let (is_asked, one_by_one) = (asked.is_some(), Duration::ZERO);
        let (others, cut, notes) = (Vec::new(), Vec::new(), Vec::new());
        Self { first, others, jobs, is_asked, one_by_one, could_be_ahead: false, cut, notes }
    }

    /// Whether these runs are worth other processes.
    fn is_worth_others(&self, wanted: &[RunRequest]) -> bool {
        let tests = |(order, how): &RunRequest| {
            order.len() + how.survey.as_ref().map_or(0, |survey| survey.then.len())
        };
        let is_worth_one = self.is_worth_another() || wanted.iter().map(tests).sum::<usize>() >= MANY;
        self.jobs > 1 && wanted.len() > 1 && is_worth_one
    }

    /// Whether there is another process, or one is worth a collection whatever it is to do.
    fn is_worth_another(&self) -> bool {
        self.is_asked || !self.others.is_empty() || self.one_by_one >= self.first.collected_in
    }

    /// Returns `None` if the runs affected each other.
    fn at_once(&mut self, wanted: &[RunRequest]) -> Result<Option<Vec<OrderRun>>, RunnerError> {
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = |zygote: &mut Zygote| {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let Some(wanted) = wanted.get(number) else { return };
                let run = ended_run(zygote, wanted);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((number, run));
            }
        };
        let Some((_, are_apart)) = self.together(wanted.len(), work)? else { return Ok(None) };
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(number, _)| *number);
        let runs = done.into_iter().map(|(_, run)| run).collect();
        let runs = self.whole(runs, are_apart)?;
        Ok(are_apart.then_some(runs))
    }

    /// Lets as many processes as are of use do something at once. Returns what came of it, and whether their runs did not affect each
    /// other, or `None` if there can be no other process.
    fn together<T: Send>(
        &mut self,
        at_most: usize,
        work: impl Fn(&mut Zygote) -> T + Sync,
    ) -> Result<Option<(Vec<T>, bool)>, RunnerError> {
        let others = self.jobs.min(at_most) - 1;
        if self.first.ground().is_some() {
            // What a collection writes would count as written by a run.
            self.each(others, |_| ())?;
        }
        let folder = self.first.ground().map(Ground::share).transpose().map_err(ProcessError::Folder)?;
        self.take_part(folder.as_deref());
        let before: usize = self.others.iter().map(|other| other.runs).sum();
        let done = self.each(others, work)?;
        self.first.runs += self.others.iter().map(|other| other.runs).sum::<usize>() - before;
        self.take_part(None);
        let left = self.first.ground().map(Ground::end_shared).unwrap_or_default();
        self.first.written.extend(left.iter().map(|left| left.path.clone()));
        if self.others.iter().any(|other| other.suite.items != self.first.suite.items) {
            let note = "--jobs: pytest collected other tests the second time; one run at a time";
            self.notes.push(note.to_owned());
            return Ok(None);
        }
        let changed = left.iter().find(|left| !left.is_coverage());
        if let Some(first) = changed {
            self.notes.push(format!(
                "--jobs: runs change files that others at the same time would see ({}: {first}); \
                 from here on one run at a time",
                first.path.display()
            ));
        }
        Ok(Some((done, changed.is_none())))
    }

    /// From here on runs are made one by one.
    fn go_on_alone(&mut self) {
        self.jobs = 1;
        self.others.clear();
    }

    /// Lets each process work, and so many others; those that are missing are started meanwhile, and work once they are there.
    fn each<T: Send>(
        &mut self,
        others: usize,
        work: impl Fn(&mut Zygote) -> T + Sync,
    ) -> Result<Vec<T>, RunnerError> {
        let starts: Vec<_> = (self.others.len()..others).map(|_| self.first.again()).collect();
        let items = self.first.suite.items.clone();
        let work_alike = |other: &mut Zygote| (other.suite.items == items).then(|| work(other));
        let join_in = |mut other: Zygote| {
            let done = work_alike(&mut other);
            (other, done)
        };
        let (mut done, come) = std::thread::scope(|scope| {
            let coming: Vec<_> =
                starts.into_iter().map(|start| scope.spawn(|| start().map(join_in))).collect();
            let there: Vec<_> =
                self.others.iter_mut().map(|other| scope.spawn(|| work_alike(other))).collect();
            let first = work(self.first);
            let done: Vec<T> = std::iter::once(first).chain(there.into_iter().filter_map(joined)).collect();
            (done, coming.into_iter().map(joined).collect::<Vec<_>>())
        });
        for other in come {
            let (other, by_it) = other?;
            self.first.shuffled |= other.shuffled;
            self.others.push(other);
            done.extend(by_it);
        }
        Ok(done)
    }

    /// Makes the other processes record their writes in this folder, or in their own again.
    fn take_part(&mut self, folder: Option<&Path>) {
        for ground in self.others.iter_mut().filter_map(Zygote::ground) {
            ground.take_part(folder);
        }
    }

    /// The results of all runs, or the partial results up to the first halted one.
    fn whole(&mut self, runs: Vec<EndedRun>, believed: bool) -> Result<Vec<OrderRun>, RunnerError> {
        let (mut whole, mut halted) = (Vec::new(), None);
        for (number, run) in runs.into_iter().enumerate() {
            match run {
                Ok(run) => whole.push((number, run)),
                Err(halted_with) => {
                    let (halt, cut) = *halted_with;
                    self.cut.extend(cut.map(|run| (number, run)).filter(|_| believed));
                    halted = halted.or(Some(halt));
                }
            }
        }
        let Some(halt) = halted else { return Ok(whole.into_iter().map(|(_, run)| run).collect()) };
        self.cut.extend(whole.into_iter().filter(|_| believed));
        Err(halt)
    }
}

/// The result of a thread; its panic continues here.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Runner for Pool<'_> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        self.cut.clear();
        let run = self.first.run(order, how);
        match &run {
            Ok(run) if self.could_be_ahead => self.one_by_one += run.took,
            Ok(_) => {}
            Err(_) => self.cut = self.first.cut(),
        }
        run
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        self.cut.clear();
        let mut runs: Vec<OrderRun> = Vec::new();
        while let Some((order, how)) = wanted.get(runs.len()) {
            let rest = &wanted[runs.len()..];
            let ended = if self.is_worth_others(rest) {
                self.at_once(rest)
            } else {
                self.run(order, how).map(|run| Some(vec![run]))
            };
            match ended {
                Ok(Some(more)) => {
                    self.one_by_one +=
                        more.iter().filter(|_| rest.len() > more.len()).map(|run| run.took).sum();
                    runs.extend(more);
                }
                Ok(None) => self.go_on_alone(),
                Err(halt) => {
                    let done = runs.len();
                    let cut =
                        std::mem::take(&mut self.cut).into_iter().map(|(place, run)| (done + place, run));
                    self.cut = runs.into_iter().enumerate().chain(cut).collect();
                    return Err(halt);
                }
            }
        }
        Ok(runs)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        std::mem::take(&mut self.cut)
    }

    fn ask_ahead(&mut self, size: AheadSize, ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
        self.cut.clear();
        let can_be_ahead = self.jobs > 1 && size.questions > 1;
        self.could_be_ahead = can_be_ahead && size.tests < MANY && !self.is_worth_another();
        if !can_be_ahead || self.could_be_ahead {
            return Ok(Vec::new());
        }
        let next = AtomicUsize::new(0);
        // Each process takes the next question that no other has taken.
        let next = || Some(next.fetch_add(1, Ordering::SeqCst)).filter(|number| *number < size.questions);
        let offers = Offers::default();
        let work = |zygote: &mut Zygote| {
            let mut runner = RecordingRunner::new(zygote, &offers);
            let at_work = offers.begin();
            ask(&mut runner, &next);
            drop(at_work);
            let made = runner.made;
            offers.serve(|wanted| ended_run(zygote, wanted));
            made
        };
        let before = self.first.runs;
        let made = self.together(size.questions, work);
        // Each of them counts when somebody needs it.
        self.first.runs = before;
        if let Some((made, true)) = made? {
            return Ok(made.into_iter().flatten().collect());
        }
        self.go_on_alone();
        Ok(Vec::new())
    }

    fn was_known(&mut self, run: &OrderRun) {
        self.first.was_known(run);
    }

    fn one_by_one(&mut self) -> bool {
        if self.others.is_empty() {
            return false;
        }
        self.notes.push(ONE_BY_ONE.to_owned());
        self.go_on_alone();
        true
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}
