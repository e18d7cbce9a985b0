//! One process of a question about collection: which files it collects, and what it then tells of the test or file in doubt. What is
//! known from an earlier hunt starts no process.

use serde::{Deserialize, Serialize};

use super::question::{CollectionQuestion, Doubt, DoubtOutcome};
use crate::suite::runner::cell::{Cell, NotPutBack, whole_cells};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::probe::{CellRepair, Probe, RepairScope};
use crate::suite::runner::run::{Runner as _, RunnerError, TestRunOptions};
use crate::suite::runner::source_line::SourceLine;
use crate::suite::runner::suite::UncollectedFile;
use crate::suite::runner::trace::TracedChange;
use crate::suite::runner::zygote::Zygote;

/// A process that collects some files, started when it is needed.
#[derive(Debug)]
pub(super) struct FilesProcess {
    pub(super) files: Vec<String>,
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
    failed_at: Option<SourceLine>,
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
}

impl CollectionQuestion<'_> {
    /// What becomes of the test, or of the collection of its file, in this process; before the test, something may be put back.
    pub(super) fn told(
        &mut self,
        process: &mut FilesProcess,
        repair: Option<&(RepairScope, CellRepair)>,
    ) -> Result<ToldOfDoubt, RunnerError> {
        self.may_go_on()?;
        let start = self.start;
        let asked = ("collected", &process.files, &process.look, &self.doubt.id, self.timestamps, repair);
        let told = start.journal.answer(&asked, || {
            let zygote = match process.started.take() {
                Some(started) => started,
                None => start.collect(process.files.clone(), process.look.clone())?,
            };
            self.told_by(process.started.insert(zygote), repair)
        })?;
        if told.message.is_some() {
            (self.message, self.failed_at) = (told.message.clone(), told.failed_at.clone());
        }
        self.look_failed = self.look_failed.take().or_else(|| told.look_failed.clone());
        Ok(told)
    }

    fn told_by(
        &self,
        zygote: &mut Zygote,
        repair: Option<&(RepairScope, CellRepair)>,
    ) -> Result<ToldOfDoubt, RunnerError> {
        let suite = &mut zygote.suite;
        let mut told = ToldOfDoubt::only(DoubtOutcome::Neither);
        told.cells = std::mem::take(&mut suite.cells);
        told.not_put_back = std::mem::take(&mut suite.not_put_back);
        told.look_failed = suite.look_failed.take();
        told.traced = std::mem::take(&mut suite.traced);
        let file_fails = |each: &UncollectedFile| Doubt::about(self.root, each).file == self.doubt.file;
        if suite.uncollected.iter().any(|each| each.id == self.doubt.id) {
            return Ok(ToldOfDoubt { outcome: DoubtOutcome::Fails, ..told });
        }
        let Some(test) = suite.find(&self.doubt.id) else {
            // A file that could not be collected before is collected now, unless another part of it is not.
            let collected = !self.doubt.is_test && !suite.uncollected.iter().any(file_fails);
            let outcome = if collected { DoubtOutcome::Passes } else { DoubtOutcome::Neither };
            return Ok(ToldOfDoubt { outcome, ..told });
        };
        let probe =
            repair.map(|(scope, repair)| Probe { before: test, scope: *scope, repair: repair.clone() });
        let run = zygote.run(&[test], &TestRunOptions { probe, ..TestRunOptions::plain(self.timestamps) })?;
        told.outcome = DoubtOutcome::of(&run, test);
        told.message = run.of(test).filter(|ran| ran.outcome.is_failure()).map(|ran| ran.text.clone());
        told.failed_at = run.failed_at(test).cloned();
        told.cells.extend(run.cells);
        told.not_put_back.extend(run.not_put_back);
        told.look_failed = told.look_failed.or(run.look_failed);
        Ok(told)
    }
}
