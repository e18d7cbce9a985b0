//! The two stages of a search that survey the suite: each test alone and states of many tests; then states of few, and a
//! check of what follows from states. What takes little is between them: the reverse order shows what no state has.

use std::time::Instant;

use super::check::{check, check_alone};
use super::halves::by_halves;
use super::rounds::Rounds;
use super::runs::{directly, hand_on, many_parts, requests, run, seconds, tests};
use super::states::States;
use crate::kind::FindingKind;
use crate::suite::inquiry::Inquiry;
use crate::suite::judge::runs::ALONE;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::{RunRequest, Runner, RunnerError, TestOutcome, TestResult};
use crate::suite::runner::surveyed::SurveyOptions;

/// The part of the time left that rounds of states may take if pairs or random orders follow.
const ROUNDS: u32 = 2;

/// Runs each test alone and in states of many tests, and hands on what it suspects. What is proven when it is cut short is told
/// all the same. Returns whether states of few are worth making: `survey_further`.
pub(crate) fn survey<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<bool, RunnerError> {
    telling_proven(inquiry, of_many)
}

/// Makes states of few tests, which cost most, and checks what follows from all states; like `survey` otherwise.
pub(crate) fn survey_further<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    telling_proven(inquiry, of_few)
}

fn telling_proven<'a, R: Runner, T>(
    inquiry: &mut Inquiry<'a, R>,
    part: fn(&mut Inquiry<'a, R>) -> Result<T, RunnerError>,
) -> Result<T, RunnerError> {
    let ended = part(inquiry);
    if ended.is_err() {
        inquiry.tell_proven();
    }
    ended
}

fn of_many<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<bool, RunnerError> {
    if !inquiry.plan.victims.is_empty() && named(inquiry)? {
        return Ok(false);
    }
    if let Some(reason) = alone(inquiry)? {
        inquiry.note(format!("--orders state: {reason}, so there is no survey"));
        return Ok(false);
    }
    failing_alone(inquiry)?;
    let until = end_of_rounds(inquiry);
    // What a state of many shows is looked into before the next one is made.
    while states(inquiry, until, false)? {}
    Ok(true)
}

fn of_few<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<(), RunnerError> {
    let until = end_of_rounds(inquiry);
    states(inquiry, until, true)?;
    one_by_one(inquiry)?;
    inquiry.settle()?;
    check_alone(inquiry)?;
    check(inquiry)?;
    inquiry.settle()
}

/// When to begin no further round, if other orders follow that need time.
fn end_of_rounds<R>(inquiry: &Inquiry<'_, R>) -> Option<Instant> {
    let others_follow =
        inquiry.plan.orders.iter().any(|kind| matches!(kind, OrderKind::Pairs | OrderKind::Random));
    let left = inquiry.plan.time_left().filter(|_| others_follow);
    left.map(|left| Instant::now() + left / ROUNDS)
}

/// Looks for what turns the named tests where that takes less than a survey: by halves, then in pairs. Returns whether that explains
/// all of them.
fn named<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<bool, RunnerError> {
    for test in seconds(inquiry) {
        let alone = inquiry.judge.alone(test, inquiry.plan.timestamps)?;
        let ran = TestResult { test, outcome: alone.outcome, text: alone.text };
        inquiry.ledger.states.did_alone(ran);
    }
    by_halves(inquiry)?;
    if are_worth_pairs(inquiry) {
        one_by_one(inquiry)?;
        inquiry.settle()?;
    }
    Ok(seconds(inquiry).is_empty())
}

/// Whether it takes less to run every other test alone before each named one that is open than to look at what each leaves.
fn are_worth_pairs<R: Runner>(inquiry: &Inquiry<'_, R>) -> bool {
    let seconds = seconds(inquiry);
    let pairs = tests(inquiry).len() * seconds.len();
    let takes_little = |test: &usize| inquiry.judge.runs_after_each(*test, pairs, inquiry.plan.timestamps);
    seconds.iter().all(takes_little)
}

/// The runs in which each test runs alone, with a look at what it leaves.
pub(crate) fn alone_requests<R: Runner>(inquiry: &Inquiry<'_, R>) -> Vec<RunRequest> {
    let survey = SurveyOptions { look: true, ..SurveyOptions::default() };
    requests(inquiry, many_parts(inquiry, &tests(inquiry)), &survey)
}

/// The runs that states of few begin with, as far as is known before them.
pub(crate) fn requests_of_few<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Vec<RunRequest> {
    let until = end_of_rounds(inquiry);
    with_rounds(inquiry, until, |rounds| rounds.first_of_one())
}

/// Runs each test alone, and looks at what it leaves. Returns why there can be no surveys, or `None` if there can.
fn alone<R: Runner>(inquiry: &mut Inquiry<'_, R>) -> Result<Option<String>, RunnerError> {
    let tests = tests(inquiry);
    let requests = alone_requests(inquiry);
    let runs = run(inquiry, &requests)?;
    for run in &runs {
        inquiry.ledger.states.note_alone(&run.surveyed);
        inquiry.ledger.see(run);
    }
    if tests.is_empty() || runs.iter().any(|run| !run.surveyed.is_empty()) {
        return Ok(None);
    }
    let were_made = runs.iter().any(|run| !run.took.is_zero());
    Ok(Some(match runs.into_iter().find_map(|run| run.look_failed) {
        Some(failed) => format!("taster could not look at what tests leave ({failed})"),
        None if were_made => "no test came to its end alone".to_owned(),
        None => "runs of this hunt are no forks".to_owned(),
    }))
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
    let (ended, suspicions) = with_rounds(inquiry, until, |rounds| {
        let ended = if few { rounds.of_few().map(|()| false) } else { rounds.next_of_many() };
        (ended, std::mem::take(&mut rounds.suspicions))
    });
    if inquiry.plan.victims.is_empty() && ended.is_ok() {
        for first in
            suspicions.iter().filter_map(|each| each.prefix.first().filter(|_| each.prefix.len() == 1))
        {
            inquiry.judge.cleaners.note(*first, inquiry.ledger.states.may_clean_up_after(*first));
        }
    }
    inquiry.ledger.count(OrderKind::State, inquiry.plan.timestamps);
    let ended = ended.and_then(|made| hand_on(inquiry, suspicions.clone()).map(|()| made));
    if ended.is_err() {
        remember(inquiry, &suspicions);
    }
    ended
}

/// Does something with rounds of states of all that is known.
fn with_rounds<'a, R: Runner, T>(
    inquiry: &mut Inquiry<'a, R>,
    until: Option<Instant>,
    work: impl FnOnce(&mut Rounds<'_, '_, 'a, R>) -> T,
) -> T {
    let (tests, seconds) = (tests(inquiry), seconds(inquiry));
    let (timestamps, jobs) = (inquiry.plan.timestamps, inquiry.plan.jobs);
    let mut states = std::mem::replace(&mut inquiry.ledger.states, States::new(0));
    let done =
        work(&mut Rounds::new(&mut states, &mut inquiry.judge, (tests, seconds), (timestamps, jobs, until)));
    inquiry.ledger.states = states;
    done
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
