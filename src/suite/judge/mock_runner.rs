//! The search without processes: suites that are rules, run by a mock. Only tests live here.

mod survey;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::{HuntFinding, Tally};
use crate::suite::hunt_report::SeenFailing;
use crate::suite::judge::random;
use crate::suite::plan::{HuntPlan, OrderKind, SearchEnd};
use crate::suite::runner::message::{CollectedSuite, Item};
use crate::suite::runner::run::{
    BranchResult, HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestResult,
    TestRunOptions,
};
use crate::suite::runner::suite::Suite;
use crate::suite::search::HuntSearch;

/// Whether a test fails after these have run; the last argument counts runs.
pub(crate) type Rule = fn(&[usize], usize, usize) -> bool;

#[derive(Debug)]
pub(crate) struct MockRules {
    rule: Rule,
    most: usize,
    /// Whether branches say the opposite of what is so.
    branches_lie: bool,
    /// The tests that have failed in plain runs.
    pub(crate) failed: BTreeSet<usize>,
    cut: Vec<(usize, OrderRun)>,
    /// The number of tests of each run.
    pub(crate) lengths: Vec<usize>,
}

impl MockRules {
    /// Rules for at most so many runs.
    pub(crate) fn new(rule: Rule, most: usize) -> Self {
        let (failed, cut, lengths) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self { rule, most, branches_lie: false, failed, cut, lengths }
    }
}

impl Runner for MockRules {
    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        let mut runs = Vec::new();
        for (order, how) in wanted {
            match self.run(order, how) {
                Ok(run) => runs.push(run),
                Err(halt) => {
                    self.cut = runs.into_iter().enumerate().collect();
                    return Err(halt);
                }
            }
        }
        Ok(runs)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        std::mem::take(&mut self.cut)
    }

    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        if self.lengths.len() == self.most {
            return Err(RunnerError::OutOfBudget);
        }
        self.lengths.push(order.len());
        if let Some(survey) = &how.survey {
            return Ok(OrderRun { surveyed: self.surveyed(order, survey), ..OrderRun::default() });
        }
        let outcome = |failed| if failed { TestOutcome::Failed } else { TestOutcome::Passed };
        let ran = |(place, &test): (usize, &usize)| TestResult {
            test,
            outcome: outcome((self.rule)(&order[..place], test, self.lengths.len())),
            text: String::new(),
        };
        let branched = how
            .branches
            .places
            .iter()
            .flat_map(|&place| how.branches.tests.iter().map(move |&test| (place, test)));
        let branched = branched.map(|(place, test)| BranchResult {
            place,
            test,
            outcome: outcome((self.rule)(&order[..place], test, self.lengths.len()) != self.branches_lie),
        });
        let mut branched: Vec<BranchResult> = branched.collect();
        let until = branched.iter().position(|branch| how.branches.until == Some(branch.outcome));
        let end = until.map_or(order.len(), |last| branched[last].place);
        branched.truncate(until.map_or(branched.len(), |last| last + 1));
        let tests: Vec<TestResult> = order[..end].iter().enumerate().map(ran).collect();
        if how.probe.is_none() {
            self.failed.extend(tests.iter().filter(|ran| ran.outcome.is_failure()).map(|ran| ran.test));
        }
        Ok(OrderRun { tests, branched, took: Duration::from_secs(order.len() as u64), ..OrderRun::default() })
    }
}

/// A suite of so many tests in files of ten.
pub(crate) fn suite(tests: usize) -> Suite {
    let item = |test: usize| {
        let file = format!("test_{}.py", test / 10);
        Item { id: test.to_string(), groups: vec![file.clone()], file, fixtures: None }
    };
    let about = CollectedSuite { threads: 1, bytecode: true, ..CollectedSuite::default() };
    Suite {
        items: (0..tests).map(item).collect(),
        uncollected: Vec::new(),
        about,
        cells: Vec::new(),
        not_put_back: Vec::new(),
        look_failed: None,
        seeded: Vec::new(),
        traced: Vec::new(),
    }
}

pub(crate) struct Rehearsed {
    pub(crate) findings: Vec<HuntFinding>,
    fails_alone: Vec<usize>,
    pub(crate) broken: Vec<usize>,
    pub(crate) seen_failing: Vec<SeenFailing>,
    neighbours: (usize, usize),
    complete: bool,
    pub(crate) runs: usize,
    pub(crate) failed: BTreeSet<usize>,
}

