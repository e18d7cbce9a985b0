//! The state that other files left when they were collected, and that a test, or the import of its file, depends on.

use super::doubt::{DoubtOutcome, OthersEffect};
use super::known::DecidedBefore;
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

/// Where something is put back: before the test in a process, if the test does the same in one that has collected its file first, or
/// before its file is collected.
pub(super) type PutBackIn = Option<FilesProcess>;

impl CollectionQuestion<'_> {
    /// Says why these files decide, by what is known of them or anew.
    pub(super) fn say_why(
        &mut self,
        deciding: &[String],
        like: Option<DecidedBefore>,
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        let mut before = self.collected_first(deciding)?;
        let explained = match like {
            Some(like) => self.follow(&like, &mut before, finding),
            None => Ok(false),
        };
        let explained = match explained {
            Ok(false) => self.explain(deciding, &mut before, finding),
            other => other.map(drop),
        };
        if let Some(process) = before {
            self.known.keep(process);
        }
        explained
    }

    /// Finds the state that decides, what cures it and which lines changed it.
    fn explain(
        &mut self,
        deciding: &[String],
        before: &mut PutBackIn,
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        let most = if before.is_some() { MOST_SINGLE_CELLS.0 } else { MOST_SINGLE_CELLS.1 };
        let mut last = RepairScope::Near;
        let state = repair::proven(most, |scope, repair| {
            last = scope;
            self.put_back(deciding, before, (scope, repair))
        })?;
        if state.is_empty() {
            finding.cause = Cause::Unknown;
        } else {
            self.say_state(deciding, before, (&state, finding))?;
            self.lines(deciding, finding)?;
        }
        self.remember(deciding, last, finding);
        Ok(())
    }

    /// What happens with something put back, before the test or before its file is collected.
    pub(super) fn put_back(
        &mut self,
        deciding: &[String],
        before: &mut PutBackIn,
        (scope, repair): (RepairScope, CellRepair),
    ) -> Result<RepairResult, RunnerError> {
        match before {
            Some(process) => self.put_back_before_the_test(process, scope, repair),
            None => self.put_back_before_collection(deciding, scope, repair),
        }
    }

    /// Says of a finding which state decides, and what cures it.
    pub(super) fn say_state(
        &mut self,
        deciding: &[String],
        before: &mut PutBackIn,
        (state, finding): (&[Cell], &mut HuntFinding),
    ) -> Result<(), RunnerError> {
        finding.state = state.to_vec();
        let named = NamedCause { cause: cause::of(FindingKind::Collection, state), modules: Vec::new() };
        finding.cause = named.cause;
        if self.doubt.others == OthersEffect::Prepare {
            return self.import_instead(state, finding);
        }
        for (cure, _) in cause::cures(FindingKind::Collection, &named, state, &[]) {
            let repair = (RepairScope::Near, CellRepair::cure(cure.clone()));
            let verified = self.put_back(deciding, before, repair)?.turned;
            finding.remedies.push(cause::remedy(&cure, verified));
        }
        finding.remedies.push(cause::put_back(state));
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
        let mut process = self.known.process(files, Some(look));
        let does_the_same = self.told(&mut process, None)?.outcome == self.shown() && self.doubt.is_test;
        if does_the_same {
            return Ok(Some(process));
        }
        self.known.keep(process);
        Ok(None)
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
        let mut process = self.known.process(vec![self.doubt.file.clone()], None);
        let told = self.told(&mut process, Some(&(RepairScope::Near, repair)))?;
        self.known.keep(process);
        let passes = told.look_failed.is_none() && told.outcome == DoubtOutcome::Passes;
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
