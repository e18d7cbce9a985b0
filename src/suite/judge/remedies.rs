//! The cause of a finding as it is said, and what a person could write before the test, each tried.

use super::cause::{self, NamedCause};
use super::prove::Proven;
use super::runs::Judge;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::HuntRemedy;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::{Runner, RunnerError};

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
        // Where the cure itself fails, the test would not have come to its end.
        remedies.push(cause::remedy(&cure, run.look_failed.is_none() && run.passes(suspicion.test)));
    }
    if suspicion.kind == FindingKind::Victim && !state.is_empty() {
        remedies.push(cause::put_back(state));
    }
    finding.remedies = remedies;
    Ok(())
}
