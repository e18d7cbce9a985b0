//! A collected suite that runs orders: in forks of one process, or in a process per order. The caller chooses what to
//! run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::command::{run_lines, word};
use super::listen::{RunTranscript, listen};
use super::patience::Silence;
use super::process::{Process, ProcessStart};
use super::process_error::ProcessError;
use super::run::{Branches, OrderRun, Runner, RunnerError, TestRunOptions};
use super::suite::{Suite, collected, number};
use crate::budget::Budget;
use crate::suite::in_place::ground::Ground;
use crate::suite::in_place::left::LeftFile;
use crate::suite::keeper::WrittenPath;

/// The number of files elsewhere that are observed.
const MOST_ELSEWHERE: usize = 200;

/// The suite in a waiting process, and the data to start another one.
pub(crate) struct Zygote {
    /// Declared before `start`, because its directory lies in that of the hunt.
    pub(super) process: Process,
    /// Handles files if runs are in place. Declared after the process, which has to end first.
    ground: Option<Ground>,
    pub(super) start: ProcessStart,
    used: bool,
    pub(crate) suite: Suite,
    /// Whether each order has a process of its own, because forks would change the results of this suite.
    pub(crate) fresh: bool,
    pub(crate) test_timeout: Duration,
    pub(crate) budget: Budget,
    /// The partial result of the last run when the hunt had to end.
    pub(super) cut: Option<OrderRun>,
    /// The paths that runs wrote in place.
    pub(crate) written: BTreeSet<PathBuf>,
    /// How long it took until the tests were collected.
    pub(crate) collected_in: Duration,
    /// The number of runs so far.
    pub(crate) runs: usize,
    /// Whether another process collected the same tests in another order.
    pub(crate) shuffled: bool,
    /// Notes for the user on how runs are made.
    pub(crate) notes: Vec<String>,
    /// Paths that runs wrote outside the working and the temporary directory: tests can affect each other through them.
    elsewhere: BTreeSet<PathBuf>,
}

impl std::fmt::Debug for Zygote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Zygote")
            .field("start", &self.start)
            .field("runs", &self.runs)
            .finish_non_exhaustive()
    }
}

impl Zygote {
    /// The handling of files, if runs are in place.
    pub(crate) fn ground(&mut self) -> Option<&mut Ground> {
        self.ground.as_mut()
    }

    /// Starts pytest and collects.
    pub(crate) fn start(
        start: ProcessStart,
        test_timeout: Duration,
        budget: Budget,
    ) -> Result<Self, RunnerError> {
        let started = Instant::now();
        let (ground, mut process, suite) = collected(&start, &budget)?;
        Ok(Self {
            collected_in: started.elapsed(),
            fresh: suite.about.threads > 1,
            notes: std::mem::take(&mut process.notes),
            elsewhere: BTreeSet::new(),
            start,
            process,
            used: false,
            written: ground.iter().flat_map(Ground::by_collection).collect(),
            ground,
            suite,
            test_timeout,
            budget,
            cut: None,
            runs: 0,
            shuffled: false,
        })
    }

    /// Whether a path that runs wrote is taster's own, or did not exist before the tests were collected.
    pub(crate) fn is_of_this_hunt(&self, path: &Path) -> bool {
        let mut ours = self.start.ours.iter().map(PathBuf::as_path).chain([self.start.around.path()]);
        let mut made = self.ground.iter().flat_map(Ground::made_by_collection);
        // The reported paths have no link in them.
        let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        ours.any(|folder| path.starts_with(real(folder))) || made.any(|each| each == path)
    }

    /// Whether runs have a private view of the files.
    pub(crate) fn is_private(&self) -> bool {
        self.start.view.is_some()
    }

    /// The end of pytest's output.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Notes for the user on files, if runs are in place.
    pub(crate) fn file_notes(&self) -> Vec<String> {
        let root = Path::new(&self.suite.about.root);
        self.ground.as_ref().map(|ground| ground.notes(&self.suite.about.python, root)).unwrap_or_default()
    }

    /// Starts another process if this one has been used up.
    pub(super) fn be_ready(&mut self) -> Result<(), RunnerError> {
        if self.used { self.renew() } else { Ok(()) }
    }

    fn renew(&mut self) -> Result<(), RunnerError> {
        // If it cannot be ended now, dropping it ends it and then restores what it wrote.
        if let (Ok(()), Some(ground)) = (self.process.end(true), &self.ground) {
            ground.end_all();
        }
        let (mut ground, mut process, suite) = collected(&self.start, &self.budget)?;
        let Some(shuffled) = number(&mut process, &self.suite.items, &suite.items)? else {
            let how = "collected other tests than the time before";
            return Err(process.lost(how).into());
        };
        self.shuffled |= shuffled;
        if let (Some(ground), Some(before)) = (&mut ground, &mut self.ground) {
            ground.take_over(before);
        }
        self.process = process;
        self.ground = ground;
        self.used = false;
        Ok(())
    }

