//! One suspicion: is it so, which tests does it take, which state, and what helps. Where suspicions come from is `search`.
//!
//! ```text
//! suspicion, cause, repair <- runs <- extra_causes, cleaner, hints <- look_into()
//! ```

pub(crate) mod cause;
pub(crate) mod cleaner;
pub(crate) mod extra_causes;
pub(crate) mod hints;
#[cfg(test)]
pub(crate) mod mock_runner;
pub(crate) mod repair;
pub(crate) mod runs;
pub(crate) mod sighting;
pub(crate) mod suspicion;

use std::cell::RefCell;
use std::time::Instant;

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::{Confirmation, HuntFinding, HuntRemedy, Tally};
use crate::suite::guilty;
use crate::suite::orders::reenters;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::message::Item;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::{RunRequest, Runner, RunnerError, TestRunOptions};
use cause::NamedCause;
use repair::RepairResult;
use runs::Judge;
use suspicion::{Suspicion, followed_by};

const TRIES: usize = 5;
const MOST_SINGLE_CELLS: usize = 200;

/// Looks into a suspicion that was seen so often. Returns what was found, and the error that cut it short, if one did.
pub(crate) fn look_into<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    seen: Tally,
) -> (HuntFinding, Option<RunnerError>) {
    let started = Instant::now();
    let runs = judge.runs;
    let mut finding = judge.blank(suspicion, seen);
    let halt = fill(judge, suspicion, &mut finding).err();
    finding.not_put_back = std::mem::take(&mut judge.not_put_back);
    finding.look_failed = judge.look_failed.take();
    finding.runs = judge.runs - runs;
    finding.seconds = started.elapsed().as_secs_f64();
    (finding, halt)
}

/// Adds one after the other what there is to say of a suspicion.
fn fill<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    finding: &mut HuntFinding,
) -> Result<(), RunnerError> {
    let best = RefCell::new(suspicion.prefix.clone());
    let found = judge.smallest(suspicion, &best);
    say_before(judge.items, finding, suspicion, &best.borrow());
    let found = found?;
    say_before(judge.items, finding, suspicion, &found);
    finding.minimal = true;
    confirm(judge, suspicion, &found, finding)?;
    explain(judge, suspicion, &found, finding)?;
    if suspicion.kind == FindingKind::Victim {
        cleaner::find(judge, suspicion, &found, finding)?;
    }
    Ok(())
}

/// Names the tests that have to run before.
fn say_before(items: &[Item], finding: &mut HuntFinding, suspicion: &Suspicion, before: &[usize]) {
    let ids = Some(before.iter().map(|&test| items[test].id.clone()).collect());
    match suspicion.kind {
        FindingKind::Brittle => finding.state_setters = ids,
        _ => finding.polluters = ids,
    }
    finding.reenters = reenters(items, &followed_by(before, suspicion.test));
}

/// Runs both orders some times more, in turn.
fn confirm<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    finding: &mut HuntFinding,
) -> Result<(), RunnerError> {
    let opposite = suspicion.opposite();
    let (mut alone, mut after) = (Tally::NONE, Tally::NONE);
    let how = TestRunOptions::plain(suspicion.timestamps);
    let both = [vec![suspicion.test], followed_by(before, suspicion.test)].map(|order| (order, how.clone()));
    let wanted: Vec<RunRequest> = both.iter().cycle().take(2 * TRIES).cloned().collect();
    for (number, run) in judge.run_all(&wanted)?.iter().enumerate() {
        if number % 2 == 0 {
            alone = alone.with(opposite.is_shown_in(run));
            continue;
        }
        after = after.with(suspicion.is_shown_in(run));
        if let Some(ran) = run.of(suspicion.test).filter(|ran| ran.outcome.is_failure()) {
            finding.message.clone_from(&ran.text);
        }
    }
    if suspicion.kind == FindingKind::Brittle {
        finding.message = judge.alone(suspicion.test, suspicion.timestamps)?.text;
    }
    finding.confirmed = Confirmation { alone, after };
    if !alone.is_steady() || !after.is_steady() {
        finding.finding = FindingKind::Nondeterministic;
    }
    Ok(())
}

/// Which state decides: putting it back before the test must turn its outcome round.
fn explain<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    finding: &mut HuntFinding,
) -> Result<(), RunnerError> {
    let state = repair::proven(MOST_SINGLE_CELLS, |scope, repair| {
        let run = judge.repaired(suspicion, before, scope, repair)?;
        let turned = suspicion.opposite().is_shown_in(&run);
        Ok(RepairResult { turned, cells: run.cells, not_put_back: run.not_put_back })
    })?;
    let named = extra_causes::named(judge, suspicion, before, &state)?;
    (finding.cause, finding.modules, finding.state) = (named.cause, named.modules.clone(), state.clone());
    if named.cause != Cause::Unknown {
        finding.remedies = remedies(judge, suspicion, before, &named, &state)?;
    }
    guilty::find(judge, suspicion, before, finding)
}

/// Tries what a person could write before the test.
fn remedies<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    named: &NamedCause,
    state: &[Cell],
) -> Result<Vec<HuntRemedy>, RunnerError> {
    let mut remedies = Vec::new();
    for (cure, before) in cause::cures(suspicion.kind, named, state, before) {
        let run = judge.repaired(suspicion, &before, RepairScope::Near, CellRepair::cure(cure.clone()))?;
        remedies.push(cause::remedy(&cure, run.passes(suspicion.test)));
    }
    if suspicion.kind == FindingKind::Victim && !state.is_empty() {
        remedies.push(cause::put_back(state));
    }
    Ok(remedies)
}
