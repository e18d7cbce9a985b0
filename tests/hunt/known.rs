//! Suites in which hunts once said too little or something wrong: what a hunt must say about each, with the guilty line.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::budgets::{cut_short, given_ran};
use crate::faults::suite;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{copy, pytest};

/// What must be found about one test: kind, victim, what comes before it, cause, and the code of the guilty line, if one
/// is known, after the name of its file.
struct Known(
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    Option<(&'static str, &'static str)>,
);

/// One suite: its folder, options, all findings.
type Case = (&'static str, &'static [&'static str], &'static [Known]);

const REAL: &[&str] = &["--timestamps", "real"];

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("cleaners_around", &["--victim", "test_reads.py::test_victim", "--timestamps", "real"], &[
        Known("victim", "test_reads.py::test_victim", &["test_writes.py::test_polluter"], "changed-state",
            Some(("test_writes.py", "counter.hits = 1")))]),
    ("poisoned_at_collection", REAL, &[Known("collection", "test_b.py::test_needs_main", &["test_a.py"],
        "import-side-effect", Some(("test_a.py", "wallet.network = \"test\"")))]),
    ("random_state", REAL, &[Known("victim", "test_draws.py::test_exact", &["test_draws.py::test_draws"], "random-state",
        Some(("test_draws.py", "assert 0 <= random.random() < 1")))]),
    ("set_up_class", REAL, &[Known("brittle", "test_made.py::TestMade::test_plain", &["test_made.py::TestMade::test_makes"],
        "changed-state", Some(("test_made.py", "self.made.append(1)")))]),
    ("keyboard_interrupt", REAL, &[Known("victim", "test_interrupt.py::test_victim", &["test_interrupt.py::test_polluter"],
        "changed-state", Some(("test_interrupt.py", "kept.state[\"x\"] = 1")))]),
];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: Box<dyn FnOnce() -> Result<(), String> + Send>| {
        Trial::test(format!("known::{name}"), move || run().map_err(Failed::from))
    };
    let mut all: Vec<Trial> =
        CASES.iter().map(|case| trial(case.0, Box::new(move || as_known(case).map(drop)))).collect();
    all.extend([
        trial("a_named_victim_between_cleaners_takes_few_runs", Box::new(few_runs)),
        trial("each_cleaner_of_a_named_victim_is_tried_by_itself", Box::new(cleaners_one_by_one)),
        trial("a_cause_that_nobody_had_time_to_seek_is_not_unknown", Box::new(not_sought)),
        trial("what_was_seen_failing_is_told_and_found_when_resumed", Box::new(told_and_resumed)),
        trial("a_module_in_the_directory_of_a_fixture", Box::new(module_directory)),
        trial("a_test_that_leaves_the_group_that_is_ended", Box::new(other_group)),
        trial("a_test_that_fails_may_break_another_one", Box::new(chained)),
        trial("what_set_up_class_left_is_said_in_the_words_of_unittest", Box::new(words_of_unittest)),
    ]);
    all
}

/// All that is said about a suite.
fn as_known((suite, options, all): &Case) -> Result<Hunted, String> {
    let folder = copy(suite)?;
    let hunted = hunt(folder.path(), &pytest()?, options)?;
    equal("findings", hunted.of_kind("finding").len(), all.len())
        .map_err(|error| format!("{error}: {:#?}", hunted.lines))?;
    for known in *all {
        said(&hunted, known)?;
    }
    Ok(hunted)
}

fn said(hunted: &Hunted, known: &Known) -> Result<(), String> {
    let Known(kind, victim, before, cause, guilty) = known;
    let finding = hunted.finding(victim)?;
    equal("kind", finding["finding"].as_str(), Some(kind))?;
    equal("before", strings(&finding[before_key(kind)]), before.to_vec())?;
    equal("cause", finding["cause"].as_str(), Some(cause))
        .map_err(|error| format!("{error}: {finding:#}"))?;
    let line = &finding["guilty"];
    let found = line["file"].as_str().zip(line["code"].as_str());
    equal("guilty line", found, *guilty).map_err(|error| format!("{error}: {finding:#}"))
}

