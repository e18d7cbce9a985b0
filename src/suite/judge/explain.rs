//! Why a proven suspicion is so: the state that decides, its cause, what cures it, and which tests clean it.
//!
//! What holds for one test that a polluter decides is likely to hold for the next one: that is tried first, and costs few runs
//! (`alike`). Only what does not hold is sought anew.

use super::alike::{self, Explained};
use super::cause::NamedCause;
use super::prove::{Proven, measured};
use super::repair::{self, RepairResult};
use super::runs::Judge;
use super::{cause, cleaner, extra_causes};
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::HuntRemedy;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::{Runner, RunnerError};

const MOST_SINGLE_CELLS: usize = 200;

/// Adds the cause to a finding, and adds to what is known what was sought anew. Returns the error that cut it short, if one did.
pub(crate) fn explain<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    known: &mut Vec<Explained>,
) -> Option<RunnerError> {
    let halt = measured(judge, proven, |judge, proven| why(judge, proven, known));
    proven.finding.not_put_back = std::mem::take(&mut judge.not_put_back);
    proven.finding.look_failed = judge.look_failed.take();
    halt
}

fn why<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    known: &mut Vec<Explained>,
) -> Result<(), RunnerError> {
    let of_it: Vec<Explained> = known.iter().filter(|each| each.is_about(proven)).cloned().collect();
    if let Some((like, state)) = alike::that_holds(judge, proven, &of_it)? {
        return alike::follow(judge, proven, &like, state);
    }
    // Where nothing was found for another test of this polluter, only what is likely is sought.
    let unknown = of_it.into_iter().find(|each| each.state.is_empty());
    let most_singles = if unknown.is_some() { 0 } else { MOST_SINGLE_CELLS };
    let (scope, state) = seek(judge, proven, most_singles)?;
    let named = extra_causes::named(judge, &proven.suspicion, &proven.before, &state)?;
    say_cause(judge, proven, &named, &state)?;
    let mut explained = Explained::new(proven, scope, state, named);
    match unknown {
        _ if proven.suspicion.kind != FindingKind::Victim => {}
        Some(like) => alike::clean(judge, proven, &like)?,
        None => explained.cleaners = cleaner::find(judge, proven)?,
    }
    known.push(explained);
    Ok(())
}

/// The smallest state that decides, and how wide a look sees it: putting it back before the test must turn its outcome round.
fn seek<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    most_singles: usize,
) -> Result<(RepairScope, Vec<Cell>), RunnerError> {
    let Proven { suspicion, before, .. } = proven;
    let mut last = RepairScope::Near;
    let state = repair::proven(most_singles, |scope, repair| {
        last = scope;
        put_back(judge, suspicion, before, (scope, repair))
    })?;
    Ok((last, state))
}

/// The run of the test with something put back before it.
pub(super) fn put_back<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &super::suspicion::Suspicion,
    before: &[usize],
    (scope, repair): (RepairScope, CellRepair),
) -> Result<RepairResult, RunnerError> {
    let run = judge.repaired(suspicion, before, scope, repair)?;
    let turned = suspicion.opposite().is_shown_in(&run);
    Ok(RepairResult { turned, cells: run.cells, not_put_back: run.not_put_back })
}

/// Says the cause, and tries what a person could write before the test.
pub(super) fn say_cause<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    named: &NamedCause,
    state: &[Cell],
) -> Result<(), RunnerError> {
    let Proven { suspicion, before, finding } = proven;
    (finding.cause, finding.modules, finding.state) = (named.cause, named.modules.clone(), state.to_vec());
    if named.cause == Cause::Unknown {
        return Ok(());
    }
    let mut remedies: Vec<HuntRemedy> = Vec::new();
    for (cure, before) in cause::cures(suspicion.kind, named, state, before) {
        let run = judge.repaired(suspicion, &before, RepairScope::Near, CellRepair::cure(cure.clone()))?;
        remedies.push(cause::remedy(&cure, run.passes(suspicion.test)));
    }
    if suspicion.kind == FindingKind::Victim && !state.is_empty() {
        remedies.push(cause::put_back(state));
    }
    finding.remedies = remedies;
    Ok(())
}
