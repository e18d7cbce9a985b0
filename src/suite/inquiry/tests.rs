//! How many runs it takes to look into many suspicions, and what is left of them when the time ends.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::Inquiry;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::event::HuntEvent;
use crate::suite::finding::{HuntFinding, Tally};
use crate::suite::judge::mock_runner::{BOTH, MockRules, Rehearsed, Rule, plan, rehearse, suite};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::run::{HuntClock, TestOutcome, TestResult, TestRunOptions};
use crate::suite::search::HuntSearch;

const GIVEN: &[OrderKind] = &[OrderKind::Given];

/// Looks into pairs of a polluter (or setter) and a test; what tests do alone is known before.
fn look_into_pairs(
    rule: Rule,
    pairs: &[(usize, usize)],
    most: usize,
) -> (Vec<HuntFinding>, Vec<String>, usize) {
    let suite = suite(40);
    let mut watch = |_: HuntEvent<'_>| ();
    let rules = MockRules::new(rule, most);
    let mut inquiry = Inquiry::new(rules, &suite, plan(40, GIVEN, Vec::new()), &mut watch);
    let outcome = |test| if rule(&[], test, 0) { TestOutcome::Failed } else { TestOutcome::Passed };
    let alone = (0..40).map(|test| TestResult { test, outcome: outcome(test), text: String::new() });
    inquiry.ran_alone(&alone.collect::<Vec<_>>(), HuntClock::Real);
    let kind = |test| if rule(&[], test, 0) { FindingKind::Brittle } else { FindingKind::Victim };
    let suspicion = |&(first, test)| Suspicion::after(vec![first], test, kind(test), HuntClock::Real);
    inquiry.suspect_pairs(pairs.iter().map(suspicion).collect());
    let _halted = inquiry.settle();
    let seen = inquiry.seen_failing().into_iter().map(|each| each.test).collect();
    (std::mem::take(&mut inquiry.ledger.findings), seen, inquiry.judge.runs)
}

#[test]
fn further_victims_of_one_polluter_cost_few_runs_each() {
    let rule: Rule = |before, test, _| test % 10 == 5 && before.contains(&3);
    let runs = |tests| rehearse(tests, rule, GIVEN, usize::MAX);
    let (few, many) = (runs(100), runs(300));
    assert_eq!((few.findings.len(), many.findings.len()), (10, 30));
    assert!(many.findings.iter().all(|finding| finding.before() == ["3"]));
    // Three alone, two of each to confirm it, and what shows that its cause is not known either.
    assert!(many.runs - few.runs <= 20 * 10, "{} and {}", few.runs, many.runs);
    assert_eq!(many.findings[0].confirmed.after, Tally { hits: 5, tries: 5 });
    assert_eq!(many.findings[1].confirmed.after, Tally { hits: 2, tries: 2 });
}

#[test]
fn of_each_set_one_finding_is_explained_before_proofs_use_up_the_time() {
    // A run takes its time, of which little is left.
    let rule: Rule = |before, test, _| {
        std::thread::sleep(Duration::from_micros(10));
        test % 10 == 5 && before.contains(&3) && before.contains(&7)
    };
    let (suite, told) = (suite(200), RefCell::new(Vec::new()));
    let mut watch = |event: HuntEvent<'_>| match event {
        HuntEvent::Suspicion { .. } => told.borrow_mut().push("suspicion".to_owned()),
        HuntEvent::Found { finding, .. } => told.borrow_mut().push(format!("found {}", finding.victim)),
        _ => {}
    };
    let deadline = Some(Instant::now() + Duration::from_millis(100));
    let plan = HuntPlan { deadline, ..plan(200, GIVEN, Vec::new()) };
    let mut search = HuntSearch::new(MockRules::new(rule, usize::MAX), &suite, plan, &mut watch);
    search.all().expect("mocks have no end");
    drop(search);
    let told = told.into_inner();
    let found: BTreeSet<&String> = told.iter().filter(|each| each.starts_with("found")).collect();
    let before_the_first = told.iter().take_while(|each| *each == "suspicion").count();
    assert_eq!(found.len(), 20, "{told:?}");
    assert!(before_the_first < 10, "{told:?}");
}

#[test]
fn a_pair_that_a_state_has_shown_takes_no_search() {
    let rule: Rule = |before, test, _| matches!(test, 20..30) && before.contains(&3);
    let pairs: Vec<(usize, usize)> = (20..30).map(|test| (3, test)).collect();
    let (findings, seen, runs) = look_into_pairs(rule, &pairs, usize::MAX);
    assert_eq!(findings.len(), 10);
    assert!(findings.iter().all(|finding| finding.minimal && finding.finding == FindingKind::Victim));
    assert!(seen.is_empty() && runs < 10 * 12, "{runs} runs");
}

#[test]
fn the_polluter_of_most_victims_is_named() {
    let rule: Rule = |before, test, _| {
        (test == 20 && before.contains(&2)) || (matches!(test, 20..24) && before.contains(&9))
    };
    let pairs = [(2, 20), (9, 20), (9, 21), (9, 22), (9, 23)];
    let (findings, ..) = look_into_pairs(rule, &pairs, usize::MAX);
    assert!(findings.iter().all(|finding| finding.before() == ["9"]), "{findings:?}");
    // The same if only orders have shown it: what is found first for 20 is 2.
    let rule: Rule = |before, test, _| {
        (test == 20 && (before.contains(&2) || before.contains(&9)))
            || (matches!(test, 31..34) && before.contains(&9))
    };
    let found = rehearse(40, rule, GIVEN, usize::MAX);
    assert_eq!(found.findings.len(), 4);
    assert!(found.findings.iter().all(|finding| finding.before() == ["9"]), "{:?}", found.findings);
}