fn before_key(kind: &str) -> &'static str {
    if kind == "brittle" { "state_setters" } else { "polluters" }
}

fn few_runs() -> Result<(), String> {
    let hunted = as_known(&CASES[0])?;
    let runs = hunted.summary()?["runs"].as_u64();
    equal("at most 25 runs", runs.is_some_and(|runs| runs <= 25), true)
        .map_err(|error| format!("{error}: {runs:?}"))
}

const SPOILT: &str = "state = {'on': 0}


def test_victim():
    assert not state['on']


def test_polluter():
    state['on'] = 1


def test_first_cleaner():
    state['on'] = 0


def test_also_pollutes():
    state['on'] = 2


def test_second_cleaner():
    state.clear()
    state['on'] = 0


def test_last_pollutes():
    state['on'] = 3
";

/// Each group of tests that has a cleaner ends with a test that spoils the victim again.
fn cleaners_one_by_one() -> Result<(), String> {
    let folder = suite(&[("test_a.py", SPOILT)])?;
    let hunted =
        hunt(folder.path(), &pytest()?, &["--victim", "test_a.py::test_victim", "--timestamps", "real"])?;
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]).len(), 1)?;
    equal(
        "cleaners",
        strings(&finding["cleaners"]),
        vec!["test_a.py::test_first_cleaner", "test_a.py::test_second_cleaner"],
    )
    .map_err(|error| format!("{error}: {finding:#}"))
}

/// Every finding has a cause; what nobody had time for is not called unknown.
fn not_sought() -> Result<(), String> {
    let folder = copy("no_time_for_the_cause")?;
    let (options, python) = (["--orders", "given", "--timestamps", "real", "--budget"], pytest()?);
    let hunt = |budget: &str| hunt(folder.path(), &python, &[&options[..], &[budget]].concat());
    let hunted = cut_short(5, hunt, given_ran)?;
    let causes: Vec<&str> =
        hunted.of_kind("finding").into_iter().filter_map(|finding| finding["cause"].as_str()).collect();
    let one_of = causes.iter().all(|cause| ["changed-state", "not-sought"].contains(cause));
    equal("causes", one_of, true).map_err(|error| format!("{error}: {causes:?}"))?;
    let told = causes.len() + hunted.summary()?["seen_failing"].as_array().map_or(0, Vec::len);
    equal("told of the victim", told, 1)
}

/// Whatever the time was enough for, both victims are told of; a resumed hunt finds both, and begins with them.
fn told_and_resumed() -> Result<(), String> {
    let (folder, journal) = (copy("seen_failing")?, tempfile::tempdir().map_err(|error| error.to_string())?);
    let kept = journal.path().to_string_lossy().into_owned();
    let options = ["--timestamps", "real", "--journal", &kept];
    let python = pytest()?;
    let hunting = |more: &[&str]| hunt(folder.path(), &python, &[&options[..], more].concat());
    let first = cut_short(4, |budget| hunting(&["--budget", budget]), given_ran)?;
    let victims = |hunted: &Hunted| -> Result<Vec<String>, String> {
        let found = hunted.of_kind("finding").into_iter().map(|finding| &finding["victim"]);
        let seen =
            hunted.summary()?["seen_failing"].as_array().into_iter().flatten().map(|seen| &seen["test"]);
        let mut all: Vec<String> = found.chain(seen).filter_map(Value::as_str).map(str::to_owned).collect();
        all.sort();
        Ok(all)
    };
    let both = vec!["test_slow.py::test_empty".to_owned(), "test_slow.py::test_still_empty".to_owned()];
    equal("told of", victims(&first)?, both.clone())?;
    let resumed = hunting(&["--resume"])?;
    equal("found", resumed.of_kind("finding").len(), 2)?;
    equal("found when resumed", victims(&resumed)?, both)?;
    let added = Some("queue_of_jobs.jobs.append(1)");
    let lines = resumed.of_kind("finding").into_iter().map(|finding| finding["guilty"]["code"].as_str());
    equal("guilty lines", lines.collect(), vec![added; 2])
}

