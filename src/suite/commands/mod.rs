//! The two commands of a finding, for a person to paste: one with which the test passes, one with which it fails. Each is run
//! beforehand as it will be pasted.
//!
//! `words` writes them, without the `options` that get in the way. `pasted` runs plain pytest and `cases` reads its report;
//! `hunted` runs the hunt that shows what plain pytest cannot. `adding` gives each finding of a report its commands, and takes those
//! out that plain pytest refutes.

pub(super) mod adding;
mod cases;
mod hunted;
mod options;
mod pasted;
mod trial;
mod words;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::budget::Budget;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::project_copy::ProjectCopy;
use crate::suite::reproduction::FindingCommands;
use crate::suite::runner::message::CollectedSuite;
use crate::suite::runner::process::ProcessStart;
use crate::suite::runner::run::RunnerError;
use crate::suite::runner::zygote::Zygote;
use crate::suite::settings::HuntSettings;
use pasted::PasteGround;
use trial::CommandTrial;
use words::CommandWords;

/// Runs the commands of findings.
#[derive(Debug)]
pub(crate) struct CommandTrials<'a> {
    start: &'a ProcessStart,
    about: &'a CollectedSuite,
    settings: &'a HuntSettings,
    budget: &'a Budget,
    here: PathBuf,
    /// The copy of the current directory for runs without a private view; it goes when this goes.
    copy: Option<ProjectCopy>,
}

impl<'a> CommandTrials<'a> {
    /// In the current directory. Without a private view it is copied; an error says why that cannot be.
    pub(crate) fn new(
        zygote: &'a Zygote,
        settings: &'a HuntSettings,
        budget: &'a Budget,
    ) -> Result<Self, String> {
        let here = std::env::current_dir().map_err(|error| error.to_string())?;
        let copy = if zygote.is_private() { None } else { Some(ProjectCopy::of(&here, zygote.around())?) };
        Ok(Self { start: zygote.how_started(), about: &zygote.suite.about, settings, budget, here, copy })
    }

    /// The commands of a finding, each run; `None` for what happens by chance. `order` is a file with the finding's order.
    pub(crate) fn of(
        &self,
        finding: &HuntFinding,
        order: Option<&str>,
    ) -> Result<Option<FindingCommands>, RunnerError> {
        self.within(self.budget, finding, order)
    }

    /// The same in so much time.
    fn within(
        &self,
        budget: &Budget,
        finding: &HuntFinding,
        order: Option<&str>,
    ) -> Result<Option<FindingCommands>, RunnerError> {
        if finding.finding == FindingKind::Nondeterministic {
            return Ok(None);
        }
        let words = CommandWords::new(self.settings, self.about, self.here.clone());
        let copy = self.copy.as_ref().map(ProjectCopy::here);
        let ground = PasteGround::new(self.start, self.here.clone(), copy);
        let trial =
            CommandTrial { words: &words, ground: &ground, settings: self.settings, budget, finding, order };
        trial.made().map(Some)
    }

    /// The commands of several findings, so many at a time; `None` for those that were not begun when the first error came. Those that
    /// do not hold run again by themselves: tests may share what no view separates, such as a port, or have failed by chance.
    fn of_all(&self, findings: &[&HuntFinding], jobs: usize, budget: &Budget) -> Vec<Option<MadeCommands>> {
        // In a copy, commands would see what others write.
        let jobs = if self.copy.is_some() { 1 } else { jobs.min(findings.len()) };
        let mut all = self.at_once(findings, jobs, budget);
        for (made, finding) in all.iter_mut().zip(findings) {
            if matches!(made, Some(Ok(Some(commands))) if !commands.hold && (jobs > 1 || commands.refuted_by.is_some()))
            {
                // What is known stays where the time is over.
                *made = Some(self.within(budget, finding, None)).filter(Result::is_ok).or(made.take());
            }
        }
        all
    }

    fn at_once(&self, findings: &[&HuntFinding], jobs: usize, budget: &Budget) -> Vec<Option<MadeCommands>> {
        let (next, made) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        made.lock().unwrap_or_else(PoisonError::into_inner).resize_with(findings.len(), || None);
        let work = || {
            while let Some((at, finding)) =
                Some(next.fetch_add(1, Ordering::SeqCst)).and_then(|at| Some((at, findings.get(at)?)))
            {
                let commands = self.within(budget, finding, None);
                if commands.is_err() {
                    next.store(findings.len(), Ordering::SeqCst);
                }
                made.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(commands);
            }
        };
        std::thread::scope(|scope| {
            (1..jobs).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        made.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of running the commands of a finding.
type MadeCommands = Result<Option<FindingCommands>, RunnerError>;
