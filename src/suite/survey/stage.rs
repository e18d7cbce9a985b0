//! The stage of a search that surveys the suite: each test alone, then states, then a check of what follows from them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::leavings::Leaving;
use super::rounds::{Rounds, suspicion};
use super::states::States;
use crate::kind::FindingKind;
use crate::suite::event::HuntEvent;
use crate::suite::inquiry::Inquiry;
use crate::suite::judge::runs::ALONE;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::{
    OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions,
};
use crate::suite::runner::surveyed::SurveyOptions;

/// One survey for each process at once, unless a suite is smaller than this.
const WORTH_SHARING: usize = 40;
/// The part of the time left that rounds of states may take if pairs or random orders follow, and the part that the check may take.
const ROUNDS: u32 = 2;
const CHECK: u32 = 10;
/// One in so many of the pairs that follow from state is checked, but not more than this.
const CHECKED: usize = 20;
const MOST_CHECKED: usize = 400;
/// So many tests of one state are checked at once.
const CHECKED_AT_ONCE: usize = 20;

/// Surveys the suite, and hands on what it suspects. What is proven when it is cut short is told all the same.
pub(crate) fn survey<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let ended = whole(inquiry);
    if ended.is_err() {
        inquiry.tell_proven();
    }
    ended
}

fn whole<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    if in_pairs(inquiry)? {
        return Ok(());
    }
    if !alone(inquiry)? {
        inquiry.note("--orders state: runs of this hunt are no forks, so there is no survey".to_owned());
        return Ok(());
    }
    failing_alone(inquiry)?;
    let others_follow =
        inquiry.plan.orders.iter().any(|kind| matches!(kind, OrderKind::Pairs | OrderKind::Random));
    let left = inquiry.plan.time_left().filter(|_| others_follow);
    let until = left.map(|left| Instant::now() + left / ROUNDS);
    // What a state of many shows is looked into before the next one is made.
    while states(inquiry, until, false)? {}
    states(inquiry, until, true)?;
    one_by_one(inquiry)?;
    inquiry.settle()?;
    check(inquiry)?;
    inquiry.settle()
}

/// Runs every other test alone before each named one, if that takes less than to look at what each leaves. Returns whether
/// that explains all named tests.
fn in_pairs<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<bool, RunnerError> {
    let (seconds, timestamps) = (seconds(inquiry), inquiry.plan.timestamps);
    let pairs = tests(inquiry).len() * seconds.len();
    let takes_little = |test: &usize| inquiry.judge.runs_after_each(*test, pairs, timestamps);
    if inquiry.plan.victims.is_empty() || !seconds.iter().all(takes_little) {
        return Ok(false);
    }
    for &test in &seconds {
        let alone = inquiry.judge.alone(test, timestamps)?;
        let ran = TestResult { test, outcome: alone.outcome, text: alone.text };
        inquiry.ledger.states.did_alone(ran);
    }
    one_by_one(inquiry)?;
    inquiry.settle()?;
    Ok(self::seconds(inquiry).is_empty())
}

/// The tests that make states; those that end every process are left out.
fn tests<R>(inquiry: &Inquiry<'_, R>) -> Vec<usize> {
    let left_out = &inquiry.judge.left_out;
    inquiry.plan.given.iter().copied().filter(|test| !left_out.contains(test)).collect()
}

/// The tests that are looked at in states: without named ones, all.
fn seconds<R>(inquiry: &Inquiry<'_, R>) -> Vec<usize> {
    let named = !inquiry.plan.victims.is_empty();
    // Of a test that an order has settled, the other pairs are still to be accounted for, unless it was asked for alone.
    let is_done = |test: &usize| named && inquiry.ledger.settled.contains(test);
    let wanted = |test: &usize| inquiry.plan.asks_for(*test) && !is_done(test);
    tests(inquiry).into_iter().filter(wanted).collect()
}

/// Parts of tests that run at once.
fn parts<R>(inquiry: &Inquiry<'_, R>, tests: &[usize]) -> Vec<Vec<usize>> {
    let parts = if tests.len() >= WORTH_SHARING { inquiry.plan.jobs } else { 1 };
    tests.chunks(tests.len().div_ceil(parts).max(1)).map(<[usize]>::to_vec).collect()
}