pub(crate) fn rehearse(tests: usize, rule: Rule, orders: &[OrderKind], most: usize) -> Rehearsed {
    rehearse_victims(tests, orders, Vec::new(), MockRules::new(rule, most))
}

/// A plan of one run at a time.
pub(crate) fn plan(tests: usize, orders: &[OrderKind], victims: Vec<usize>) -> HuntPlan {
    HuntPlan {
        given: (0..tests).collect(),
        victims,
        part: None,
        orders: orders.to_vec(),
        timestamps: HuntClock::Real,
        frozen_pass: false,
        seed: 0,
        jobs: 1,
        doubt_forks: false,
        deadline: None,
    }
}

fn rehearse_victims(tests: usize, orders: &[OrderKind], victims: Vec<usize>, rules: MockRules) -> Rehearsed {
    let suite = suite(tests);
    let mut watch = |_: crate::suite::event::HuntEvent<'_>| ();
    let mut search = HuntSearch::new(rules, &suite, plan(tests, orders, victims), &mut watch);
    let complete = matches!(search.all(), Ok(SearchEnd::Complete));
    let ledger = &search.inquiry.ledger;
    Rehearsed {
        failed: search.inquiry.judge.runner.failed.clone(),
        broken: ledger.fails_alone.iter().copied().filter(|test| !ledger.may_be_brittle(*test)).collect(),
        findings: std::mem::take(&mut search.inquiry.ledger.findings),
        seen_failing: search.inquiry.seen_failing(),
        fails_alone: search.inquiry.ledger.fails_alone.iter().copied().collect(),
        neighbours: search.inquiry.ledger.seen.neighbours.coverage(),
        complete,
        runs: search.inquiry.judge.runs,
    }
}

pub(crate) const BOTH: &[OrderKind] = &[OrderKind::Given, OrderKind::Reverse];

/// Whether these ran, in this order, with others in between or not.
pub(crate) fn in_order(before: &[usize], wanted: &[usize]) -> bool {
    let mut rest = before.iter();
    wanted.iter().all(|test| rest.any(|each| each == test))
}

#[test]
fn a_chain_is_found_in_its_order() {
    let rule: Rule = |before, test, _| test == 45 && in_order(before, &[3, 17, 18, 40]);
    let found = rehearse(50, rule, BOTH, usize::MAX);
    assert_eq!(found.findings.len(), 1);
    assert_eq!(found.findings[0].finding, FindingKind::Victim);
    assert_eq!(found.findings[0].polluters.as_deref().unwrap(), ["3", "17", "18", "40"]);
    assert!(found.findings[0].minimal && found.complete);
}

#[test]
fn branches_give_a_lead_and_prove_nothing() {
    let rules: [Rule; 3] = [
        |before, test, _| test == 180 && before.contains(&33),
        |before, test, _| test == 180 && !before.contains(&33),
        |before, test, _| test == 180 && in_order(before, &[33, 34, 120]),
    ];
    for (rule, wanted) in rules.into_iter().zip([&["33"][..], &["33"], &["33", "34", "120"]]) {
        for victims in [vec![180], Vec::new()] {
            let with = |branches_lie| {
                let rules = MockRules { branches_lie, ..MockRules::new(rule, usize::MAX) };
                rehearse_victims(200, BOTH, victims.clone(), rules)
            };
            let (true_leads, false_leads) = (with(false), with(true));
            assert_eq!(true_leads.findings[0].before(), wanted);
            assert_eq!(false_leads.findings[0].before(), wanted);
            assert!(true_leads.findings[0].minimal && false_leads.findings[0].minimal);
        }
    }
}

#[test]
fn a_brittle_test_and_a_broken_one_are_told_apart() {
    let rule: Rule = |before, test, _| test == 5 || (test == 30 && !before.contains(&11));
    let found = rehearse(40, rule, BOTH, usize::MAX);
    assert_eq!(found.findings.len(), 1);
    assert_eq!(found.findings[0].finding, FindingKind::Brittle);
    assert_eq!(found.findings[0].state_setters.as_deref().unwrap(), ["11"]);
    assert_eq!(found.fails_alone, [5]);
}

