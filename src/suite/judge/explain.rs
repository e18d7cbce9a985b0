//! Why a proven suspicion is so: the state that decides, its cause, what cures it, and which tests clean it.
//!
//! What holds for one test that a polluter decides is likely to hold for the next one: that is tried first, and costs few runs
//! (`alike`). Only what does not hold is sought anew.

use super::alike::{self, Explained};
use super::prove::{Proven, measured};
use super::remedies::say_cause;
use super::runs::Judge;
use super::{chained, cleaner, extra_causes};
use crate::kind::FindingKind;
use crate::suite::guilty;
use crate::suite::runner::run::{Runner, RunnerError};

const MOST_SINGLE_CELLS: usize = 200;

/// Adds the cause to a finding, and adds to what is known what was sought anew. Returns the error that cut it short, if one did.
pub(crate) fn explain<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    known: &mut Vec<Explained>,
) -> Option<RunnerError> {
    let halt = measured(judge, proven, |judge, proven| {
        why(judge, proven, known)?;
        guilty::find(judge, proven)
    });
    proven.finding.not_put_back = std::mem::take(&mut judge.not_put_back);
    proven.finding.look_failed = judge.look_failed.take();
    halt
}

fn why<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    known: &mut Vec<Explained>,
) -> Result<(), RunnerError> {
    if chained::explain(judge, proven, known)? {
        return Ok(());
    }
    let of_it: Vec<Explained> = known.iter().filter(|each| each.is_about(proven)).cloned().collect();
    if let Some((like, state)) = alike::that_holds(judge, proven, &of_it)? {
        return alike::follow(judge, proven, &like, &state);
    }
    // Where nothing was found for another test of this polluter, only what is likely is sought.
    let unknown = of_it.into_iter().find(|each| each.state.is_empty());
    let most_singles = if unknown.is_some() { 0 } else { MOST_SINGLE_CELLS };
    let (scope, state) = judge.smallest_state(&proven.suspicion, &proven.before, most_singles)?;
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