#[test]
fn what_a_state_has_shown_and_no_run_shows_is_no_finding() {
    let rule: Rule =
        |before, test, _| (test == 20 && before.contains(&3)) || (test == 30 && !before.contains(&4));
    let (findings, seen, _) = look_into_pairs(rule, &[(3, 20), (3, 21), (4, 30), (5, 30)], usize::MAX);
    let found: Vec<(&str, FindingKind)> =
        findings.iter().map(|finding| (&finding.victim[..], finding.finding)).collect();
    assert_eq!(found, [("20", FindingKind::Victim), ("30", FindingKind::Brittle)]);
    assert_eq!(findings[1].before(), ["4"]);
    assert!(seen.is_empty(), "{seen:?}");
}

/// The tests that a search which was cut off says anything of.
fn told(found: &Rehearsed) -> BTreeSet<usize> {
    let findings = found.findings.iter().map(|finding| &finding.victim);
    let ids = findings.chain(found.seen_failing.iter().map(|each| &each.test));
    ids.filter_map(|id| id.parse().ok()).chain(found.broken.iter().copied()).collect()
}

#[test]
fn whenever_the_time_ends_nothing_that_failed_is_dropped() {
    let rule: Rule = |before, test, runs| match test {
        7 | 8 => before.contains(&2),
        5 => !before.contains(&1),
        9 => true,
        11 => before.contains(&3) && before.contains(&4),
        13 => runs % 5 == 1,
        _ => false,
    };
    let all = rehearse(15, rule, BOTH, usize::MAX);
    assert!(all.findings.len() >= 4 && all.seen_failing.is_empty(), "{:?}", all.seen_failing);
    for most in 0..all.runs {
        let cut = rehearse(15, rule, BOTH, most);
        let told = told(&cut);
        assert!(cut.failed.is_subset(&told), "after {most} runs: {:?} failed, told: {told:?}", cut.failed);
        // What may still be brittle is not called broken.
        assert!(!cut.broken.contains(&5), "after {most} runs");
    }
}

#[test]
fn what_states_have_proven_is_told_whenever_the_time_ends() {
    // 2 and 12 leave the same cell, so that what they do shows in two states.
    let rule: Rule = |before, test, _| match test {
        7 => before.contains(&2),
        8 => before.contains(&12),
        9 => !before.contains(&3),
        _ => false,
    };
    let orders = &[OrderKind::State];
    let all = rehearse(15, rule, orders, usize::MAX);
    let found: BTreeSet<&str> = all.findings.iter().map(|finding| &finding.victim[..]).collect();
    assert_eq!(found, BTreeSet::from(["7", "8", "9"]));
    let mut not_sought = 0;
    for most in 0..all.runs {
        let cut = rehearse(15, rule, orders, most);
        let told = told(&cut);
        assert!(cut.failed.is_subset(&told), "after {most} runs: {:?} failed, told: {told:?}", cut.failed);
        not_sought += cut.findings.iter().filter(|finding| finding.cause == Cause::NotSought).count();
    }
    assert!(not_sought > 0);
}

#[test]
fn pairs_that_the_time_did_not_suffice_for_are_seen_failing() {
    let rule: Rule = |before, test, _| matches!(test, 20..30) && before.contains(&3);
    let pairs: Vec<(usize, usize)> = (20..30).map(|test| (3, test)).collect();
    let (.., runs) = look_into_pairs(rule, &pairs, usize::MAX);
    for most in 0..runs {
        let (findings, seen, _) = look_into_pairs(rule, &pairs, most);
        assert_eq!(findings.len() + seen.len(), 10, "after {most} runs");
    }
}

#[test]
fn what_fails_while_causes_are_sought_is_looked_into_too() {
    // 10 runs after 20 only where cleaners of 25 are sought.
    let rule: Rule = |before, test, _| matches!(test, 10 | 25) && before.contains(&20);
    let found = rehearse(40, rule, GIVEN, usize::MAX);
    let victims: Vec<&str> = found.findings.iter().map(|finding| &finding.victim[..]).collect();
    assert_eq!(victims, ["25", "10"]);
    assert!(found.seen_failing.is_empty());
}

#[test]
fn what_orders_have_shown_can_wait_for_what_states_show() {
    let rule: Rule = |before, test, _| test == 35 && before.contains(&3);
    let suite = suite(40);
    let mut watch = |_: HuntEvent<'_>| ();
    let rules = MockRules::new(rule, usize::MAX);
    let mut inquiry = Inquiry::new(rules, &suite, plan(40, GIVEN, Vec::new()), &mut watch);
    inquiry.orders_wait = true;
    let how = TestRunOptions::plain(HuntClock::Real);
    let order: Vec<usize> = (0..40).collect();
    let run = inquiry.judge.run(&order, &how).unwrap();
    inquiry.look_at(OrderKind::Given, &(order, how), &run).unwrap();
    inquiry.settle().unwrap();
    assert_eq!((inquiry.ledger.findings.len(), inquiry.judge.runs), (0, 1));
    inquiry.suspect_pairs(vec![Suspicion::after(vec![3], 35, FindingKind::Victim, HuntClock::Real)]);
    inquiry.settle().unwrap();
    assert_eq!(inquiry.ledger.findings[0].before(), ["3"]);
    let runs = inquiry.judge.runs;
    inquiry.orders_wait = false;
    inquiry.settle().unwrap();
    assert_eq!((inquiry.ledger.findings.len(), inquiry.judge.runs), (1, runs));
}
