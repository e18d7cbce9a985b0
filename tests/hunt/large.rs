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
    let all: [(&str, Hunting); 3] = [
        ("a_cleaner_of_a_named_test_takes_few_runs", cleaned_far_away),
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

/// 700 tests that each leave something of their own. One of them, far away, puts right what turns the named one: halves find it, or
/// one look at what each leaves.
fn cleaned_far_away() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = |number: usize| {
        let does = |test: usize| match (number, test) {
            (0, 3) => "state.mode = 1".to_owned(),
            (1, 5) => "assert state.mode == 0".to_owned(),
            (30, 7) => "state.mode = 0".to_owned(),
            _ => format!("state.left[{}] = [{test}]", number * 20 + test),
        };
        let tests = (0..20).map(|test| format!("def test_{test}():\n    {}\n\n\n", does(test)));
        format!("import state\n\n\n{}", tests.collect::<String>())
    };
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).map_err(|error| error.to_string())
    };
    write("state.py", "mode = 0\nleft = {}\n")?;
    (0..35).try_for_each(|number| write(&format!("test_{number:02}.py"), &file(number)))?;
    let victim = "test_01.py::test_5";
    let options = ["--orders", "given", "--timestamps", "real", "--no-commands", "--victim", victim];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    let finding = hunted.finding(victim)?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_00.py::test_3"])?;
    equal("cleaners", strings(&finding["cleaners"]), vec!["test_30.py::test_7"])?;
    // Where runs take long, it is cheaper to look at all others, and then there are no more cleaners: the clock decides.
    let runs = hunted.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("at most 60 runs: {runs}"), runs <= 60, true)
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
