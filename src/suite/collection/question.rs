//! One doubt about collection: a test, or a whole file, that does one thing with everything collected and another with its file
//! alone. Finds the files that cause this; `state` finds the state.

use std::path::Path;

use super::doubt::{Doubt, DoubtOutcome, OthersEffect};
use super::process::{FilesProcess, ToldOfDoubt};
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::runner::cell::NotPutBack;
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::others::FilesStart;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::{HuntClock, RunnerError};
use crate::suite::runner::source_line::SourceLine;

/// How often both are tried again: for the first finding of some files, and for each further one.
const TRIES: usize = 2;
const FEW_TRIES: usize = 1;

/// Sets of files that have decided before, and what they did: they are likely to decide again.
pub(super) type DecidedBefore = Vec<(OthersEffect, Vec<String>)>;

/// Which files decide what becomes of a test or a file, and why.
#[derive(Debug)]
pub(super) struct CollectionQuestion<'a> {
    pub(super) start: &'a FilesStart,
    root: &'a str,
    files: Vec<String>,
    pub(super) doubt: &'a Doubt,
    pub(super) timestamps: HuntClock,
    asked: usize,
    /// The message of its last failure.
    message: Option<String>,
    /// The line at which it failed then.
    failed_at: Option<SourceLine>,
    pub(super) not_put_back: Vec<NotPutBack>,
    pub(super) look_failed: Option<String>,
}

impl<'a> CollectionQuestion<'a> {
    /// A question before any process has run.
    pub(super) fn new(
        start: &'a FilesStart,
        root: &'a str,
        files: Vec<String>,
        doubt: &'a Doubt,
        timestamps: HuntClock,
    ) -> Self {
        Self {
            start,
            root,
            files,
            doubt,
            timestamps,
            asked: 0,
            message: None,
            failed_at: None,
            not_put_back: Vec::new(),
            look_failed: None,
        }
    }

    /// What the test does with the files that decide.
    pub(super) fn shown(&self) -> DoubtOutcome {
        match self.doubt.others {
            OthersEffect::Poison => DoubtOutcome::Fails,
            OthersEffect::Prepare => DoubtOutcome::Passes,
        }
    }

    /// What it does without them.
    pub(super) fn turned(&self) -> DoubtOutcome {
        match self.doubt.others {
            OthersEffect::Poison => DoubtOutcome::Passes,
            OthersEffect::Prepare => DoubtOutcome::Fails,
        }
    }

    /// Adds the findings; returns whether there were any. Findings made before the search has to end are kept. `last` is the process
    /// to ask what the test does with its file alone; without one, that is known.
    pub(super) fn answer(
        mut self,
        last: Option<&mut Option<FilesProcess>>,
        before: &mut DecidedBefore,
        found: &mut Vec<HuntFinding>,
    ) -> Result<bool, RunnerError> {
        let others: Vec<String> =
            self.files.iter().filter(|file| **file != self.doubt.file).cloned().collect();
        if others.is_empty() {
            return Ok(false);
        }
        if let Some(last) = last
            && self.alone(last)? == self.shown()
        {
            return Ok(false);
        }
        let (deciding, tries) = if let Some(known) = self.decide_again(before)? {
            (known, FEW_TRIES)
        } else if self.shows(&others)? {
            let not_empty = |part: &[String]| if part.is_empty() { Ok(false) } else { self.shows(part) };
            (minimize(&others, not_empty)?, TRIES)
        } else {
            // The cause is not the files but their order, or something else in the arguments.
            return Ok(false);
        };
        let mut finding = self.confirmed(&deciding, tries)?;
        if tries == TRIES && finding.finding == FindingKind::Collection {
            before.push((self.doubt.others, deciding.clone()));
        }
        let explained = match finding.finding {
            FindingKind::Collection => {
                self.explain(&deciding, &mut finding).and_then(|()| self.lines(&deciding, &mut finding))
            }
            _ => Ok(()),
        };
        finding.runs = self.asked;
        finding.victim_at = self.failed_at;
        finding.not_put_back = self.not_put_back;
        finding.look_failed = self.look_failed;
        found.push(finding);
        explained.map(|()| true)
    }

