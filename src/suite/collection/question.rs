//! One doubt about collection: a test, or a whole file, that fails with everything collected. Finds the files that
//! cause this, and the state.

use std::path::Path;

use crate::budget::Budget;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::judge::cause::{self, NamedCause};
use crate::suite::judge::repair::{self, RepairResult};
use crate::suite::judge::runs::add_new;
use crate::suite::runner::cell::{Cell, NotPutBack};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::probe::{CellRepair, Probe, RepairScope};
use crate::suite::runner::run::{HuntClock, Runner, RunnerError, TestRunOptions};
use crate::suite::runner::suite::{Suite, UncollectedFile};
use crate::suite::runner::zygote::Zygote;

const TRIES: usize = 2;
const SCOPES: [RepairScope; 2] = [RepairScope::Near, RepairScope::Wide];
/// How many single cells are tried if kinds of state are not enough: in forks, and in processes.
const MOST_SINGLE_CELLS: (usize, usize) = (200, 30);

/// A test, or a whole file, that fails with everything collected.
pub(super) struct Doubt {
    pub(super) id: String,
    pub(super) is_test: bool,
    pub(super) file: String,
    pub(super) message: String,
}

impl Doubt {
    /// The doubt about a file or class that pytest could not collect.
    pub(super) fn about(suite: &Suite, each: &UncollectedFile) -> Self {
        let path = each.id.split("::").next().unwrap_or_default();
        let file = Path::new(&suite.about.root).join(path).to_string_lossy().into_owned();
        Self { id: each.id.clone(), is_test: false, file, message: each.text.clone() }
    }
}

/// The outcome of a doubtful test or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DoubtOutcome {
    Passes,
    Fails,
    /// It was skipped, or does not exist.
    Neither,
}

/// Which files make a test or a file fail, and why.
pub(super) struct CollectionQuestion<'a> {
    zygote: &'a Zygote,
    files: Vec<String>,
    doubt: &'a Doubt,
    timestamps: HuntClock,
    budget: &'a Budget,
    asked: usize,
    not_put_back: Vec<NotPutBack>,
    look_failed: Option<String>,
}

/// A process that has collected one file alone, kept because there may be more doubts about that file.
pub(super) type FileAlone = (String, Zygote);

