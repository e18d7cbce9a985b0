//! The runs of a survey: which tests they are made of, and how what they show is handed on.

use std::collections::BTreeSet;

use super::leavings::Leaving;
use super::rounds::suspicion;
use crate::suite::event::HuntEvent;
use crate::suite::inquiry::Inquiry;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::{OrderRun, RunRequest, Runner, RunnerError, TestRunOptions};
use crate::suite::runner::surveyed::SurveyOptions;

/// One survey for each process at once, unless a suite is smaller than this.
const WORTH_SHARING: usize = 40;
/// What may run beside something else is in so many parts for each process.
const EACH: usize = 4;

/// The tests that make states; those that end every process are left out.
pub(super) fn tests<R>(inquiry: &Inquiry<'_, R>) -> Vec<usize> {
    let left_out = &inquiry.judge.left_out;
    inquiry.plan.given.iter().copied().filter(|test| !left_out.contains(test)).collect()
}

/// The tests that are looked at in states: without named ones, all.
pub(super) fn seconds<R>(inquiry: &Inquiry<'_, R>) -> Vec<usize> {
    let named = !inquiry.plan.victims.is_empty();
    // Of a test that an order has settled, the other pairs are still to be accounted for, unless it was asked for alone.
    let is_done = |test: &usize| named && inquiry.ledger.settled.contains(test);
    let wanted = |test: &usize| inquiry.plan.asks_for(*test) && !is_done(test);
    tests(inquiry).into_iter().filter(wanted).collect()
}

/// Parts of tests that run at once.
pub(super) fn parts<R>(inquiry: &Inquiry<'_, R>, tests: &[usize]) -> Vec<Vec<usize>> {
    let parts = if tests.len() >= WORTH_SHARING { inquiry.plan.jobs } else { 1 };
    tests.chunks(tests.len().div_ceil(parts).max(1)).map(<[usize]>::to_vec).collect()
}

/// Smaller parts, of which some may run while something else does.
pub(super) fn many_parts<R>(inquiry: &Inquiry<'_, R>, tests: &[usize]) -> Vec<Vec<usize>> {
    let parts = if inquiry.plan.jobs > 1 { EACH * inquiry.plan.jobs } else { 1 };
    tests.chunks(tests.len().div_ceil(parts).max(WORTH_SHARING)).map(<[usize]>::to_vec).collect()
}

/// Surveys of these tests.
pub(super) fn requests<R>(
    inquiry: &Inquiry<'_, R>,
    orders: Vec<Vec<usize>>,
    survey: &SurveyOptions,
) -> Vec<RunRequest> {
    let timestamps = inquiry.plan.timestamps;
    let how = TestRunOptions { survey: Some(survey.clone()), ..TestRunOptions::plain(timestamps) };
    orders.into_iter().map(|order| (order, how.clone())).collect()
}

/// Runs surveys that need not wait for one another.
pub(super) fn run<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    wanted: &[RunRequest],
) -> Result<Vec<OrderRun>, RunnerError> {
    let timestamps = inquiry.plan.timestamps;
    let tests = wanted.iter().map(|(order, _)| order.len()).sum();
    let so_far = inquiry.so_far();
    inquiry.tell(HuntEvent::Order { kind: OrderKind::State, timestamps, tests, so_far });
    inquiry.ledger.count(OrderKind::State, timestamps);
    inquiry.judge.run_all(wanted)
}

/// Hands on what is suspected. What takes several tests is run first: a state of forks may have been another one.
pub(super) fn hand_on<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    suspicions: Vec<Suspicion>,
) -> Result<(), RunnerError> {
    let (mut pairs, sets): (Vec<_>, Vec<_>) = suspicions.into_iter().partition(|each| each.prefix.len() == 1);
    let paired: BTreeSet<usize> = pairs.iter().map(|pair| pair.test).collect();
    for set in sets.into_iter().filter(|set| !paired.contains(&set.test)) {
        let is_open = inquiry.plan.asks_for(set.test) && !inquiry.ledger.settled.contains(&set.test);
        if !is_open {
            continue;
        }
        if inquiry.judge.shows(&set, &set.prefix)? {
            pairs.push(set);
        } else {
            // It turned where cells were given values, or by chance: what it met there counts for nothing.
            inquiry.ledger.states.pairs.never_met(set.test);
        }
    }
    inquiry.suspect_pairs(pairs);
    inquiry.prove_first()
}

/// Runs each of some tests alone, and others in the state after it, without a look; returns what did something else than
/// alone.
pub(super) fn directly<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    first: &[usize],
    seconds: &[usize],
) -> Result<Vec<Suspicion>, RunnerError> {
    let wanted = requests(inquiry, parts(inquiry, first), &without_a_look(inquiry, seconds));
    turned_in(inquiry, &wanted)
}

/// The same for tests of which each has others to run after it.
pub(super) fn each_directly<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    pairs: &[(usize, Vec<usize>)],
) -> Result<Vec<Suspicion>, RunnerError> {
    let request = |(first, then): &(usize, Vec<usize>)| {
        requests(inquiry, vec![vec![*first]], &without_a_look(inquiry, then))
    };
    let wanted: Vec<RunRequest> = pairs.iter().flat_map(request).collect();
    turned_in(inquiry, &wanted)
}

/// Others after tests that make states at which nobody looks.
fn without_a_look<R>(inquiry: &Inquiry<'_, R>, seconds: &[usize]) -> SurveyOptions {
    let failing = |test: &usize| inquiry.ledger.states.failing_alone().any(|alone| alone.test == *test);
    let fails = seconds.iter().copied().filter(failing).collect();
    let leaves = |test: &usize| inquiry.ledger.states.leavings.of(*test).is_none_or(Leaving::is_any);
    let leaving = seconds.iter().copied().filter(leaves).collect();
    SurveyOptions { then: seconds.to_vec(), fails, leaving, ..SurveyOptions::default() }
}

/// Makes these runs; returns what did something else in them than alone.
fn turned_in<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    wanted: &[RunRequest],
) -> Result<Vec<Suspicion>, RunnerError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let runs = run(inquiry, wanted)?;
    let timestamps = inquiry.plan.timestamps;
    let mut suspicions = Vec::new();
    for state in runs.iter().flat_map(|run| &run.surveyed) {
        let turned = inquiry.ledger.states.note(state);
        let prefix: Vec<usize> = state.tests.iter().map(|ran| ran.test).collect();
        suspicions.extend(turned.into_iter().map(|turned| suspicion(&prefix, turned, timestamps)));
    }
    Ok(suspicions)
}