fn module_directory() -> Result<(), String> {
    let (folder, emitted) =
        (copy("module_directory")?, tempfile::tempdir().map_err(|error| error.to_string())?);
    let place = emitted.path().to_string_lossy().into_owned();
    let hunted = hunt(folder.path(), &pytest()?, &["--emit", &place])?;
    let finding = hunted.finding("test_plugins.py::test_second")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_plugins.py::test_first"])?;
    equal("cause", finding["cause"].as_str(), Some("stale-directory-listing"))
        .map_err(|error| format!("{error}: {finding:#}"))?;
    equal("timestamps", finding["timestamps"].as_str(), Some("frozen"))?;
    let listing = Some("return importlib.import_module(name).NAME");
    equal("guilty line", finding["guilty"]["code"].as_str(), listing)?;
    equal("remedy", finding["remedies"][0]["remedy"].as_str(), Some("call importlib.invalidate_caches()"))?;
    equal("verified", finding["remedies"][0]["verified"].as_bool(), Some(true))?;
    let files = strings(&finding["reproduction"]["files"]);
    let scenario = files.iter().any(|file| Path::new(file).extension().is_some_and(|end| end == "toml"));
    equal("a scenario", scenario, true).map_err(|error| format!("{error}: {files:?}"))
}

fn other_group() -> Result<(), String> {
    let folder = copy("other_group")?;
    let options = ["--test-timeout", "2s", "--timestamps", "real"];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    equal("halted", hunted.summary()?["halted"].as_str(), None)?;
    let broken = &hunted.summary()?["broken"];
    equal("broken", broken.as_array().map(Vec::len), Some(1))
        .map_err(|error| format!("{error}: {broken}"))?;
    equal("outcome", broken[0]["outcome"].as_str(), Some("timed out"))
}

/// Nobody outside of pytest knows the names of its own fixtures.
fn words_of_unittest() -> Result<(), String> {
    let folder = copy("set_up_class")?;
    let hunted = hunt(folder.path(), &pytest()?, REAL)?;
    let finding = hunted.finding("test_made.py::TestMade::test_plain")?;
    let text = finding["state"].to_string();
    equal(
        "a private name",
        text.contains("_unittest_setUpClass_fixture") || text.contains("__pytest_class_setup"),
        false,
    )
    .map_err(|error| format!("{error}: {text}"))?;
    let place = &finding["victim_at"]["function"];
    equal("fails in", place.as_str(), Some("tearDownClass of TestMade"))
        .map_err(|error| format!("{error}: {finding:#}"))
}

/// What a test leaves because it fails is nothing that taster can put back; what made it fail is, and helps both.
fn chained() -> Result<(), String> {
    let library = "import ctypes\n\nmode = \"plain\"\nbusy = ctypes.create_string_buffer(1)\n";
    let tests = "import library\n\n\ndef test_idle():\n    assert library.busy.raw == b\"\\0\"\n\n\n\
                 def test_is_busy():\n    library.busy.raw = b\"1\"\n    assert library.mode == \"plain\"\n    \
                 library.busy.raw = b\"\\0\"\n\n\ndef test_sets_mode():\n    library.mode = \"other\"\n";
    let folder = suite(&[("library.py", library), ("test_a.py", tests)])?;
    // A hunt for a named test asks why the other one fails only for the sake of this one.
    for options in [REAL, &["--timestamps", "real", "--victim", "test_a.py::test_idle"]] {
        chained_in(&hunt(folder.path(), &pytest()?, options)?)?;
    }
    Ok(())
}

fn chained_in(hunted: &Hunted) -> Result<(), String> {
    let finding = hunted.finding("test_a.py::test_idle")?;
    let both = vec!["test_a.py::test_sets_mode", "test_a.py::test_is_busy"];
    equal("polluters", strings(&finding["polluters"]), both)?;
    equal("cause", finding["cause"].as_str(), Some("changed-state"))?;
    equal("state", finding["state"][0]["cell"].as_str(), Some("library.mode"))?;
    equal("line", finding["guilty"]["code"].as_str(), Some("library.mode = \"other\""))?;
    let remedy = &finding["remedies"][0];
    equal("before", remedy["before"].as_str(), Some("test_a.py::test_is_busy"))?;
    equal("verified", remedy["verified"].as_bool(), Some(true))
}