    /// The single file that has decided another doubt and decides this one: what one file does by itself needs no others.
    fn decide_again(&mut self, before: &DecidedBefore) -> Result<Option<Vec<String>>, RunnerError> {
        for (effect, files) in before {
            let is_like =
                *effect == self.doubt.others && files.len() == 1 && !files.contains(&self.doubt.file);
            if is_like && self.shows(files)? {
                return Ok(Some(files.clone()));
            }
        }
        Ok(None)
    }

    /// The finding that these files decide, after both were tried again so often.
    fn confirmed(&mut self, deciding: &[String], tries: usize) -> Result<HuntFinding, RunnerError> {
        let (mut alone, mut after) = (Tally::ONCE, Tally::ONCE);
        for _ in 0..tries {
            alone = alone.with(self.told_with(&[], None)?.outcome == self.turned());
            after = after.with(self.shows(deciding)?);
        }
        let steady = alone.is_steady() && after.is_steady();
        let kind = if steady { FindingKind::Collection } else { FindingKind::Nondeterministic };
        let mut finding =
            HuntFinding::new(kind, self.doubt.id.clone(), self.timestamps, Confirmation { alone, after });
        let short = |file: &String| {
            let inside = Path::new(file).strip_prefix(self.root);
            inside.map_or(file.clone(), |path| path.to_string_lossy().into_owned())
        };
        let names = Some(deciding.iter().map(short).collect());
        match self.doubt.others {
            OthersEffect::Poison => finding.polluters = names,
            OthersEffect::Prepare => finding.state_setters = names,
        }
        finding.message = match (self.doubt.others, self.message.take()) {
            (OthersEffect::Prepare, Some(message)) => message,
            _ => self.doubt.message.clone(),
        };
        finding.minimal = true;
        Ok(finding)
    }

    /// Whether the test does what the doubt says when its file and these are collected, in the order of the whole.
    fn shows(&mut self, others: &[String]) -> Result<bool, RunnerError> {
        Ok(self.told_with(others, None)?.outcome == self.shown())
    }

    /// What becomes of the test, or of the collection of its file, in this process; before the test, something may be put back.
    pub(super) fn told(
        &mut self,
        process: &mut FilesProcess,
        repair: Option<&(RepairScope, CellRepair)>,
    ) -> Result<ToldOfDoubt, RunnerError> {
        self.may_go_on()?;
        let told = process.told(self.start, (self.root, self.doubt), self.timestamps, repair)?;
        if told.message.is_some() {
            (self.message, self.failed_at) = (told.message.clone(), told.failed_at.clone());
        }
        self.look_failed = self.look_failed.take().or_else(|| told.look_failed.clone());
        Ok(told)
    }

    /// What the test does when its file is collected and no other. The process is kept, because there may be more doubts about that
    /// file.
    fn alone(&mut self, last: &mut Option<FilesProcess>) -> Result<DoubtOutcome, RunnerError> {
        let files = vec![self.doubt.file.clone()];
        let known = last.take().filter(|process| process.files == files);
        let process = last.insert(known.unwrap_or_else(|| FilesProcess::new(files, None)));
        Ok(self.told(process, None)?.outcome)
    }

    pub(super) fn may_go_on(&mut self) -> Result<(), RunnerError> {
        self.start.budget.check()?;
        self.asked += 1;
        Ok(())
    }

    /// What becomes of the test when its file and these are collected, in the order of the whole.
    pub(super) fn told_with(
        &mut self,
        others: &[String],
        look: Option<CollectionLook>,
    ) -> Result<ToldOfDoubt, RunnerError> {
        self.told(&mut FilesProcess::new(self.files_with(others), look), None)
    }

    /// The file of the test and these, in the order of the whole.
    pub(super) fn files_with(&self, others: &[String]) -> Vec<String> {
        let wanted = |file: &&String| **file == self.doubt.file || others.contains(file);
        self.files.iter().filter(wanted).cloned().collect()
    }
}
