//! Branches off an order, and what they tell of where the outcome of a test turned. A lead is a guess that saves runs.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::runs::Judge;
use super::suspicion::Suspicion;
use crate::kind::FindingKind;
use crate::suite::orders::between_files;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::{Branches, HuntClock, OrderRun, Runner, RunnerError, TestOutcome};

const MOST_PLACES: usize = 16;
const MOST_BRANCHES: usize = 64;

/// Branches for these tests at some of the places where an order goes from file to file.
pub(crate) fn branches(items: &[Item], mut tests: Vec<usize>, order: &[usize]) -> Branches {
    tests.truncate(MOST_BRANCHES);
    let most = MOST_PLACES.min(MOST_BRANCHES / tests.len().max(1));
    let places = if tests.is_empty() { Vec::new() } else { between_files(items, order, most) };
    Branches { tests, places, until: None }
}

/// For each suspicion that comes from this run, the last places between which its branches saw the outcome turn.
pub(crate) fn find(run: &OrderRun, suspicions: &mut [Suspicion]) {
    let order = run.order();
    for suspicion in suspicions {
        let Some(end) = order.iter().position(|test| *test == suspicion.test) else { continue };
        if !order[..end].ends_with(&suspicion.prefix) {
            continue; // it comes from another run
        }
        let start = end - suspicion.prefix.len();
        let within = |place: usize| (start..=end).contains(&place);
        let branches = run.branched.iter().filter(|each| each.test == suspicion.test && within(each.place));
        let (mut from, mut to, mut any) = (start, None, false);
        for branch in branches {
            any = true;
            if !suspicion.is_shown_by(branch.outcome) {
                (from, to) = (branch.place, None);
            } else if to.is_none() {
                to = Some(branch.place);
            }
        }
        let lead = (from - start, to.unwrap_or(end) - start);
        suspicion.lead = (any && lead.0 < lead.1).then_some(lead);
    }
}

/// The suspicion of the branch that ended a run, seen to hold in a run of its own. Its prefix is the part of the order
/// in which the outcome turned, if that does, else all that had run.
pub(crate) fn early<R: Runner>(
    judge: &mut Judge<'_, R>,
    run: &OrderRun,
    timestamps: HuntClock,
) -> Result<Option<Suspicion>, RunnerError> {
    let Some((last, others)) = run.branched.split_last() else { return Ok(None) };
    let kind = if last.outcome == TestOutcome::Passed { FindingKind::Brittle } else { FindingKind::Victim };
    let turned = others.last().map_or(0, |branch| branch.place);
    for start in BTreeSet::from([Reverse(turned), Reverse(0)]) {
        let prefix = run.order()[start.0..].to_vec();
        let suspicion = Suspicion { test: last.test, kind, prefix, timestamps, lead: None };
        if judge.shows(&suspicion, &suspicion.prefix)? {
            return Ok(Some(suspicion));
        }
    }
    Ok(None)
}
