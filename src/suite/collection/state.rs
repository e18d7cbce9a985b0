//! The state that other files left when they were collected, and that a test, or the import of its file, depends on.

use super::doubt::{DoubtOutcome, OthersEffect};
use super::process::{FilesProcess, ToldOfDoubt};
use super::question::CollectionQuestion;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::judge::cause::{self, NamedCause};
use crate::suite::judge::repair::{self, RepairResult};
use crate::suite::runner::cell::{Cell, CellKind, add_new};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::probe::{CellRepair, Cure, RepairScope};
use crate::suite::runner::run::RunnerError;

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
            Some(process) => self.put_back_before_the_test(process, scope, repair),
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
    fn collected_first(&mut self, deciding: &[String]) -> Result<Option<FilesProcess>, RunnerError> {
        let files = std::iter::once(&self.doubt.file).chain(deciding).cloned().collect();
        let look = CollectionLook {
            remember_at: deciding.to_vec(),
            scopes: SCOPES.to_vec(),
            look_at: None,
            trace: Vec::new(),
        };
        let mut process = FilesProcess::new(files, Some(look));
        let does_the_same = self.told(&mut process, None)?.outcome == self.shown() && self.doubt.is_test;
        Ok(does_the_same.then_some(process))
    }

    fn put_back_before_the_test(
        &mut self,
        process: &mut FilesProcess,
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<RepairResult, RunnerError> {
        let told = self.told(process, Some(&(scope, repair)))?;
        Ok(self.result(told))
    }

    fn put_back_before_collection(
        &mut self,
        deciding: &[String],
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<RepairResult, RunnerError> {
        let look_at = Some((self.doubt.file.clone(), repair));
        let look = CollectionLook {
            remember_at: deciding.to_vec(),
            scopes: vec![scope],
            look_at,
            trace: Vec::new(),
        };
        let told = self.told_with(deciding, Some(look))?;
        Ok(self.result(told))
    }

    fn result(&mut self, told: ToldOfDoubt) -> RepairResult {
        add_new(&mut self.not_put_back, &told.not_put_back);
        let turned = told.outcome == self.turned();
        RepairResult { turned, cells: told.cells, not_put_back: told.not_put_back }
    }

    /// Tries, with the file of the test alone, the imports of the modules that it misses.
    fn import_instead(&mut self, state: &[Cell], finding: &mut HuntFinding) -> Result<(), RunnerError> {
        let modules: Vec<String> = state.iter().filter_map(module_in).collect();
        if modules.is_empty() {
            return Ok(());
        }
        let cure = Cure::Import { modules: modules.clone() };
        let repair = CellRepair::cure(cure.clone());
        let mut process = FilesProcess::new(vec![self.doubt.file.clone()], None);
        let told = self.told(&mut process, Some(&(RepairScope::Near, repair)))?;
        let passes = told.outcome == DoubtOutcome::Passes;
        finding.remedies.push(cause::remedy(&cure, passes));
        if passes {
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
