//! Hundreds of tests: a few orders cover every ordered pair, and bisection finds the polluter of each victim.

use std::collections::BTreeSet;

use crate::generated;
use crate::modules;
use crate::not_run;
use taster::interpreter::Installation;
use taster::interpreter::choose;
use taster::interpreter::cpython::discover::{Places, discover};
use taster::note::Note;
use taster::run::{self, Diagnosis, RunOptions};
use taster::scenario::Version;
use taster::verdict::Method;

/// Interpreter runs that are allowed for the whole search.
const ALLOWED: u64 = 1_200;

fn finds_all_pairs(installation: &Installation, count: usize) {
    let generated::Generated { scenario, pairs } = generated::many_tests(count, 20);
    let mut options = RunOptions::default();
    options.diagnose = Diagnosis::Full;
    let verdict = run::run(&scenario, installation, &scenario.timestamps[0], &options, &|_| {}).unwrap();
    let name = |test: usize| scenario.tests[test].name.clone();
    let found: BTreeSet<_> = verdict
        .findings
        .iter()
        .map(|found| (found.others.iter().map(|&other| name(other)).collect::<Vec<_>>(), name(found.test)))
        .collect();
    let hidden: BTreeSet<_> = pairs.into_iter().map(|(polluter, victim)| (vec![polluter], victim)).collect();
    assert_eq!(found, hidden);
    println!(
        "{count} tests on {}: {}",
        installation.identity.label,
        verdict.notes.iter().map(Note::code).collect::<Vec<_>>().join("; ")
    );
    println!("{} runs of the interpreter in all", verdict.runs);
    assert!(verdict.runs <= ALLOWED, "{} runs", verdict.runs);
}

#[test]
fn three_pairs_among_five_hundred_tests_on_the_model() {
    finds_all_pairs(&choose::built_in(Version::new(3, 13, 0)), 500);
}

#[test]
fn three_pairs_among_forty_tests_on_cpython() {
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    match found.iter().max_by_key(|installation| installation.identity.version) {
        Some(installation) => finds_all_pairs(installation, 40),
        None => not_run::say("no CPython was found"),
    }
}

#[test]
fn every_effect_of_eight_tests_is_confirmed_on_cpython() {
    let scenario = modules::modules(8);
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    let Some(newest) = found.iter().max_by_key(|installation| installation.identity.version) else {
        not_run::say("no CPython was found");
        return;
    };
    let mut options = RunOptions::default();
    options.diagnose = Diagnosis::None;
    let verdict = run::run(&scenario, newest, &scenario.timestamps[0], &options, &|_| {}).unwrap();
    assert_eq!(verdict.coverage.total, 81_729_648_000_u64.into());
    let Method::Effects(effects) = verdict.coverage.method else { panic!("{:?}", verdict.coverage) };
    println!("on {}: {effects:?}", newest.identity.label);
    assert_eq!(effects.confirmed, effects.distinct);
    assert!(verdict.coverage.is_complete() && effects.fewest_contexts > 0);
}
