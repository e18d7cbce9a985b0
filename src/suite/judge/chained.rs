//! A test that another one breaks may break a third one in its turn, because it fails before it has cleaned up. What explains the
//! first of these victims is then the cause for the third test too: put back before the first one, it helps both.

use super::alike::Explained;
use super::prove::Proven;
use super::repair::names;
use super::runs::Judge;
use super::suspicion::{Suspicion, followed_by};
use super::{cause, extra_causes};
use crate::kind::FindingKind;
use crate::suite::finding::{HuntRemedy, Tally};
use crate::suite::runner::cell::Cell;
use crate::suite::runner::probe::CellRepair;
use crate::suite::runner::run::{Runner, RunnerError};

/// Says of a test that it fails because the last of its polluters fails, if that one is explained and what helps it helps both.
/// Returns whether it was said.
pub(super) fn explain<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    known: &mut Vec<Explained>,
) -> Result<bool, RunnerError> {
    let Some((&broken, first)) = proven.before.split_last() else { return Ok(false) };
    if proven.suspicion.kind != FindingKind::Victim || first.is_empty() {
        return Ok(false);
    }
    if !known.iter().any(|each| each.is_about_test(broken, first, proven)) {
        known.extend(why_it_is_broken(judge, proven, (first, broken))?);
    }
    for like in known.iter().filter(|each| each.is_about_test(broken, first, proven)) {
        let Some(state) = put_back_before(judge, proven, (first, broken), like)? else { continue };
        let before = Some(judge.items[broken].id.clone());
        let remedy = HuntRemedy { before, ..cause::put_back(&state) };
        let finding = &mut proven.finding;
        (finding.cause, finding.modules, finding.state) = (like.cause, like.modules.clone(), state);
        finding.remedies = vec![remedy];
        // Who cleans up before the third test was not tried.
        finding.more_cleaners = true;
        return Ok(true);
    }
    Ok(false)
}

/// Why the last of the polluters fails after those before it, if it does, and if that is likely to be found.
fn why_it_is_broken<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    (first, broken): (&[usize], usize),
) -> Result<Option<Explained>, RunnerError> {
    let timestamps = proven.suspicion.timestamps;
    let suspicion = Suspicion::after(first.to_vec(), broken, FindingKind::Victim, timestamps);
    if !judge.shows(&suspicion, first)? || !judge.alone(broken, timestamps)?.passes() {
        return Ok(None);
    }
    let (scope, state) = judge.smallest_state(&suspicion, first, 0)?;
    if state.is_empty() {
        return Ok(None);
    }
    let named = extra_causes::named(judge, &suspicion, first, &state)?;
    let finding = judge.blank(&suspicion, Tally::ONCE);
    let proven = Proven { suspicion, before: first.to_vec(), finding };
    Ok(Some(Explained::new(&proven, scope, state, named)))
}

/// The cells, as the broken test sees them, if both tests pass once these are put back before it.
fn put_back_before<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    (first, broken): (&[usize], usize),
    like: &Explained,
) -> Result<Option<Vec<Cell>>, RunnerError> {
    let Suspicion { test, timestamps, .. } = proven.suspicion;
    let breaks = Suspicion::after(first.to_vec(), broken, FindingKind::Victim, timestamps);
    let repair = CellRepair::Cells { names: names(&like.state) };
    let (order, how) = breaks.with_repair(first, like.scope, repair);
    let run = judge.run(&followed_by(&order, test), &how)?;
    if !run.not_put_back.is_empty() || !run.passes(broken) || !run.passes(test) {
        return Ok(None);
    }
    let seen = |cell: &Cell| run.cells.iter().find(|each| each.cell == cell.cell).cloned();
    Ok(like.state.iter().map(seen).collect())
}