#[test]
fn what_comes_after_the_victim_is_never_put_in_front_of_it() {
    // 20 poisons 10 only in reverse; the order given must not be blamed.
    let rule: Rule = |before, test, _| test == 10 && before.contains(&20);
    let given = rehearse(40, rule, &[OrderKind::Given], usize::MAX);
    assert!(given.findings.is_empty());
    let both = rehearse(40, rule, BOTH, usize::MAX);
    assert_eq!(both.findings[0].polluters.as_deref().unwrap(), ["20"]);
    assert!(!both.findings[0].reenters);
}

#[test]
fn cleaners_hide_a_pair_from_given_and_reverse_but_not_from_covering_orders() {
    let rule: Rule = |before, test, _| test == 6 && before.last() == Some(&2);
    assert!(rehearse(8, rule, BOTH, usize::MAX).findings.is_empty());
    let found = rehearse(8, rule, &[OrderKind::Given, OrderKind::Reverse, OrderKind::Pairs], usize::MAX);
    assert_eq!(found.findings[0].polluters.as_deref().unwrap(), ["2"]);
    assert_eq!(found.findings[0].cleaners.len(), 6);
    assert_eq!(found.neighbours, (56, 56));
}

#[test]
fn chance_is_not_bisected() {
    let rule: Rule = |before, test, runs| test == 6 && before.len() > 2 && runs % 3 == 1;
    let found = rehearse(20, rule, BOTH, usize::MAX);
    assert_eq!(found.findings.len(), 1);
    assert_eq!(found.findings[0].finding, FindingKind::Nondeterministic);
    assert!(found.runs < 10 + random::GENERATORS.len() * random::SEEDS.len(), "{} runs", found.runs);
}

#[test]
fn a_search_that_is_cut_short_says_what_it_had() {
    let rule: Rule = |before, test, _| test == 90 && before.contains(&7);
    let found = rehearse(100, rule, BOTH, 8);
    assert!(!found.complete);
    assert_eq!(found.findings.len(), 1);
    assert!(!found.findings[0].minimal);
    assert_eq!(found.findings[0].cause, Cause::NotSought);
    let before = found.findings[0].polluters.as_deref().unwrap();
    assert!(before.contains(&"7".to_owned()) && before.len() < 90, "{before:?}");
}

#[test]
fn a_cause_is_unknown_only_if_it_was_sought() {
    let rule: Rule = |before, test, _| test == 6 && before.contains(&2);
    let all = rehearse(8, rule, &[OrderKind::Given], usize::MAX);
    assert_eq!(all.findings[0].cause, Cause::Unknown);
    let confirmed = |most: &usize| {
        let found = rehearse(8, rule, &[OrderKind::Given], *most);
        found
            .findings
            .first()
            .is_some_and(|finding| finding.minimal && finding.confirmed.after == Tally { hits: 5, tries: 5 })
    };
    let most = (1..all.runs).find(confirmed).expect("it is confirmed before its cause is sought");
    let cut = rehearse(8, rule, &[OrderKind::Given], most);
    assert_eq!(cut.findings[0].cause, Cause::NotSought);
}

#[test]
fn what_was_seen_and_not_looked_into_is_told() {
    let rule: Rule = |before, test, _| test > 6 && before.contains(&2);
    let found = rehearse(9, rule, &[OrderKind::Given], 1);
    let seen: Vec<(&str, usize)> =
        found.seen_failing.iter().map(|each| (&each.test[..], each.after)).collect();
    assert_eq!(seen, [("7", 7), ("8", 8)]);
    assert!(rehearse(9, rule, &[OrderKind::Given], usize::MAX).seen_failing.is_empty());
}

#[test]
fn a_clean_suite_costs_no_more_than_its_orders() {
    let found = rehearse(30, |_, _, _| false, BOTH, usize::MAX);
    assert!(found.findings.is_empty() && found.complete);
    assert_eq!(found.runs, 2);
}

#[test]
fn a_search_without_tests_comes_to_an_end() {
    let all = &[OrderKind::Given, OrderKind::Reverse, OrderKind::Pairs, OrderKind::Random];
    let found = rehearse(0, |_, _, _| false, all, usize::MAX);
    assert!(found.findings.is_empty() && found.complete);
    assert_eq!(found.runs, 0);
}