impl<'a> CollectionQuestion<'a> {
    /// A question before any process has run.
    pub(super) fn new(
        zygote: &'a Zygote,
        files: Vec<String>,
        doubt: &'a Doubt,
        (timestamps, budget): (HuntClock, &'a Budget),
    ) -> Self {
        Self {
            zygote,
            files,
            doubt,
            timestamps,
            budget,
            asked: 0,
            not_put_back: Vec::new(),
            look_failed: None,
        }
    }

    /// Adds the findings; returns whether there were any. Findings made before the search has to end are kept.
    pub(super) fn answer(
        mut self,
        last: &mut Option<FileAlone>,
        found: &mut Vec<HuntFinding>,
    ) -> Result<bool, RunnerError> {
        let others: Vec<String> =
            self.files.iter().filter(|file| **file != self.doubt.file).cloned().collect();
        if others.is_empty() || self.fails_alone(last)? {
            return Ok(false);
        }
        if !self.fails(&others)? {
            // The cause is not the files but their order, or something else in the arguments.
            return Ok(false);
        }
        let polluters = minimize(&others, |part| if part.is_empty() { Ok(false) } else { self.fails(part) })?;
        let (mut alone, mut after) = (Tally::ONCE, Tally::ONCE);
        for _ in 0..TRIES {
            alone = alone.with(!self.fails(&[])?);
            after = after.with(self.fails(&polluters)?);
        }
        let root = Path::new(&self.zygote.suite.about.root).to_owned();
        let short = |file: &String| {
            Path::new(file)
                .strip_prefix(&root)
                .map_or(file.clone(), |path| path.to_string_lossy().into_owned())
        };
        let steady = alone.is_steady() && after.is_steady();
        let kind = if steady { FindingKind::Collection } else { FindingKind::Nondeterministic };
        let mut finding =
            HuntFinding::new(kind, self.doubt.id.clone(), self.timestamps, Confirmation { alone, after });
        finding.polluters = Some(polluters.iter().map(short).collect());
        finding.message.clone_from(&self.doubt.message);
        finding.minimal = true;
        finding.runs = self.asked;
        let explained = match finding.finding {
            FindingKind::Collection => self.explain(&polluters, &mut finding),
            _ => Ok(()),
        };
        finding.runs = self.asked;
        finding.not_put_back = self.not_put_back;
        finding.look_failed = self.look_failed;
        found.push(finding);
        explained.map(|()| true)
    }

    /// Finds the state that the polluting files left and that the test, or the import of its file, depends on.
    fn explain(&mut self, polluters: &[String], finding: &mut HuntFinding) -> Result<(), RunnerError> {
        let mut before = self.collected_first(polluters)?;
        let most = if before.is_some() { MOST_SINGLE_CELLS.0 } else { MOST_SINGLE_CELLS.1 };
        let mut ask = |scope, repair| match &mut before {
            Some((zygote, test)) => self.put_back_before_the_test(zygote, *test, scope, repair),
            None => self.put_back_before_collection(polluters, scope, repair),
        };
        let state = repair::proven(most, &mut ask)?;
        if state.is_empty() {
            finding.cause = Cause::Unknown;
            return Ok(());
        }
        let named = NamedCause { cause: cause::of(FindingKind::Collection, &state), modules: Vec::new() };
        (finding.cause, finding.state) = (named.cause, state.clone());
        for (cure, _) in cause::cures(FindingKind::Collection, &named, &state, &[]) {
            let verified = ask(RepairScope::Near, CellRepair::cure(cure.clone()))?.turned;
            finding.remedies.push(cause::remedy(&cure, verified));
        }
        finding.remedies.push(cause::put_back(&state));
        Ok(())
    }

    /// The suite with the test's file collected before the polluting ones, if the test fails then too.
    fn collected_first(&mut self, polluters: &[String]) -> Result<Option<(Zygote, usize)>, RunnerError> {
        self.may_go_on()?;
        let files = std::iter::once(&self.doubt.file).chain(polluters).cloned().collect();
        let watch = CollectionLook {
            remember_at: polluters.to_vec(),
            scopes: SCOPES.to_vec(),
            look_at: None,
            trace: Vec::new(),
        };
        let mut zygote = self.zygote.with_files(files, Some(watch))?;
        zygote.fresh |= self.zygote.fresh;
        let Some(test) = zygote.suite.find(&self.doubt.id) else {
            return Ok(None);
        };
        let fails = zygote.run(&[test], &TestRunOptions::plain(self.timestamps))?.fails(test);
        Ok(fails.then_some((zygote, test)))
    }

    fn put_back_before_the_test(
        &mut self,
        zygote: &mut Zygote,
        test: usize,
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<RepairResult, RunnerError> {
        self.may_go_on()?;
        let probe = Some(Probe { before: test, scope, repair });
        let run = zygote.run(&[test], &TestRunOptions { probe, ..TestRunOptions::plain(self.timestamps) })?;
        add_new(&mut self.not_put_back, &run.not_put_back);
        self.look_failed = self.look_failed.take().or_else(|| run.look_failed.clone());
        Ok(RepairResult { turned: run.passes(test), cells: run.cells, not_put_back: run.not_put_back })
    }

    fn put_back_before_collection(
        &mut self,
        polluters: &[String],
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<RepairResult, RunnerError> {
        let look_at = Some((self.doubt.file.clone(), repair));
        let watch = CollectionLook {
            remember_at: polluters.to_vec(),
            scopes: vec![scope],
            look_at,
            trace: Vec::new(),
        };
        let (outcome, cells, not_put_back) = self.outcome(polluters, Some(watch))?;
        add_new(&mut self.not_put_back, &not_put_back);
        Ok(RepairResult { turned: outcome == DoubtOutcome::Passes, cells, not_put_back })
    }

    /// Whether the test fails when its file and these are collected, in the order of the whole.
    fn fails(&mut self, others: &[String]) -> Result<bool, RunnerError> {
        Ok(self.outcome(others, None)?.0 == DoubtOutcome::Fails)
    }

    /// Whether the test fails when its file is collected and no other.
    fn fails_alone(&mut self, last: &mut Option<FileAlone>) -> Result<bool, RunnerError> {
        self.may_go_on()?;
        let known = last.take().filter(|(file, _)| *file == self.doubt.file);
        let (file, mut zygote) = if let Some(known) = known {
            known
        } else {
            let file = self.doubt.file.clone();
            let zygote = self.zygote.with_files(vec![file.clone()], None)?;
            (file, zygote)
        };
        let ended = self.ended_in(&mut zygote)?;
        *last = Some((file, zygote));
        Ok(ended == DoubtOutcome::Fails)
    }

    fn may_go_on(&mut self) -> Result<(), RunnerError> {
        self.budget.check()?;
        self.asked += 1;
        Ok(())
    }

    fn outcome(
        &mut self,
        others: &[String],
        watch: Option<CollectionLook>,
    ) -> Result<(DoubtOutcome, Vec<Cell>, Vec<NotPutBack>), RunnerError> {
        self.may_go_on()?;
        let wanted = |file: &&String| **file == self.doubt.file || others.contains(file);
        let files = self.files.iter().filter(wanted).cloned().collect();
        let mut zygote = self.zygote.with_files(files, watch)?;
        let cells = std::mem::take(&mut zygote.suite.cells);
        let not_put_back = std::mem::take(&mut zygote.suite.not_put_back);
        self.look_failed = self.look_failed.take().or_else(|| zygote.suite.look_failed.take());
        Ok((self.ended_in(&mut zygote)?, cells, not_put_back))
    }

    /// The outcome of the test, or of the collection of its file, in this process.
    fn ended_in(&self, zygote: &mut Zygote) -> Result<DoubtOutcome, RunnerError> {
        let suite = &zygote.suite;
        let file_fails = |each: &UncollectedFile| Doubt::about(suite, each).file == self.doubt.file;
        if suite.uncollected.iter().any(|each| each.id == self.doubt.id) {
            return Ok(DoubtOutcome::Fails);
        }
        let Some(test) = suite.find(&self.doubt.id) else {
            // A file that could not be collected before is collected now, unless another part of it is not.
            let collected = !self.doubt.is_test && !suite.uncollected.iter().any(file_fails);
            return Ok(if collected { DoubtOutcome::Passes } else { DoubtOutcome::Neither });
        };
        let run = zygote.run(&[test], &TestRunOptions::plain(self.timestamps))?;
        Ok(if run.fails(test) {
            DoubtOutcome::Fails
        } else if run.passes(test) {
            DoubtOutcome::Passes
        } else {
            DoubtOutcome::Neither
        })
    }
}
