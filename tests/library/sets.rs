//! Minimal sets: a victim that needs two polluters, a brittle test that needs two state-setters, in a small scenario
//! whose orderings are all covered and in one ordering of a large one.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::not_run;
use taster::bisect::{Which, bisect};
use taster::budget::Budget;
use taster::cause::Cause;
use taster::diagnose::{self, Exploration, Finding, Listener};
use taster::explore::{Explorer, Lab};
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::{Installation, choose};
use taster::kind::FindingKind;
use taster::run::{self, RunOptions};
use taster::scenario::{self, Scenario, Version};

const SETUP: &str = r#"title = "Two together"
setup = [
  { write = "lib/state.py", text = "A = 0\nB = 0\n" },
  { write = "lib/one.py", text = "import state\nstate.A = 1\n" },
  { write = "lib/two.py", text = "import state\nstate.B = 1\n" },
  { write = "lib/both.py", text = "import state\nV = state.A + state.B == 2\n" },
  { sys-path = "lib" },
]
[clock]
timestamps = ["1ns"]
"#;

/// Tests that do nothing, around `steps` by name.
fn scenario(steps: &[(&str, &str)], idle: usize) -> Scenario {
    let mut text = SETUP.to_owned();
    for (at, (name, step)) in steps.iter().enumerate() {
        for number in 0..idle {
            let _ = writeln!(
                text,
                "[[test]]\nname = \"idle-{at}-{number}\"\nsteps = [{{ forget = \"nobody\" }}]"
            );
        }
        let _ = writeln!(text, "[[test]]\nname = \"{name}\"\nsteps = [{step}]");
    }
    scenario::parse(Path::new("sets.toml"), &text).unwrap()
}

fn two_polluters(idle: usize) -> Scenario {
    let victim = r#"{ import = "both", expect = { V = false } }"#;
    scenario(&[("one", r#"{ import = "one" }"#), ("two", r#"{ import = "two" }"#), ("victim", victim)], idle)
}

fn two_state_setters(idle: usize) -> Scenario {
    let brittle = r#"{ import = "both", expect = { V = true } }"#;
    scenario(
        &[("one", r#"{ import = "one" }"#), ("two", r#"{ import = "two" }"#), ("brittle", brittle)],
        idle,
    )
}

fn everywhere(test: impl Fn(&Installation)) {
    test(&choose::built_in(Version::new(3, 13, 0)));
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    match found.iter().max_by_key(|installation| installation.identity.version) {
        Some(installation) => test(installation),
        None => not_run::say("no CPython was found"),
    }
}

fn only_finding(scenario: &Scenario, installation: &Installation) -> Finding {
    let timestamps = &scenario.timestamps[0];
    let verdict = run::run(scenario, installation, timestamps, &RunOptions::default(), &|_| {}).unwrap();
    let [finding] = verdict.findings.as_slice() else { panic!("{:?}", verdict.findings) };
    finding.clone()
}

fn names(scenario: &Scenario, tests: &[usize]) -> Vec<String> {
    tests.iter().map(|&test| scenario.tests[test].name.clone()).collect()
}

#[test]
fn a_victim_of_two_names_both() {
    everywhere(|installation| {
        let scenario = two_polluters(0);
        let finding = only_finding(&scenario, installation);
        assert_eq!(finding.kind, FindingKind::Victim);
        assert_eq!(names(&scenario, &finding.others), ["one", "two"]);
        assert!(finding.minimal);
        assert_eq!(finding.cause, Cause::ImportSideEffect, "{:?}", finding.evidence);
    });
}

#[test]
fn a_brittle_test_with_two_state_setters_names_both() {
    everywhere(|installation| {
        let scenario = two_state_setters(0);
        let finding = only_finding(&scenario, installation);
        assert_eq!(finding.kind, FindingKind::Brittle);
        assert_eq!(names(&scenario, &finding.others), ["one", "two"]);
        assert!(finding.minimal);
    });
}

#[test]
fn bisecting_one_ordering_of_many_tests_finds_both() {
    everywhere(|installation| {
        for (scenario, kind) in
            [(two_polluters(60), FindingKind::Victim), (two_state_setters(60), FindingKind::Brittle)]
        {
            let (test, interrupted) = (scenario.tests.len() - 1, Arc::default());
            let timestamps = &scenario.timestamps[0];
            let which = (test, Which::AsWritten);
            let bisected = bisect(&scenario, installation, timestamps, which, &interrupted).unwrap();
            let finding = bisected.finding.as_ref().unwrap();
            assert_eq!(finding.kind, kind);
            assert_eq!(names(&scenario, &finding.others), ["one", "two"]);
            // What `minimize` promises for two of 182.
            assert!(bisected.runs <= 35, "{} runs", bisected.runs);
        }
    });
}

#[test]
fn a_test_that_nobody_disturbs_gives_no_finding() {
    let (scenario, interrupted) = (two_polluters(3), Arc::default());
    let model = choose::built_in(Version::new(3, 13, 0));
    for seed in 0..3 {
        let which = (0, Which::Seed(seed));
        let bisected = bisect(&scenario, &model, &scenario.timestamps[0], which, &interrupted).unwrap();
        assert!(bisected.finding.is_none() && !bisected.fails);
    }
}

/// The findings that one sampled ordering, or its beginning, shows of the last test, which fails in some orderings.
fn findings_of(scenario: &Scenario, steps: &[usize]) -> Vec<Finding> {
    let model = choose::built_in(Version::new(3, 13, 0));
    let lab = Lab::new(scenario, &model, &scenario.timestamps[0]);
    let mut explorer = Explorer::new(lab, true).unwrap();
    explorer.perform_remembered(steps).unwrap();
    let mut fates = vec![(false, true); scenario.tests.len()];
    *fates.last_mut().unwrap() = (true, true);
    let exploration = Exploration {
        explorer: &mut explorer,
        samples: Some(vec![steps.to_vec()]),
        complete: false,
        unsteady: Vec::new(),
        fates: Some(fates),
        budget: Budget::default(),
        listener: Listener(&|_| {}),
    };
    diagnose::findings(exploration).unwrap().findings
}

#[test]
fn the_beginning_of_an_ordering_shows_what_its_tests_did() {
    for (scenario, kind) in
        [(two_polluters(1), FindingKind::Victim), (two_state_setters(1), FindingKind::Brittle)]
    {
        let [one, two, last] = [1, 3, 5];
        let found = findings_of(&scenario, &[one, two, last]);
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((finding.kind, &finding.others[..]), (kind, &[one, two][..]));
        // It does not tell of tests that it does not reach.
        assert_eq!(findings_of(&scenario, &[one, two]), []);
        assert_eq!(findings_of(&scenario, &[one]), []);
    }
}