/// Runs surveys that need not wait for one another.
fn run<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    orders: Vec<Vec<usize>>,
    survey: &SurveyOptions,
) -> Result<Vec<OrderRun>, RunnerError> {
    let timestamps = inquiry.plan.timestamps;
    let how = TestRunOptions { survey: Some(survey.clone()), ..TestRunOptions::plain(timestamps) };
    let tests = orders.iter().map(Vec::len).sum();
    let so_far = inquiry.so_far();
    inquiry.tell(HuntEvent::Order { kind: OrderKind::State, timestamps, tests, so_far });
    inquiry.ledger.count(OrderKind::State, timestamps);
    let wanted: Vec<RunRequest> = orders.into_iter().map(|order| (order, how.clone())).collect();
    inquiry.judge.run_all(&wanted)
}

/// Runs each test alone, and looks at what it leaves. Returns whether there can be surveys.
fn alone<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<bool, RunnerError> {
    let tests = tests(inquiry);
    let survey = SurveyOptions { look: true, ..SurveyOptions::default() };
    let runs = run(inquiry, parts(inquiry, &tests), &survey)?;
    for run in &runs {
        inquiry.ledger.states.note_alone(&run.surveyed);
        inquiry.ledger.see(run);
    }
    Ok(tests.is_empty() || runs.iter().any(|run| !run.surveyed.is_empty()))
}

/// Looks at the tests that fail alone: they are broken, or brittle if they passed in an order.
fn failing_alone<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let timestamps = inquiry.plan.timestamps;
    let (failing, others): (Vec<TestResult>, Vec<TestResult>) =
        inquiry.ledger.states.alone.values().cloned().partition(|alone| alone.outcome.is_failure());
    inquiry.ran_alone(&others, timestamps);
    for alone in &failing {
        inquiry.leaves_out(alone, timestamps)?;
    }
    let is_open = |alone: &TestResult| !inquiry.ledger.is_known(&inquiry.plan, alone.test, timestamps);
    let failing: Vec<TestResult> = failing.into_iter().filter(is_open).collect();
    // Other tests may have run in that process before: only processes of its own say what a test does alone.
    let tests: Vec<usize> =
        failing.iter().filter(|alone| ends_by_itself(alone)).map(|alone| alone.test).collect();
    inquiry.alone_in_forks(&tests, ALONE)?;
    for alone in failing {
        if inquiry.judge.alone(alone.test, timestamps)?.fails() {
            inquiry.ran_alone(&[alone], timestamps);
        }
    }
    inquiry.settle()
}

/// Whether no run with others is cut off by a test.
fn ends_by_itself(alone: &TestResult) -> bool {
    !matches!(alone.outcome, TestOutcome::Crashed | TestOutcome::TimedOut)
}

/// Makes one state of many tests, or all states of a `few`, runs all tests there, and looks into what they show. Returns whether there
/// may be another state of many.
fn states<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    until: Option<Instant>,
    few: bool,
) -> Result<bool, RunnerError> {
    let (tests, seconds) = (tests(inquiry), seconds(inquiry));
    let (timestamps, jobs) = (inquiry.plan.timestamps, inquiry.plan.jobs);
    let mut states = std::mem::replace(&mut inquiry.ledger.states, States::new(0));
    let mut rounds =
        Rounds::new(&mut states, &mut inquiry.judge, (tests, seconds), (timestamps, jobs, until));
    let ended = if few { rounds.of_few().map(|()| false) } else { rounds.next_of_many() };
    let suspicions = std::mem::take(&mut rounds.suspicions);
    if inquiry.plan.victims.is_empty() && ended.is_ok() {
        for first in
            suspicions.iter().filter_map(|each| each.prefix.first().filter(|_| each.prefix.len() == 1))
        {
            inquiry.judge.cleaners.note(*first, states.may_clean_up_after(*first));
        }
    }
    inquiry.ledger.states = states;
    inquiry.ledger.count(OrderKind::State, timestamps);
    let ended = ended.and_then(|made| hand_on(inquiry, suspicions.clone()).map(|()| made));
    if ended.is_err() {
        remember(inquiry, &suspicions);
    }
    ended
}

