//! One doubt about collection: a test, or a whole file, that does one thing with everything collected and another with its file
//! alone. Finds the files that cause this; `state` finds the state.

use std::path::Path;

use super::doubt::{Doubt, DoubtOutcome, OthersEffect};
use super::known::{DecidedBefore, KnownOfCollection};
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

/// How often both are tried again for the first finding of some files.
const TRIES: usize = 2;

/// Whether it is known already what a test does with its file alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AloneIs {
    Known,
    Open,
}

/// Which files decide what becomes of a test or a file, and why.
#[derive(Debug)]
pub(super) struct CollectionQuestion<'a> {
    pub(super) start: &'a FilesStart,
    root: &'a str,
    files: Vec<String>,
    pub(super) doubt: &'a Doubt,
    pub(super) timestamps: HuntClock,
    pub(super) known: &'a mut KnownOfCollection,
    alone_is: AloneIs,
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
        (start, root): (&'a FilesStart, &'a str),
        files: Vec<String>,
        doubt: &'a Doubt,
        timestamps: HuntClock,
        (known, alone_is): (&'a mut KnownOfCollection, AloneIs),
    ) -> Self {
        Self {
            start,
            root,
            files,
            doubt,
            timestamps,
            known,
            alone_is,
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

    /// Adds the findings; returns whether there were any. Findings made before the search has to end are kept.
    pub(super) fn answer(mut self, found: &mut Vec<HuntFinding>) -> Result<bool, RunnerError> {
        let others: Vec<String> =
            self.files.iter().filter(|file| **file != self.doubt.file).cloned().collect();
        if others.is_empty() {
            return Ok(false);
        }
        if self.alone_is == AloneIs::Open && self.told_again(&[])? == self.shown() {
            return Ok(false);
        }
        let like = self.decide_again()?;
        let deciding = if let Some(like) = &like {
            like.files.clone()
        } else if self.shows(&others)? {
            let not_empty = |part: &[String]| if part.is_empty() { Ok(false) } else { self.shows(part) };
            minimize(&others, not_empty)?
        } else {
            // The cause is not the files but their order, or something else in the arguments.
            return Ok(false);
        };
        let mut finding = self.confirmed(&deciding, like.is_some())?;
        let explained = match finding.finding {
            FindingKind::Collection => self.say_why(&deciding, like, &mut finding),
            _ => Ok(()),
        };
        finding.runs = self.asked;
        finding.victim_at = self.failed_at;
        finding.not_put_back = self.not_put_back;
        finding.look_failed = self.look_failed;
        found.push(finding);
        explained.map(|()| true)
    }

    /// What is known of the single file that has decided another doubt and decides this one: what one file does by itself needs no
    /// others.
    fn decide_again(&mut self) -> Result<Option<DecidedBefore>, RunnerError> {
        for like in self.known.decided.clone() {
            let is_like = like.effect == self.doubt.others
                && like.files.len() == 1
                && !like.files.contains(&self.doubt.file);
            if is_like && self.told_again(&like.files)? == self.shown() {
                return Ok(Some(like));
            }
        }
        Ok(None)
    }

    /// The finding that these files decide, after both were tried again: in processes of their own, unless these files have decided
    /// before.
    fn confirmed(&mut self, deciding: &[String], again: bool) -> Result<HuntFinding, RunnerError> {
        let (mut alone, mut after) = (Tally::ONCE, Tally::ONCE);
        if again {
            alone = alone.with(self.told_again(&[])? == self.turned());
            after = after.with(self.told_again(deciding)? == self.shown());
        } else {
            for _ in 0..TRIES {
                alone = alone.with(self.told_with(&[], None)?.outcome == self.turned());
                after = after.with(self.shows(deciding)?);
            }
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
        // What a person could write, and what fails, is no help; taster's own look is not at fault.
        let is_own = !matches!(repair, Some((_, CellRepair::Cure { .. })));
        let failed = told.look_failed.iter().find(|_| is_own);
        self.look_failed = self.look_failed.take().or_else(|| failed.cloned());
        Ok(told)
    }

    /// What the test does when its file and these are collected, in a process that is kept: there may be more doubts about that file.
    fn told_again(&mut self, others: &[String]) -> Result<DoubtOutcome, RunnerError> {
        let mut process = self.known.process(self.files_with(others), None);
        let outcome = self.told(&mut process, None)?.outcome;
        self.known.keep(process);
        Ok(outcome)
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
