//! The check of what a survey says: some tests run alone once more, each in a fork of its own, and some of the pairs that follow from
//! states are run. What nobody can look at, such as what a library holds in C, shows there.

use std::time::{Duration, Instant};

use super::runs::{each_directly, hand_on, seconds, tests};
use crate::suite::inquiry::Inquiry;
use crate::suite::judge::runs::ALONE;
use crate::suite::runner::run::{Runner, RunnerError};

/// The part of the time left that the check may take.
const CHECK: u32 = 10;
/// One in so many of the pairs that follow from state is checked, but not more than this.
const CHECKED: usize = 20;
const MOST_CHECKED: usize = 400;
/// So many tests of one state are checked at once.
const CHECKED_AT_ONCE: usize = 20;
/// For each process, if there are several, so many states are checked before the clock is asked again.
const EACH: usize = 2;
/// So many tests run alone at once, each in a fork of its own.
const ALONE_AT_ONCE: usize = 100;

/// Runs some of the tests alone that have passed so where others had run in their process: one that fails now ends the claim.
pub(super) fn check_alone<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    if !inquiry.plan.victims.is_empty() {
        return Ok(());
    }
    let (most, began) = (share_of_time(inquiry), Instant::now());
    let timestamps = inquiry.plan.timestamps;
    let alone = inquiry.ledger.states.alone.values();
    let passed: Vec<usize> =
        alone.filter(|alone| !alone.outcome.is_failure()).map(|alone| alone.test).collect();
    let step = passed.len().div_ceil(MOST_CHECKED).max(1);
    let spread: Vec<usize> = passed.into_iter().step_by(step).collect();
    for tests in spread.chunks(ALONE_AT_ONCE) {
        if began.elapsed() >= most {
            break;
        }
        let ran = inquiry.alone_in_forks(tests, 1)?;
        for alone in ran.into_iter().filter(|alone| alone.outcome.is_failure()) {
            let again = inquiry.alone_in_forks(&[alone.test], ALONE)?;
            if !again.is_empty() && again.iter().all(|again| again.outcome.is_failure()) {
                // What others had left in its process has helped it before.
                inquiry.judge.forget_alone(alone.test, timestamps);
                inquiry.ledger.states.pairs.is_refuted = true;
                inquiry.ledger.states.alone.insert(alone.test, alone.clone());
                again.iter().for_each(|again| inquiry.judge.ran_alone(again, timestamps));
            }
            inquiry.ran_alone(&[alone], timestamps);
        }
    }
    Ok(())
}

fn share_of_time<R>(inquiry: &Inquiry<'_, R>) -> Duration {
    inquiry.plan.time_left().map_or(Duration::MAX, |left| left / CHECK)
}

/// Runs some of the pairs that follow from state: one that comes out otherwise ends the claim.
pub(super) fn check<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let (tests, seconds) = (tests(inquiry), seconds(inquiry));
    let (most, began) = (share_of_time(inquiry), Instant::now());
    let wanted = (tests.len() * seconds.len()).div_ceil(CHECKED).min(MOST_CHECKED);
    let at_once = seconds.len().clamp(1, CHECKED_AT_ONCE);
    // Evenly spread, and never the same neighbours.
    let step = (tests.len() / wanted.div_ceil(at_once).max(1)).max(1);
    let spread: Vec<(usize, usize)> = tests.into_iter().step_by(step).enumerate().collect();
    let states = if inquiry.plan.jobs > 1 { EACH * inquiry.plan.jobs } else { 1 };
    for some in spread.chunks(states) {
        if inquiry.ledger.states.pairs.checked >= wanted || began.elapsed() >= most {
            break;
        }
        let mut pairs = Vec::new();
        for &(number, first) in some {
            let others = seconds.iter().copied().cycle().skip(number * at_once).take(seconds.len());
            let claimed: Vec<usize> =
                others.filter(|second| follows(inquiry, first, *second)).take(at_once).collect();
            if !claimed.is_empty() && inquiry.ledger.states.pairs.checked < wanted {
                inquiry.ledger.states.pairs.checked += claimed.len();
                pairs.push((first, claimed));
            }
        }
        for suspicion in each_directly(inquiry, &pairs)? {
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

/// Whether a pair is said to follow from state, and has not run.
fn follows<R>(inquiry: &Inquiry<'_, R>, first: usize, second: usize) -> bool {
    let (states, items) = (&inquiry.ledger.states, &inquiry.suite.items);
    let is_near = states.leavings.is_near((first, &items[first]), &items[second]);
    second != first
        && !states.pairs.has_run(first, second)
        && states.pairs.follows(&states.leavings, first, second, is_near)
}