/// Hands on what is suspected. What takes several tests is run first: a state of forks may have been another one.
fn hand_on<R: Runner>(inquiry: &mut Inquiry<'_, R>, suspicions: Vec<Suspicion>) -> Result<(), RunnerError> {
    let (mut pairs, sets): (Vec<_>, Vec<_>) = suspicions.into_iter().partition(|each| each.prefix.len() == 1);
    let paired: BTreeSet<usize> = pairs.iter().map(|pair| pair.test).collect();
    for set in sets.into_iter().filter(|set| !paired.contains(&set.test)) {
        let is_open = inquiry.plan.asks_for(set.test) && !inquiry.ledger.settled.contains(&set.test);
        if is_open && inquiry.judge.shows(&set, &set.prefix)? {
            pairs.push(set);
        }
    }
    inquiry.suspect_pairs(pairs);
    inquiry.prove_first()
}

/// What failed in states is told, even if the time for looking into it is over.
fn remember<R: Runner>(inquiry: &mut Inquiry<'_, R>, suspicions: &[Suspicion]) {
    for each in suspicions.iter().filter(|each| each.kind != FindingKind::Brittle) {
        let ran = each.result(TestOutcome::Failed);
        if !inquiry.ledger.settled.contains(&each.test) {
            inquiry.judge.sightings.note_after(&each.prefix, &ran, each.timestamps);
        }
    }
}

/// For named tests that no state explains: every other test alone before each of them.
fn one_by_one<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let seconds = seconds(inquiry);
    if inquiry.plan.victims.is_empty() || seconds.is_empty() {
        return Ok(());
    }
    let before = tests(inquiry).into_iter().filter(|test| !seconds.contains(test)).collect::<Vec<_>>();
    let turned = directly(inquiry, &before, &seconds)?;
    hand_on(inquiry, turned)
}

/// Runs each of some tests alone, and others in the state after it, without a look; returns what did something else than
/// alone.
fn directly<R: Runner>(
    inquiry: &mut Inquiry<'_, R>,
    first: &[usize],
    seconds: &[usize],
) -> Result<Vec<Suspicion>, RunnerError> {
    if first.is_empty() {
        return Ok(Vec::new());
    }
    let failing = |test: &usize| inquiry.ledger.states.failing_alone().any(|alone| alone.test == *test);
    let fails = seconds.iter().copied().filter(failing).collect();
    let leaves = |test: &usize| inquiry.ledger.states.leavings.of(*test).is_none_or(Leaving::is_any);
    let leaving = seconds.iter().copied().filter(leaves).collect();
    let survey = SurveyOptions { then: seconds.to_vec(), fails, leaving, ..SurveyOptions::default() };
    let runs = run(inquiry, parts(inquiry, first), &survey)?;
    let timestamps = inquiry.plan.timestamps;
    let mut suspicions = Vec::new();
    for state in runs.iter().flat_map(|run| &run.surveyed) {
        let turned = inquiry.ledger.states.note(state);
        let prefix: Vec<usize> = state.tests.iter().map(|ran| ran.test).collect();
        suspicions.extend(turned.into_iter().map(|turned| suspicion(&prefix, turned, timestamps)));
    }
    Ok(suspicions)
}

/// Runs some of the pairs that follow from state: one that comes out otherwise ends the claim.
fn check<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let (tests, seconds) = (tests(inquiry), seconds(inquiry));
    let most = inquiry.plan.time_left().map_or(Duration::MAX, |left| left / CHECK);
    let began = Instant::now();
    let wanted = (tests.len() * seconds.len()).div_ceil(CHECKED).min(MOST_CHECKED);
    let at_once = seconds.len().clamp(1, CHECKED_AT_ONCE);
    // Evenly spread, and never the same neighbours.
    let step = (tests.len() / wanted.div_ceil(at_once).max(1)).max(1);
    for (number, &first) in tests.iter().step_by(step).enumerate() {
        let states = &inquiry.ledger.states;
        let file = |test: usize| &inquiry.suite.items[test].file;
        let follows = |second: &usize| {
            let is_near = file(first) == file(*second);
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
