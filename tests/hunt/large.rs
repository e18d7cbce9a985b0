//! Generated suites whose truth is known: three hidden pairs among 2,000 tests, and all that a suite with twelve kinds of state
//! hides.

use libtest_mimic::{Failed, Trial};

use crate::generated::{PAIRS, name, write_suite};
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::many::{Size, Truth, write_many};
use crate::pytest;

/// As large as a test has time for.
const MIDDLING: Size = Size { tests: 120, victims: 30, brittle: 3, chains: 1 };

type Hunting = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Hunting); 2] = [
        ("three_pairs_among_2000_tests", three_pairs),
        ("all_that_120_tests_do_to_one_another", || all_of(MIDDLING)),
    ];
    all.into_iter()
        .map(|(name, run)| Trial::test(format!("large::{name}"), move || run().map_err(Failed::from)))
        .collect()
}

fn three_pairs() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_suite(folder.path()).map_err(|error| error.to_string())?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given,reverse", "--timestamps", "real"])?;
    equal("findings", hunted.of_kind("finding").len(), PAIRS.len())?;
    for (polluter, victim) in PAIRS {
        let finding = hunted.finding(&name(victim))?;
        equal("polluters", strings(&finding["polluters"]), vec![name(polluter).as_str()])?;
        equal("cause", finding["cause"].as_str(), Some("changed-state"))?;
    }
    Ok(())
}

/// Hunts without a hint, and compares all that is found with the truth. The budget is for the slowest machine.
fn all_of(size: Size) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let truth = write_many(folder.path(), size).map_err(|error| error.to_string())?;
    let options = ["--orders", "given,state", "--timestamps", "real", "--no-commands", "--budget", "60m"];
    is_true(&hunt(folder.path(), &pytest()?, &options)?, &truth)
}

/// Nothing is missing, and nothing is said that is not so.
fn is_true(hunted: &Hunted, truth: &Truth) -> Result<(), String> {
    let mut wrong: Vec<String> = Vec::new();
    for (victim, polluters) in &truth.victims {
        wrong.extend(compare(hunted, victim, "victim", polluters).err());
    }
    for (test, setter) in &truth.brittle {
        wrong.extend(compare(hunted, test, "brittle", std::slice::from_ref(setter)).err());
    }
    let is_known = |test: &str| truth.victims.contains_key(test) || truth.brittle.contains_key(test);
    for finding in hunted.of_kind("finding") {
        let test = finding["victim"].as_str().unwrap_or_default();
        wrong.extend((!is_known(test)).then(|| format!("{test} depends on nothing: {finding}")));
    }
    equal("what is not as it is", wrong, Vec::new())?;
    let pairs = &hunted.summary()?["pairs"];
    equal("pairs not accounted for", pairs["left"].as_u64(), Some(0))?;
    equal("the claim holds", pairs["claim_holds"].as_bool(), Some(true))
}

fn compare(hunted: &Hunted, test: &str, kind: &str, before: &[String]) -> Result<(), String> {
    let found = hunted.of_kind("finding").into_iter().find(|line| line["victim"] == test);
    let finding = found.ok_or_else(|| format!("{test} after {before:?} is missing"))?;
    equal(test, finding["finding"].as_str(), Some(kind))?;
    let key = if kind == "brittle" { "state_setters" } else { "polluters" };
    equal(test, strings(&finding[key]), before.iter().map(String::as_str).collect())
}
