//! Causes that the proven state alone does not tell: what else must happen, or must not, is tried.
//!
//! - A circular import: the failing test stands within the import of one module by another one, and passes if the
//!   inner one, which imports the outer one in its turn, is imported first.
//! - A missing submodule: a test that fails alone passes if nothing but submodules are imported before it.
//! - A side effect of an import: the test does after the mere import of modules what it does after the polluters,
//!   and no longer does once what is not the import system's own of the proven state is put back behind these imports.

use super::Judge;
use super::cause;
use super::repair::names;
use super::suspicion::Suspicion;
use crate::minimize::minimize;
use crate::suite::finding::{Kind, UNKNOWN};
use crate::suite::runner::message::Cell;
use crate::suite::runner::run::{OrderRun, Repair, Runner, RunnerError, Scope};

/// The name for what happened.
#[derive(Debug)]
pub(crate) struct NamedCause {
    pub(crate) cause: &'static str,
    /// The modules whose imports show it, where these are what it is about.
    pub(crate) modules: Vec<String>,
}

impl<R: Runner> Judge<'_, R> {
    /// The cause that the proven state, which may be none, stands for.
    pub(super) fn named(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        state: &[Cell],
    ) -> Result<NamedCause, RunnerError> {
        if (state.is_empty() || state.iter().any(cause::is_module))
            && let Some(modules) = self.circular_import(suspicion, before)?
        {
            return Ok(NamedCause { cause: cause::CIRCULAR_IMPORT, modules });
        }
        if suspicion.kind == Kind::Brittle
            && state.iter().any(cause::holds_module)
            && let Some(modules) = self.missing_submodule(suspicion, before)?
        {
            return Ok(NamedCause { cause: cause::MISSING_SUBMODULE, modules });
        }
        if state.iter().any(|cell| !cause::is_import_system(cell))
            && let Some(modules) = self.side_effect(suspicion, before, state)?
        {
            return Ok(NamedCause { cause: cause::IMPORT_SIDE_EFFECT, modules });
        }
        let cause = if state.is_empty() { UNKNOWN } else { cause::of(suspicion.kind, state) };
        Ok(NamedCause { cause, modules: Vec::new() })
    }

    /// The two ends of a circle: the one that fails if it is imported first, then the one that does not.
    fn circular_import(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
    ) -> Result<Option<Vec<String>>, RunnerError> {
        let before = if suspicion.kind == Kind::Brittle { &[] } else { before };
        let failing = self.after(suspicion, before, Scope::Near, Vec::new())?;
        if !failing.fails(suspicion.test) {
            return Ok(None);
        }
        let executing = failing.executing(suspicion.test);
        for (depth, inner) in executing.iter().enumerate().skip(1).rev() {
            let run = self.after(suspicion, before, Scope::Near, vec![format!("cure import {inner}")])?;
            let comes = |module: &&String| {
                let cell = cause::module_cell(module);
                run.cells.iter().any(|each| each.cell == cell && each.after != "absent")
            };
            let outer = executing[..depth].iter().rev().find(comes);
            if let Some(outer) = outer.filter(|_| run.passes(suspicion.test)) {
                return Ok(Some(vec![outer.clone(), inner.clone()]));
            }
        }
        Ok(None)
    }

    /// The fewest submodules whose import makes a brittle test pass.
    fn missing_submodule(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
    ) -> Result<Option<Vec<String>>, RunnerError> {
        let imported = self.imported(suspicion, before)?;
        let submodules: Vec<String> = imported.into_iter().filter(|module| module.contains('.')).collect();
        self.fewest_imports(suspicion, &submodules)
    }

    /// The fewest modules whose import alone leaves the proven state.
    fn side_effect(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        state: &[Cell],
    ) -> Result<Option<Vec<String>>, RunnerError> {
        let imported = self.imported(suspicion, before)?;
        let Some(modules) = self.fewest_imports(suspicion, &imported)? else {
            return Ok(None);
        };
        // Without the modules themselves: those that are merely there are another cause.
        let effects: Vec<Cell> =
            state.iter().filter(|cell| !cause::is_import_system(cell)).cloned().collect();
        let put_back = [loads(&modules), names(&effects)].concat();
        let run = self.after(suspicion, &[], Scope::Wide, put_back)?;
        Ok(suspicion.opposite().is_shown_in(&run).then_some(modules))
    }

    /// The modules that are there only after these tests.
    fn imported(&mut self, suspicion: &Suspicion, before: &[usize]) -> Result<Vec<String>, RunnerError> {
        let polluted = self.after(suspicion, before, Scope::Near, Vec::new())?;
        Ok(polluted.cells.iter().filter_map(cause::new_module).collect())
    }

    /// The fewest of these modules after whose mere import the test does what it does after the others: of a module and
    /// those that it imports, these.
    fn fewest_imports(
        &mut self,
        suspicion: &Suspicion,
        modules: &[String],
    ) -> Result<Option<Vec<String>>, RunnerError> {
        let mut fewest = None;
        let mut tried = Vec::new();
        let mut among = modules.to_vec();
        loop {
            let mut shows = |modules: &[String]| {
                let run = self.after(suspicion, &[], Scope::Near, loads(modules))?;
                Ok::<bool, RunnerError>(suspicion.is_shown_in(&run))
            };
            if among.is_empty() || !shows(&among)? {
                return Ok(fewest);
            }
            let few = minimize(&among, shows)?;
            let run = self.after(suspicion, &[], Scope::Near, loads(&few))?;
            tried.extend(few.iter().cloned());
            among = run.cells.iter().filter_map(cause::new_module).collect();
            among.retain(|module| modules.contains(module) && !tried.contains(module));
            fewest = Some(few);
        }
    }

    fn after(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        scope: Scope,
        repair: Vec<String>,
    ) -> Result<OrderRun, RunnerError> {
        self.repaired(suspicion, before, scope, Repair::Cells(repair))
    }
}

fn loads(modules: &[String]) -> Vec<String> {
    modules.iter().map(|module| format!("cure load {module}")).collect()
}
