//! One doubt about collection: a test, or a whole file, that does one thing with everything collected and another with its file
//! alone. Finds the files that cause this; `state` finds the state.

use std::path::Path;

use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::runner::cell::{Cell, NotPutBack};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::others::FilesStart;
use crate::suite::runner::run::{HuntClock, OrderRun, Runner, RunnerError, TestRunOptions};
use crate::suite::runner::source_line::SourceLine;
use crate::suite::runner::suite::UncollectedFile;
use crate::suite::runner::zygote::Zygote;

const TRIES: usize = 2;

/// What the other files do to a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OthersEffect {
    /// They make it fail.
    Poison,
    /// They make it pass.
    Prepare,
}

/// A test, or a whole file, that fails with everything collected, or passes only then.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) id: String,
    pub(super) is_test: bool,
    pub(super) file: String,
    pub(super) message: String,
    pub(super) others: OthersEffect,
}

impl Doubt {
    /// The doubt about a file or class that pytest could not collect.
    pub(super) fn about(root: &str, each: &UncollectedFile) -> Self {
        let path = each.id.split("::").next().unwrap_or_default();
        let file = Path::new(root).join(path).to_string_lossy().into_owned();
        let (id, message) = (each.id.clone(), each.text.clone());
        Self { id, is_test: false, file, message, others: OthersEffect::Poison }
    }
}

/// The outcome of a doubtful test or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DoubtOutcome {
    Passes,
    Fails,
    /// It was skipped, or does not exist.
    Neither,
}

impl DoubtOutcome {
    pub(super) fn of(run: &OrderRun, test: usize) -> Self {
        if run.fails(test) {
            Self::Fails
        } else if run.passes(test) {
            Self::Passes
        } else {
            Self::Neither
        }
    }
}

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

/// A process that has collected one file alone, kept because there may be more doubts about that file.
pub(super) type FileAlone = (String, Zygote);

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
        last: Option<&mut Option<FileAlone>>,
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
        if !self.shows(&others)? {
            // The cause is not the files but their order, or something else in the arguments.
            return Ok(false);
        }
        let deciding = minimize(&others, |part| if part.is_empty() { Ok(false) } else { self.shows(part) })?;
        let mut finding = self.confirmed(&deciding)?;
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

    /// The finding that these files decide, after both were tried again.
    fn confirmed(&mut self, deciding: &[String]) -> Result<HuntFinding, RunnerError> {
        let (mut alone, mut after) = (Tally::ONCE, Tally::ONCE);
        for _ in 0..TRIES {
            alone = alone.with(self.outcome(&[], None)?.0 == self.turned());
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
        Ok(self.outcome(others, None)?.0 == self.shown())
    }

    /// What the test does when its file is collected and no other.
    fn alone(&mut self, last: &mut Option<FileAlone>) -> Result<DoubtOutcome, RunnerError> {
        self.may_go_on()?;
        let known = last.take().filter(|(file, _)| *file == self.doubt.file);
        let (file, mut zygote) = if let Some(known) = known {
            known
        } else {
            let file = self.doubt.file.clone();
            let zygote = self.start.collect(vec![file.clone()], None)?;
            (file, zygote)
        };
        let ended = self.ended_in(&mut zygote)?;
        *last = Some((file, zygote));
        Ok(ended)
    }

    pub(super) fn may_go_on(&mut self) -> Result<(), RunnerError> {
        self.start.budget.check()?;
        self.asked += 1;
        Ok(())
    }

    pub(super) fn outcome(
        &mut self,
        others: &[String],
        watch: Option<CollectionLook>,
    ) -> Result<(DoubtOutcome, Vec<Cell>, Vec<NotPutBack>), RunnerError> {
        self.may_go_on()?;
        let mut zygote = self.start.collect(self.files_with(others), watch)?;
        let cells = std::mem::take(&mut zygote.suite.cells);
        let not_put_back = std::mem::take(&mut zygote.suite.not_put_back);
        self.look_failed = self.look_failed.take().or_else(|| zygote.suite.look_failed.take());
        Ok((self.ended_in(&mut zygote)?, cells, not_put_back))
    }

    /// The file of the test and these, in the order of the whole.
    pub(super) fn files_with(&self, others: &[String]) -> Vec<String> {
        let wanted = |file: &&String| **file == self.doubt.file || others.contains(file);
        self.files.iter().filter(wanted).cloned().collect()
    }

    /// The outcome of the test, or of the collection of its file, in this process.
    pub(super) fn ended_in(&mut self, zygote: &mut Zygote) -> Result<DoubtOutcome, RunnerError> {
        let suite = &zygote.suite;
        let file_fails = |each: &UncollectedFile| Doubt::about(self.root, each).file == self.doubt.file;
        if suite.uncollected.iter().any(|each| each.id == self.doubt.id) {
            return Ok(DoubtOutcome::Fails);
        }
        let Some(test) = suite.find(&self.doubt.id) else {
            // A file that could not be collected before is collected now, unless another part of it is not.
            let collected = !self.doubt.is_test && !suite.uncollected.iter().any(file_fails);
            return Ok(if collected { DoubtOutcome::Passes } else { DoubtOutcome::Neither });
        };
        let run = zygote.run(&[test], &TestRunOptions::plain(self.timestamps))?;
        if let Some(ran) = run.of(test).filter(|ran| ran.outcome.is_failure()) {
            self.message = Some(ran.text.clone());
            self.failed_at = run.failed_at(test).cloned();
        }
        Ok(DoubtOutcome::of(&run, test))
    }
}
