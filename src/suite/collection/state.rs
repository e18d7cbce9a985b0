//! The state that other files left when they were collected, and that a test, or the import of its file, depends on.

use super::question::{CollectionQuestion, DoubtOutcome, OthersEffect};
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::judge::cause::{self, NamedCause};
use crate::suite::judge::repair::{self, RepairResult};
use crate::suite::judge::runs::add_new;
use crate::suite::runner::cell::{Cell, CellKind};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::probe::{CellRepair, Cure, Probe, RepairScope};
use crate::suite::runner::run::{Runner, RunnerError, TestRunOptions};
use crate::suite::runner::zygote::Zygote;

const SCOPES: [RepairScope; 2] = [RepairScope::Near, RepairScope::Wide];
/// How many single cells are tried if kinds of state are not enough: in forks, and in processes.
const MOST_SINGLE_CELLS: (usize, usize) = (200, 30);

impl CollectionQuestion<'_> {
    /// Finds the state that decides, and what cures it.
    pub(super) fn explain(
        &mut self,
        deciding: &[String],
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        let is_needed = self.doubt.others == OthersEffect::Prepare;
        let mut before = self.collected_first(deciding)?;
        let most = if before.is_some() { MOST_SINGLE_CELLS.0 } else { MOST_SINGLE_CELLS.1 };
        let mut ask = |scope, repair| match &mut before {
            Some((zygote, test)) => self.put_back_before_the_test(zygote, *test, scope, repair),
            None => self.put_back_before_collection(deciding, scope, repair),
        };
        let state = repair::proven(most, &mut ask)?;
        if state.is_empty() {
            finding.cause = Cause::Unknown;
            return Ok(());
        }
        finding.state.clone_from(&state);
        let named = NamedCause { cause: cause::of(FindingKind::Collection, &state), modules: Vec::new() };
        finding.cause = named.cause;
        if is_needed {
            return self.import_instead(&state, finding);
        }
        for (cure, _) in cause::cures(FindingKind::Collection, &named, &state, &[]) {
            let verified = ask(RepairScope::Near, CellRepair::cure(cure.clone()))?.turned;
            finding.remedies.push(cause::remedy(&cure, verified));
        }
        finding.remedies.push(cause::put_back(&state));
        Ok(())
    }

    /// The suite with the test's file collected before the others, if the test does the same then.
    fn collected_first(&mut self, deciding: &[String]) -> Result<Option<(Zygote, usize)>, RunnerError> {
        self.may_go_on()?;
        let files = std::iter::once(&self.doubt.file).chain(deciding).cloned().collect();
        let watch = CollectionLook {
            remember_at: deciding.to_vec(),
            scopes: SCOPES.to_vec(),
            look_at: None,
            trace: Vec::new(),
        };
        let mut zygote = self.start.collect(files, Some(watch))?;
        let Some(test) = zygote.suite.find(&self.doubt.id) else {
            return Ok(None);
        };
        let run = zygote.run(&[test], &TestRunOptions::plain(self.timestamps))?;
        Ok((DoubtOutcome::of(&run, test) == self.shown()).then_some((zygote, test)))
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
        let turned = DoubtOutcome::of(&run, test) == self.turned();
        Ok(RepairResult { turned, cells: run.cells, not_put_back: run.not_put_back })
    }

    fn put_back_before_collection(
        &mut self,
        deciding: &[String],
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<RepairResult, RunnerError> {
        let look_at = Some((self.doubt.file.clone(), repair));
        let watch = CollectionLook {
            remember_at: deciding.to_vec(),
            scopes: vec![scope],
            look_at,
            trace: Vec::new(),
        };
        let (outcome, cells, not_put_back) = self.outcome(deciding, Some(watch))?;
        add_new(&mut self.not_put_back, &not_put_back);
        Ok(RepairResult { turned: outcome == self.turned(), cells, not_put_back })
    }

    /// Tries, with the file of the test alone, the imports of the modules that it misses.
    fn import_instead(&mut self, state: &[Cell], finding: &mut HuntFinding) -> Result<(), RunnerError> {
        let modules: Vec<String> = state.iter().filter_map(module_in).collect();
        if modules.is_empty() {
            return Ok(());
        }
        self.may_go_on()?;
        let mut zygote = self.start.collect(vec![self.doubt.file.clone()], None)?;
        let Some(test) = zygote.suite.find(&self.doubt.id) else { return Ok(()) };
        let cure = Cure::Import { modules: modules.clone() };
        let repair = CellRepair::cure(cure.clone());
        let probe = Some(Probe { before: test, scope: RepairScope::Near, repair });
        let run = zygote.run(&[test], &TestRunOptions { probe, ..TestRunOptions::plain(self.timestamps) })?;
        finding.remedies.push(cause::remedy(&cure, run.passes(test)));
        if run.passes(test) {
            let is_part = modules.iter().any(|module| module.contains('.'));
            finding.cause = if is_part { Cause::MissingSubmodule } else { Cause::ImportSideEffect };
            finding.modules = modules;
        }
        Ok(())
    }
}

/// The module that a cell holds and that was not there before.
fn module_in(cell: &Cell) -> Option<String> {
    match (cell.kind, &cell.home) {
        (CellKind::Attribute, Some(home)) if cell.holds_module() => Some(format!("{home}.{}", cell.key)),
        _ => cell.new_module(),
    }
}