    /// Makes one process run an order; returns false if it ended before the order did.
    pub(super) fn one(
        &mut self,
        order: &[usize],
        how: &TestRunOptions,
    ) -> Result<(OrderRun, bool), RunnerError> {
        let (mut tried, before) = (false, self.runs);
        loop {
            self.be_ready()?;
            let here = self.fresh || how.fresh || !self.can_fork()?;
            self.used = here;
            let started = Instant::now();
            let mut lines = run_lines(order, how, here, &self.elsewhere);
            if let Some(ground) = &mut self.ground {
                let folder = ground.begin().map_err(ProcessError::Folder)?;
                lines.push(format!("written {}", word(&folder.to_string_lossy())));
            }
            let whole = self.start.files.is_empty().then_some(self.suite.items.len());
            let silence = Silence::of(&self.start.patience, how, self.test_timeout, whole);
            let mut heard = match self.process.command(&lines) {
                Ok(()) => listen(&mut self.process, here, &silence, &self.budget),
                Err(error) => RunTranscript::nothing(error),
            };
            heard.run.took = started.elapsed();
            let full = self.is_over(here, &mut heard);
            self.runs += 1;
            heard.run.runs = self.runs - before;
            let whole = heard.is_whole();
            let RunTranscript { run, lost, halt, .. } = heard;
            self.used |= lost.is_some() || halt.is_some();
            let lost = match lost {
                Some(error @ ProcessError::Protocol(_)) => return Err(error.into()),
                other => other,
            };
            if let Some(halt) = halt {
                self.cut = Some(run);
                return Err(halt);
            }
            if full && self.goes_to_disk() {
                continue;
            }
            match lost.filter(|_| run.is_empty()) {
                None => return Ok((run, whole)),
                Some(error) if tried => return Err(error.into()),
                // A leftover of an earlier run may have ended the process.
                Some(_) => tried = true,
            }
        }
    }

    /// Ends what a run has started, and adds what it left. Returns whether there was no room for its writes.
    fn is_over(&mut self, here: bool, heard: &mut RunTranscript) -> bool {
        let (written, full) = match self.process.end_run(here) {
            Ok(told) => told,
            Err(error) => {
                // The run's writes are restored when the process is dropped: until then it may still be writing.
                heard.lost.get_or_insert(error);
                return false;
            }
        };
        heard.run.left_behind = self.ground.as_mut().map(Ground::end).unwrap_or_default();
        heard.run.left_behind.extend(written.into_iter().filter_map(WrittenPath::left_apart));
        self.watch(&heard.run.left_behind);
        if !self.is_private() {
            self.written.extend(heard.run.left_behind.iter().map(|left| left.path.clone()));
        }
        full
    }

    /// From now on looks at state include these files.
    fn watch(&mut self, left: &[LeftFile]) {
        // In place, these files could be restored, but files outside the suite must not be touched.
        if !self.is_private() {
            return;
        }
        let here = std::env::current_dir().unwrap_or_default();
        let paths = left.iter().map(|left| &left.path).filter(|path| !path.starts_with(&here));
        let room = MOST_ELSEWHERE.saturating_sub(self.elsewhere.len());
        self.elsewhere.extend(paths.take(room).cloned());
    }

    /// Settles what was collected. Returns false if forks would write through files that collection holds open.
    pub(super) fn can_fork(&mut self) -> Result<bool, RunnerError> {
        let held = self.process.settle()?;
        if let Some(first) = held.first() {
            self.fresh = true;
            self.notes.push(format!(
                "{} is open for writing since collection{}, and what runs write there would reach later ones; each order \
                 runs in a process of its own",
                first.display(),
                if held.len() > 1 { format!(" (and {} more)", held.len() - 1) } else { String::new() }
            ));
        }
        Ok(held.is_empty())
    }

    /// Called after a run had no room for its writes; returns whether it can be repeated with more.
    fn goes_to_disk(&mut self) -> bool {
        let Some(view) = self.start.view.as_mut().filter(|view| !view.on_disk) else { return false };
        view.on_disk = true;
        self.used = true;
        self.notes
            .push("memory has no room for what runs write; it goes to the temporary directory".to_owned());
        true
    }
}

impl Runner for Zygote {
    /// Tests that a crash or a hang cut off run in another fork, after none of the earlier ones.
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        if let Some(survey) = &how.survey {
            return self.survey(order, how, survey);
        }
        let (mut run, whole) = self.one(order, how)?;
        if !whole && !how.branches.places.is_empty() {
            // It is unknown whether the order or a branch of it ended the process.
            return self.run(order, &TestRunOptions { branches: Branches::default(), ..how.clone() });
        }
        let mut finished = whole;
        while !finished && how.probe.is_none() && how.trace.is_none() {
            let ran = run.order();
            let rest: Vec<usize> = order.iter().copied().filter(|test| !ran.contains(test)).collect();
            if rest.is_empty() {
                break;
            }
            match self.one(&rest, how) {
                Ok((more, _)) if more.tests.is_empty() => break,
                Ok((more, whole)) => {
                    finished = whole;
                    run.goes_on_with(more);
                }
                Err(halt) => {
                    run.goes_on_with(self.cut.take().unwrap_or_default());
                    self.cut = Some(run);
                    return Err(halt);
                }
            }
        }
        Ok(run)
    }

    /// What it wrote elsewhere is part of the state that later runs look at. One that was made ahead counts now.
    fn was_known(&mut self, run: &OrderRun) {
        self.runs += run.runs;
        self.watch(&run.left_behind);
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        self.cut.take().map(|run| (0, run)).into_iter().collect()
    }
}
