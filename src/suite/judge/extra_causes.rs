//! Causes that the proven state alone does not tell: what else must happen, or must not, is tried.
//!
//! - A circular import: the failing test stands within the import of one module by another one, and passes if the
//!   inner one, which imports the outer one in its turn, is imported first.
//! - A missing submodule: a test that fails alone passes if nothing but submodules are imported before it.
//! - A side effect of an import: the test does after the mere import of modules what it does after the polluters,
//!   and no longer does once what is not the import system's own of the proven state is put back behind these imports.

use super::cause::{self, NamedCause};
use super::repair::names;
use super::runs::Judge;
use super::suspicion::Suspicion;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::runner::cell::{Cell, ValueKind};
use crate::suite::runner::probe::{CellRepair, Cure, RepairScope};
use crate::suite::runner::run::{Runner, RunnerError};

/// The cause that the proven state, which may be none, stands for.
pub(super) fn named<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    state: &[Cell],
) -> Result<NamedCause, RunnerError> {
    if (state.is_empty() || state.iter().any(Cell::is_module))
        && let Some(modules) = circular_import(judge, suspicion, before)?
    {
        return Ok(NamedCause { cause: Cause::CircularImport, modules });
    }
    if suspicion.kind == FindingKind::Brittle
        && state.iter().any(Cell::holds_module)
        && let Some(modules) = missing_submodule(judge, suspicion, before)?
    {
        return Ok(NamedCause { cause: Cause::MissingSubmodule, modules });
    }
    if state.iter().any(|cell| !cell.is_import_system())
        && let Some(modules) = side_effect(judge, suspicion, before, state)?
    {
        return Ok(NamedCause { cause: Cause::ImportSideEffect, modules });
    }
    let cause = if state.is_empty() { Cause::Unknown } else { cause::of(suspicion.kind, state) };
    Ok(NamedCause { cause, modules: Vec::new() })
}

/// The two ends of a circle: the one that fails if it is imported first, then the one that does not.
fn circular_import<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
) -> Result<Option<Vec<String>>, RunnerError> {
    let before = if suspicion.kind == FindingKind::Brittle { &[] } else { before };
    let failing = judge.repaired(suspicion, before, RepairScope::Near, CellRepair::NOTHING)?;
    if !failing.fails(suspicion.test) {
        return Ok(None);
    }
    let executing = failing.executing(suspicion.test);
    for (depth, inner) in executing.iter().enumerate().skip(1).rev() {
        let import = Cure::Import { modules: vec![inner.clone()] };
        let run = judge.repaired(suspicion, before, RepairScope::Near, CellRepair::cure(import))?;
        let comes = |module: &&String| {
            run.cells
                .iter()
                .any(|each| each.is_module() && each.key == **module && each.after_is != ValueKind::Absent)
        };
        let outer = executing[..depth].iter().rev().find(comes);
        if let Some(outer) = outer.filter(|_| run.passes(suspicion.test)) {
            return Ok(Some(vec![outer.clone(), inner.clone()]));
        }
    }
    Ok(None)
}

/// The fewest submodules whose import makes a brittle test pass.
fn missing_submodule<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
) -> Result<Option<Vec<String>>, RunnerError> {
    let imported = imported(judge, suspicion, before)?;
    let submodules: Vec<String> = imported.into_iter().filter(|module| module.contains('.')).collect();
    fewest_imports(judge, suspicion, &submodules)
}

/// The fewest modules whose import alone leaves the proven state.
fn side_effect<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    state: &[Cell],
) -> Result<Option<Vec<String>>, RunnerError> {
    let imported = imported(judge, suspicion, before)?;
    let Some(modules) = fewest_imports(judge, suspicion, &imported)? else {
        return Ok(None);
    };
    // Without the modules themselves: those that are merely there are another cause.
    let effects: Vec<Cell> = state.iter().filter(|cell| !cell.is_import_system()).cloned().collect();
    let repair = CellRepair::Cure { cure: load(&modules), names: names(&effects) };
    let run = judge.repaired(suspicion, &[], RepairScope::Wide, repair)?;
    // What could not be put back may be what the test depends on.
    let proves = run.not_put_back.is_empty() && suspicion.opposite().is_shown_in(&run);
    Ok(proves.then_some(modules))
}

/// The modules that are there only after these tests.
fn imported<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
) -> Result<Vec<String>, RunnerError> {
    let polluted = judge.repaired(suspicion, before, RepairScope::Near, CellRepair::NOTHING)?;
    Ok(polluted.cells.iter().filter_map(Cell::new_module).collect())
}

/// The fewest of these modules after whose mere import the test does what it does after the others: of a module and
/// those that it imports, these.
fn fewest_imports<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    modules: &[String],
) -> Result<Option<Vec<String>>, RunnerError> {
    let mut fewest = None;
    let mut tried = Vec::new();
    let mut among = modules.to_vec();
    loop {
        let mut shows = |modules: &[String]| {
            let run = judge.repaired(suspicion, &[], RepairScope::Near, CellRepair::cure(load(modules)))?;
            Ok::<bool, RunnerError>(suspicion.is_shown_in(&run))
        };
        if among.is_empty() || !shows(&among)? {
            return Ok(fewest);
        }
        let few = minimize(&among, shows)?;
        let run = judge.repaired(suspicion, &[], RepairScope::Near, CellRepair::cure(load(&few)))?;
        tried.extend(few.iter().cloned());
        among = run.cells.iter().filter_map(Cell::new_module).collect();
        among.retain(|module| modules.contains(module) && !tried.contains(module));
        fewest = Some(few);
    }
}

fn load(modules: &[String]) -> Cure {
    Cure::Load { modules: modules.to_vec() }
}
