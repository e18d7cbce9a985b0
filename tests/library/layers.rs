//! Counting layer by layer against walking the graph state by state: the same model, two ways to count.
#![expect(clippy::print_stdout, reason = "what was not compared is said where it is seen")]

use std::path::Path;

use crate::agreement::plan::{plan, scenario_of};
use crate::modules::modules;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use taster::budget::{Budget, StopReason};
use taster::explore::{Explorer, Lab, tally};
use taster::interpreter::NoOutcome;
use taster::interpreter::choose::built_in;
use taster::layers::{CountLimits, LayersError, OrderingCounts, count};
use taster::scenario::{Permute, Scenario, Timestamps, Version, files_in, read};

const VERSIONS: [Version; 3] = [Version::new(3, 6, 15), Version::new(3, 9, 18), Version::new(3, 13, 0)];

fn timestamps(scenario: &Scenario, written: &str) -> Timestamps {
    scenario
        .timestamps
        .iter()
        .find(|timestamps| timestamps.written == written)
        .expect("a clock of the scenario")
        .clone()
}

/// The same counts from the graph of states; none where it has too many.
fn walked(scenario: &Scenario, timestamps: &Timestamps, version: Version) -> Option<OrderingCounts> {
    let installation = built_in(version);
    let Ok(mut explorer) = Explorer::new(Lab::new(scenario, &installation, timestamps), true) else {
        return None;
    };
    let all: Vec<usize> = (0..scenario.tests.len()).collect();
    let budget = Budget::default().with_states(20_000);
    match explorer.cover(&all, 1, &budget, &|_| {}) {
        Ok(taster::explore::Reach::Complete) => {}
        _ => return None,
    }
    let sums = tally(&explorer.graph(), explorer.shape());
    let number = |sum: &num_bigint::BigUint| u128::try_from(sum.clone()).expect("it fits");
    let mut counted = OrderingCounts::default();
    counted.total = number(&sums.covered);
    counted.clean = counted.total - number(&sums.failing);
    counted.failing_by_test = sums.failing_by_test.iter().map(number).collect();
    Some(counted)
}

fn assert_same_counts(scenario: &Scenario, name: &str) -> usize {
    let mut compared = 0;
    let limits = CountLimits { jobs: 1, budget: Budget::default().with_states(20_000) };
    for timestamps in &scenario.timestamps {
        for version in VERSIONS {
            let counted = match count(scenario, timestamps, version, &limits) {
                Ok(counted) => counted,
                Err(LayersError::Setup { .. } | LayersError::Stopped(_)) => continue,
                Err(LayersError::Interpreter(NoOutcome::Refused { reason })) => {
                    println!("not compared: {name} on {version}: {reason}");
                    continue;
                }
                Err(halt) => panic!("{name}: {halt}"),
            };
            let Some(walked) = walked(scenario, timestamps, version) else { continue };
            let sums =
                |counted: &OrderingCounts| (counted.total, counted.clean, counted.failing_by_test.clone());
            assert_eq!(sums(&counted), sums(&walked), "{name} on {version} at {}", timestamps.written);
            compared += 1;
        }
    }
    compared
}

#[test]
fn three_modules_fail_in_54_of_90_orderings_and_never_on_a_fine_clock() {
    let three = modules(3);
    let coarse = count(&three, &timestamps(&three, "1s"), VERSIONS[2], &CountLimits::default()).unwrap();
    assert_eq!((coarse.total, coarse.failing()), (90, 54));
    assert_eq!(coarse.failing_by_test, [24, 24, 24]);
    let fine = count(&three, &timestamps(&three, "1ns"), VERSIONS[2], &CountLimits::default()).unwrap();
    assert_eq!((fine.total, fine.failing()), (90, 0));
}

#[test]
fn eight_tests_of_two_steps_have_81_billion_orderings() {
    let five = modules(5);
    for (written, failing) in [("1s", true), ("1ns", false)] {
        let counted =
            count(&five, &timestamps(&five, written), VERSIONS[2], &CountLimits::default()).unwrap();
        assert_eq!(counted.total, 113_400);
        assert_eq!(counted.failing() > 0, failing);
    }
    let eight = modules(8);
    let limits = CountLimits { jobs: 2, ..CountLimits::default() };
    let counted = count(&eight, &timestamps(&eight, "1s"), VERSIONS[2], &limits).unwrap();
    assert_eq!(counted.total, 81_729_648_000);
}

#[test]
fn workers_and_widths_change_no_count() {
    let six = modules(6);
    let coarse = timestamps(&six, "1s");
    let one = count(&six, &coarse, VERSIONS[1], &CountLimits::default()).unwrap();
    let three =
        count(&six, &coarse, VERSIONS[1], &CountLimits { jobs: 3, ..CountLimits::default() }).unwrap();
    assert_eq!(one, three);
}

#[test]
fn shipped_scenarios_count_alike_in_layers_and_in_graphs() {
    let mut compared = 0;
    for file in files_in(Path::new("scenarios")).unwrap() {
        let scenario = read(&file).unwrap();
        compared += assert_same_counts(&scenario, &file.display().to_string());
    }
    assert!(compared > 0, "some scenario was compared");
}

#[test]
fn counts_that_128_bits_do_not_hold_are_refused() {
    let many = modules(40);
    let limits = CountLimits { jobs: 1, budget: Budget::default().with_states(50) };
    let coarse = timestamps(&many, "1s");
    assert!(matches!(
        count(&many, &coarse, VERSIONS[2], &limits),
        Err(LayersError::Stopped(StopReason::TooManyStates(50)) | LayersError::Overflow)
    ));
}

#[test]
fn a_budget_of_states_is_kept() {
    let five = modules(5);
    let limits = CountLimits { jobs: 1, budget: Budget::default().with_states(100) };
    let coarse = timestamps(&five, "1s");
    assert!(matches!(
        count(&five, &coarse, VERSIONS[2], &limits),
        Err(LayersError::Stopped(StopReason::TooManyStates(100)))
    ));
}

#[test]
fn random_scenarios_count_alike_in_layers_and_in_graphs() {
    let cases = std::env::var("TASTER_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24);
    let config =
        Config { cases, rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..Config::default() };
    let compared = std::cell::Cell::new(0);
    let result = TestRunner::new(config).run(&plan(), |plan| {
        let permute = if plan.tests.len() > 3 { Permute::Tests } else { Permute::Steps };
        let scenario = scenario_of(&plan, permute);
        compared.set(compared.get() + assert_same_counts(&scenario, "a random scenario"));
        Ok(())
    });
    println!("{} counts compared", compared.get());
    if let Err(problem) = result {
        panic!("{problem}");
    }
    assert!(compared.get() > 0, "some count was compared");
}
