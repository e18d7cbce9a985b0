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

use super::process_error::ProcessError;
use super::run::{OrderRun, RunRequest, Runner, RunnerError, TestRunOptions};
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
    /// The partial results of the last runs when they were halted.
    cut: Vec<(usize, OrderRun)>,
    /// Why runs are made one by one although more are allowed.
    notes: Vec<String>,
}

impl<'a> Pool<'a> {
    /// `asked` is what the user has said of the number of simultaneous runs, if anything.
    pub(crate) fn new(first: &'a mut Zygote, jobs: usize, asked: Option<usize>) -> Self {
        let (is_asked, one_by_one) = (asked.is_some(), Duration::ZERO);
        Self { first, others: Vec::new(), jobs, is_asked, one_by_one, cut: Vec::new(), notes: Vec::new() }
    }

    /// Whether these runs are worth other processes.
    fn is_worth_others(&self, wanted: &[RunRequest]) -> bool {
        let tests = |(order, how): &RunRequest| {
            order.len() + how.survey.as_ref().map_or(0, |survey| survey.then.len())
        };
        let is_worth_one = self.is_asked
            || !self.others.is_empty()
            || self.one_by_one >= self.first.collected_in
            || wanted.iter().map(tests).sum::<usize>() >= MANY;
        self.jobs > 1 && wanted.len() > 1 && is_worth_one
    }

    /// Returns `None` if the runs affected each other.
    fn at_once(&mut self, wanted: &[RunRequest]) -> Result<Option<Vec<OrderRun>>, RunnerError> {
        self.hire(self.jobs.min(wanted.len()) - 1)?;
        if self.others.iter().any(|other| other.suite.items != self.first.suite.items) {
            let note = "--jobs: pytest collected other tests the second time; one run at a time";
            self.notes.push(note.to_owned());
            return Ok(None);
        }
        let folder = self.first.ground().map(Ground::share).transpose().map_err(ProcessError::Folder)?;
        self.take_part(folder.as_deref());
        let runs = self.shared_out(wanted);
        self.take_part(None);
        let left = self.first.ground().map(Ground::end_shared).unwrap_or_default();
        self.first.written.extend(left.iter().map(|left| left.path.clone()));
        let changed = left.iter().find(|left| !left.is_coverage());
        let runs = self.whole(runs, changed.is_none())?;
        let Some(first) = changed else { return Ok(Some(runs)) };
        self.notes.push(format!(
            "--jobs: runs change files that others at the same time would see ({}: {first}); \
             from here on one run at a time",
            first.path.display()
        ));
        Ok(None)
    }

    /// Makes the other processes record their writes in this folder, or in their own again.
    fn take_part(&mut self, folder: Option<&Path>) {
        for ground in self.others.iter_mut().filter_map(Zygote::ground) {
            ground.take_part(folder);
        }
    }

    /// The results of all runs, or the partial results up to the first halted one.
    fn whole(&mut self, runs: Vec<PooledRun>, believed: bool) -> Result<Vec<OrderRun>, RunnerError> {
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

    /// Starts the missing processes, all at the same time.
    fn hire(&mut self, wanted: usize) -> Result<(), RunnerError> {
        let lacking = wanted.saturating_sub(self.others.len());
        let starts: Vec<_> = (0..lacking).map(|_| self.first.again()).collect();
        let hired: Vec<Result<Zygote, RunnerError>> = std::thread::scope(|scope| {
            let starting: Vec<_> = starts.into_iter().map(|start| scope.spawn(start)).collect();
            let started = starting.into_iter().map(std::thread::ScopedJoinHandle::join);
            started.map(|other| other.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        for other in hired {
            let other = other?;
            self.first.shuffled |= other.shuffled;
            self.others.push(other);
        }
        Ok(())
    }

    /// Each process takes the next order that no other has taken.
    fn shared_out(&mut self, wanted: &[RunRequest]) -> Vec<PooledRun> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::new());
        let work = |zygote: &mut Zygote| {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let Some((order, how)) = wanted.get(number) else { return };
                let run = zygote.run(order, how).map_err(|halt| Box::new((halt, only(zygote.cut()))));
                done.lock().unwrap_or_else(PoisonError::into_inner).push((number, run));
            }
        };
        let before: usize = self.others.iter().map(|other| other.runs).sum();
        std::thread::scope(|scope| {
            for other in &mut self.others {
                scope.spawn(|| work(other));
            }
            work(self.first);
        });
        self.first.runs += self.others.iter().map(|other| other.runs).sum::<usize>() - before;
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, run)| run).collect()
    }
}

/// How a run ended: by itself, or halted, with its partial result.
type PooledRun = Result<OrderRun, Box<(RunnerError, Option<OrderRun>)>>;

fn only(cut: Vec<(usize, OrderRun)>) -> Option<OrderRun> {
    cut.into_iter().next().map(|(_, run)| run)
}

impl Runner for Pool<'_> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        self.cut.clear();
        let run = self.first.run(order, how);
        if run.is_err() {
            self.cut = self.first.cut();
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
                Ok(None) => {
                    self.jobs = 1;
                    self.others.clear();
                }
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

    fn was_known(&mut self, run: &OrderRun) {
        self.first.was_known(run);
    }

    fn one_by_one(&mut self) -> bool {
        if self.others.is_empty() {
            return false;
        }
        self.notes.push(ONE_BY_ONE.to_owned());
        self.jobs = 1;
        self.others.clear();
        true
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}
