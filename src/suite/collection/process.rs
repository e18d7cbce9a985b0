//! One process of a question about collection: which files it collects, and what it then tells of the test or file in doubt. What is
//! known from an earlier hunt starts no process.

use serde::{Deserialize, Serialize};

use super::doubt::{Doubt, DoubtOutcome};
use crate::suite::runner::cell::{Cell, NotPutBack, whole_cells};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::others::FilesStart;
use crate::suite::runner::probe::{CellRepair, Probe, RepairScope};
use crate::suite::runner::run::{HuntClock, Runner as _, RunnerError, TestRunOptions};
use crate::suite::runner::source_line::SourceLine;
use crate::suite::runner::suite::UncollectedFile;
use crate::suite::runner::trace::TracedChange;
use crate::suite::runner::zygote::Zygote;

/// A process that collects some files, started when it is needed.
#[derive(Debug)]
pub(super) struct FilesProcess {
    files: Vec<String>,
    look: Option<CollectionLook>,
    started: Option<Zygote>,
}

/// What such a process told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ToldOfDoubt {
    pub(super) outcome: DoubtOutcome,
    /// The message of a failure.
    pub(super) message: Option<String>,
    /// The line at which it failed.
    pub(super) failed_at: Option<SourceLine>,
    /// What differed before something was put back, in collection or before the test.
    #[serde(serialize_with = "whole_cells")]
    pub(super) cells: Vec<Cell>,
    pub(super) not_put_back: Vec<NotPutBack>,
    pub(super) look_failed: Option<String>,
    /// The lines that changed watched cells while files were collected.
    pub(super) traced: Vec<TracedChange>,
}

impl ToldOfDoubt {
    fn only(outcome: DoubtOutcome) -> Self {
        Self {
            outcome,
            message: None,
            failed_at: None,
            cells: Vec::new(),
            not_put_back: Vec::new(),
            look_failed: None,
            traced: Vec::new(),
        }
    }
}

impl FilesProcess {
    pub(super) fn new(files: Vec<String>, look: Option<CollectionLook>) -> Self {
        Self { files, look, started: None }
    }

    /// Whether it collects these files, with this look.
    pub(super) fn is_of(&self, files: &[String], look: Option<&CollectionLook>) -> bool {
        self.files == files && self.look.as_ref() == look
    }

    /// The process itself.
    pub(super) fn started(&mut self, start: &FilesStart) -> Result<&mut Zygote, RunnerError> {
        let zygote = match self.started.take() {
            Some(started) => started,
            None => start.collect(self.files.clone(), self.look.clone())?,
        };
        Ok(self.started.insert(zygote))
    }

    /// What becomes of the test, or of the collection of its file, in this process; before the test, something may be put back.
    pub(super) fn told(
        &mut self,
        start: &FilesStart,
        (root, doubt): (&str, &Doubt),
        timestamps: HuntClock,
        repair: Option<&(RepairScope, CellRepair)>,
    ) -> Result<ToldOfDoubt, RunnerError> {
        // The closure may start the process, and the question names it.
        let (files, look) = (self.files.clone(), self.look.clone());
        let asked = ("collected", &files, &look, &doubt.id, timestamps, repair);
        let started = || told_by(self.started(start)?, (root, doubt), timestamps, repair);
        start.journal.answer(&asked, started)
    }
}

fn told_by(
    zygote: &mut Zygote,
    (root, doubt): (&str, &Doubt),
    timestamps: HuntClock,
    repair: Option<&(RepairScope, CellRepair)>,
) -> Result<ToldOfDoubt, RunnerError> {
    let suite = &mut zygote.suite;
    let mut told = ToldOfDoubt::only(DoubtOutcome::Neither);
    told.cells = std::mem::take(&mut suite.cells);
    told.not_put_back = std::mem::take(&mut suite.not_put_back);
    told.look_failed = suite.look_failed.take();
    told.traced = std::mem::take(&mut suite.traced);
    let file_fails = |each: &UncollectedFile| Doubt::about(root, each).file == doubt.file;
    if suite.uncollected.iter().any(|each| each.id == doubt.id) {
        return Ok(ToldOfDoubt { outcome: DoubtOutcome::Fails, ..told });
    }
    let Some(test) = suite.find(&doubt.id) else {
        // A file that could not be collected before is collected now, unless another part of it is not.
        let collected = !doubt.is_test && !suite.uncollected.iter().any(file_fails);
        let outcome = if collected { DoubtOutcome::Passes } else { DoubtOutcome::Neither };
        return Ok(ToldOfDoubt { outcome, ..told });
    };
    let probe = repair.map(|(scope, repair)| Probe { before: test, scope: *scope, repair: repair.clone() });
    let run = zygote.run(&[test], &TestRunOptions { probe, ..TestRunOptions::plain(timestamps) })?;
    told.outcome = DoubtOutcome::of(&run, test);
    told.message = run.of(test).filter(|ran| ran.outcome.is_failure()).map(|ran| ran.text.clone());
    told.failed_at = run.failed_at(test).cloned();
    told.cells.extend(run.cells);
    told.not_put_back.extend(run.not_put_back);
    told.look_failed = told.look_failed.or(run.look_failed);
    Ok(told)
}
