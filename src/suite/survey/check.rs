//! The check of what follows from states: some of these pairs are run.

use std::time::{Duration, Instant};

use super::runs::{directly, hand_on, seconds, tests};
use crate::suite::inquiry::Inquiry;
use crate::suite::runner::run::{Runner, RunnerError};

/// The part of the time left that the check may take.
const CHECK: u32 = 10;
/// One in so many of the pairs that follow from state is checked, but not more than this.
const CHECKED: usize = 20;
const MOST_CHECKED: usize = 400;
/// So many tests of one state are checked at once.
const CHECKED_AT_ONCE: usize = 20;

/// Runs some of the pairs that follow from state: one that comes out otherwise ends the claim.
pub(super) fn check<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let (tests, seconds) = (tests(inquiry), seconds(inquiry));
    let most = inquiry.plan.time_left().map_or(Duration::MAX, |left| left / CHECK);
    let began = Instant::now();
    let wanted = (tests.len() * seconds.len()).div_ceil(CHECKED).min(MOST_CHECKED);
    let at_once = seconds.len().clamp(1, CHECKED_AT_ONCE);
    // Evenly spread, and never the same neighbours.
    let step = (tests.len() / wanted.div_ceil(at_once).max(1)).max(1);
    for (number, &first) in tests.iter().step_by(step).enumerate() {
        let states = &inquiry.ledger.states;
        let items = &inquiry.suite.items;
        let follows = |second: &usize| {
            let is_near = states.leavings.is_near((first, &items[first]), &items[*second]);
            *second != first
                && !states.pairs.has_run(first, *second)
                && states.pairs.follows(&states.leavings, first, *second, is_near)
        };
        let others = seconds.iter().copied().cycle().skip(number * at_once).take(seconds.len());
        let claimed: Vec<usize> = others.filter(follows).take(at_once).collect();
        if states.pairs.checked >= wanted || began.elapsed() >= most {
            break;
        }
        if claimed.is_empty() {
            continue;
        }
        inquiry.ledger.states.pairs.checked += claimed.len();
        let suspicions = directly(inquiry, &[first], &claimed)?;
        for suspicion in suspicions {
            if !inquiry.ledger.settled.contains(&suspicion.test)
                && inquiry.judge.shows(&suspicion, &suspicion.prefix)?
            {
                inquiry.ledger.states.pairs.is_refuted = true;
                hand_on(inquiry, vec![suspicion])?;
            }
        }
    }
    Ok(())
}
