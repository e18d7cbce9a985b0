//! Suites that cannot be collected, or only in part, sessions that are asked to stop, and budgets that end in the
//! middle of a run.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::budgets::{cut_short, given_ran};
use crate::environments::{python, run};
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{PYTHON, copy, pytest};

type Fault = fn() -> Result<(), String>;

const QUICK: [&str; 4] = ["--orders", "given", "--timestamps", "real"];

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Fault); 18] = [
        ("every_pair_runs_around_tests_that_end_pytest", pairs),
        ("a_session_that_wants_to_stop_goes_on", stopping),
        ("pairs_around_a_crash_are_not_counted", crash),
        ("what_a_daemon_holds_open_keeps_no_process_waiting", daemon),
        ("a_test_that_kills_its_parent_is_survived_by_a_process_per_order_too", parent),
        ("a_parent_that_somebody_traces_is_not_lost", traced),
        ("tests_that_fail_alone_end_no_search", failing_alone),
        ("nothing_collected_is_told_in_the_words_of_pytest", nothing),
        ("some_files_that_cannot_be_collected_are_named", some),
        ("a_budget_ends_a_test_that_hangs", hanging),
        ("a_test_that_waits_for_what_another_took_is_heard_of", waiting),
        ("a_budget_that_ends_behind_the_last_pair_cuts_nothing_short", beyond),
        ("a_budget_ends_collection", collecting),
        ("what_an_order_had_run_when_the_budget_ended_counts", within_an_order),
        ("a_test_seen_failing_and_not_looked_into_is_listed", seen_failing),
        ("a_look_at_the_state_that_fails_is_told", failing_look),
        ("what_taster_reads_directories_with_may_be_replaced", replaced),
        ("what_a_file_takes_away_when_it_is_collected_ends_no_hunt", taken_away),
    ];
    all.into_iter()
        .map(|(name, run)| Trial::test(format!("fault::{name}"), move || run().map_err(Failed::from)))
        .collect()
}

/// A folder with these files.
pub(crate) fn suite(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in files {
        fs::write(folder.path().join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

const VICTIM: &str = "state = []\n\n\ndef test_fails():\n    assert 0\n\n\ndef test_pollutes():\n    state.append(1)\n\n\n\
                      def test_victim():\n    assert not state\n";

/// The time limit of a minute is longer than the hunt: the others took next to nothing, so nobody waits for it that long.
fn waiting() -> Result<(), String> {
    let test = "import time\n\nstate = []\n\n\ndef test_waits():\n    while state:\n        time.sleep(0.1)\n\n\n\
                def test_pollutes():\n    state.append(1)\n";
    let folder = suite(&[("test_a.py", test)])?;
    let options = ["--orders", "given,reverse", "--timestamps", "real", "--budget", "40s", "--no-commands"];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    let seen = hunted.summary()?["seen_failing"].clone();
    let message = match hunted.finding("test_a.py::test_waits") {
        Ok(finding) => finding["message"].clone(),
        Err(_) => seen[0]["message"].clone(),
    };
    let is_told = message.as_str().is_some_and(|text| text.contains("the test was at work for more than "));
    equal(&format!("told: {message}"), is_told, true)
}

/// A function that a test replaces is a cause as any other, though taster reads directories with it.
fn replaced() -> Result<(), String> {
    let test = "import os\n\n\ndef test_pollutes():\n    os.scandir = None\n\n\ndef test_victim():\n    assert os.scandir\n";
    let folder = suite(&[("test_a.py", test)])?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    names_the_victim(&hunted)?;
    let cause = hunted.finding("test_a.py::test_victim")?["cause"].as_str().map(str::to_owned);
    equal("cause", cause.as_deref(), Some("changed-state"))
}

/// What taster reads directories with is gone once this is collected.
fn taken_away() -> Result<(), String> {
    let test = format!("import os\n\nos.listdir = os.scandir = None\n\n{VICTIM}");
    let folder = suite(&[("test_a.py", &test)])?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given,reverse", "--timestamps", "real"])?;
    names_the_victim(&hunted)
}

fn names_the_victim(hunted: &Hunted) -> Result<(), String> {
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_pollutes"])
}

fn pairs() -> Result<(), String> {
    let folder = copy("ends_pytest")?;
    let hunted =
        hunt(folder.path(), &pytest()?, &["--orders", "given,reverse,pairs", "--timestamps", "real"])?;
    let pairs = &hunted.summary()?["neighbours"];
    equal("pairs", &pairs["covered"], &pairs["total"])?;
    let broken = hunted.summary()?["broken"].as_array().cloned().unwrap_or_default();
    let said = broken.iter().find(|each| each["test"] == "test_ends.py::test_exits_pytest");
    let said = said.and_then(|each| each["message"].as_str()).unwrap_or_default();
    equal("its text", said.ends_with("Exit: enough"), true).map_err(|error| format!("{error}: {said}"))
}

fn stopping() -> Result<(), String> {
    let of_a_hook = "import pytest\n\n\ndef pytest_runtest_logreport(report):\n    if report.failed:\n        \
                     pytest.exit('the first failure')\n";
    let of_a_setting = "def pytest_runtest_makereport(item):\n    item.session.shouldstop = 'seen enough'\n";
    for conftest in [of_a_hook, of_a_setting, ""] {
        let folder = suite(&[("conftest.py", conftest), ("test_a.py", VICTIM)])?;
        for options in [&["-x"][..], &["--maxfail=1"], &["--stepwise"]] {
            let hunted = hunt(folder.path(), &pytest()?, &[&QUICK[..], &["--"], options].concat())?;
            names_the_victim(&hunted)?;
            equal("pairs", hunted.summary()?["neighbours"]["covered"].as_u64(), Some(2))?;
        }
    }
    Ok(())
}

fn crash() -> Result<(), String> {
    let text = "import os\n\n\ndef test_one():\n    pass\n\n\ndef test_leaves():\n    os._exit(1)\n\n\ndef test_two():\n    pass\n";
    let folder = suite(&[("test_a.py", text)])?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    // test_one and test_leaves; then, without the latter, test_one and test_two.
    equal("pairs", hunted.summary()?["neighbours"]["covered"].as_u64(), Some(2))?;
    equal("orders", hunted.summary()?["orders"]["given"].as_u64(), Some(2))
}

fn daemon() -> Result<(), String> {
    let folder = copy("leaves_its_group")?;
    let options = ["--fresh", "--test-timeout", "1s"];
    let hunted = hunt(folder.path(), &pytest()?, &[&QUICK[..], &options].concat())?;
    let finding = hunted.finding("test_leaves.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_leaves.py::test_pollutes"])?;
    equal("broken", hunted.summary()?["broken"].as_array().map(Vec::len), Some(3))
}

fn parent() -> Result<(), String> {
    let folder = copy("kills_its_parent")?;
    let hunted = hunt(folder.path(), &pytest()?, &[&QUICK[..], &["--fresh"]].concat())?;
    let finding = hunted.finding("test_kills.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_kills.py::test_pollutes"])?;
    let broken = hunted.summary()?["broken"].as_array().cloned().unwrap_or_default();
    let named = ["kills_the_parent", "stops_the_parent"].map(|name| format!("test_kills.py::test_{name}"));
    for name in named {
        let it =
            broken.iter().find(|each| each["test"] == name.as_str()).ok_or(format!("{name} is not named"))?;
        equal("outcome", it["outcome"].as_str(), Some("crashed"))?;
    }
    Ok(())
}

/// A tracer stops a process at each of its calls; a signal stops it for good.
fn traced() -> Result<(), String> {
    let here = |path: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut command = Command::new(python(PYTHON)?);
    command.arg(here("tests/hunt/traced.py")).arg(here("src/suite/plugin/unstoppable.py"));
    equal("parents, traced and stopped", run(&mut command)?.trim(), "there lost")
}

/// Files, options, and what pytest says of them.
type Refused = (&'static [(&'static str, &'static str)], &'static [&'static str], &'static str);

/// Each of them runs in a process of its own too, which is used up by then; then come states of few tests.
fn failing_alone() -> Result<(), String> {
    let text = "import pytest\n\n\n@pytest.fixture(scope='module')\ndef calls():\n    return []\n\n\n\
                def test_fails():\n    assert 0\n\n\ndef test_fails_too():\n    assert 0\n\n\n\
                def test_victim(calls):\n    assert 'x' not in calls\n\n\n\
                def test_pollutes(calls):\n    calls.append('x')\n";
    let folder = suite(&[("test_a.py", text)])?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given,state", "--timestamps", "real"])?;
    equal("halted", hunted.summary()?["halted"].as_str(), None)?;
    names_the_victim(&hunted)?;
    equal("broken", hunted.summary()?["broken"].as_array().map(Vec::len), Some(2))
}

fn nothing() -> Result<(), String> {
    const GOOD: (&str, &str) = ("test_a.py", "def test_a():\n    pass\n");
    let cases: [Refused; 7] = [
        (&[("test_a.py", "def f(:\n")], &[], "SyntaxError: invalid syntax"),
        (&[("test_a.py", "import no_such_module\n")], &[], "No module named 'no_such_module'"),
        (&[("test_a.py", "import sys\n\nsys.exit('not here')\n")], &[], "SystemExit: not here"),
        (&[("conftest.py", "import no_such_module\n"), GOOD], &[], "No module named 'no_such_module'"),
        (&[("conftest.py", "import sys\n\nsys.exit('not here')\n"), GOOD], &[], "SystemExit: not here"),
        (&[GOOD], &["--", "no_such_file.py"], "not found: no_such_file.py"),
        (&[GOOD], &["--", "-k", "nothing"], "1 deselected"),
    ];
    for (files, options, said) in cases {
        let error = hunt(suite(files)?.path(), &pytest()?, options).err().unwrap_or_default();
        equal("status and words", error.contains("status 2") && error.contains(said), true)
            .map_err(|what| format!("{what} ({said}): {error}"))?;
    }
    let empty = hunt(suite(&[])?.path(), &pytest()?, &[]).err().unwrap_or_default();
    equal("nothing there", empty.contains("status 2") && empty.contains("collected 0 items"), true)
        .map_err(|what| format!("{what}: {empty}"))
}

fn some() -> Result<(), String> {
    let folder = suite(&[
        ("test_a.py", VICTIM),
        ("test_b.py", "def f(:\n"),
        ("test_c.py", "import pytest\n\npytest.exit('not here')\n"),
        ("test_d.py", "raise KeyboardInterrupt\n"),
    ])?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    names_the_victim(&hunted)?;
    let broken = hunted.summary()?["broken"].as_array().cloned().unwrap_or_default();
    let named: Vec<&str> = broken.iter().filter_map(|each| each["test"].as_str()).collect();
    equal("named", named, vec!["test_a.py::test_fails", "test_b.py", "test_c.py", "test_d.py"])?;
    let said = broken[1]["message"].as_str().unwrap_or_default();
    equal("said of test_b.py", said.lines().next(), Some("SyntaxError: invalid syntax"))
}

/// The hunt was ended by its budget, and says nothing of tests that it has not seen fail.
/// A hunt that its budget ends, when it has got far enough.
fn halted(
    folder: &Path,
    options: &[&str],
    seconds: u64,
    is_enough: fn(&Value) -> bool,
) -> Result<Hunted, String> {
    let python = pytest()?;
    cut_short(seconds, |budget| hunt(folder, &python, &[options, &["--budget", budget]].concat()), is_enough)
}

fn ended(hunted: &Hunted, status: i32) -> Result<(), String> {
    equal("exit status", hunted.status, status)?;
    equal("halted", hunted.summary()?["halted"].as_str(), Some("the budget is used up"))?;
    equal("broken", hunted.summary()?["broken"].as_array().map(Vec::len), Some(0))
}

fn hanging() -> Result<(), String> {
    let folder = suite(&[("test_a.py", "import time\n\n\ndef test_a():\n    time.sleep(1000)\n")])?;
    for fresh in [&[][..], &["--fresh"]] {
        let hunted = halted(folder.path(), &[&QUICK[..], fresh].concat(), 5, |_| true)?;
        ended(&hunted, 3)?;
        equal("seen failing", hunted.summary()?["seen_failing"].as_array().map(Vec::len), Some(0))?;
    }
    Ok(())
}

/// Every pair follows from state before the budget ends, so what it ends is no search that was cut short.
fn beyond() -> Result<(), String> {
    let test = |number| format!("def test_{number}():\n    time.sleep(0.2)\n\n\n");
    let tests: String = (0..12).map(test).collect();
    let folder = suite(&[("test_a.py", &format!("import time\n\n\n{tests}"))])?;
    let all_pairs = |summary: &Value| summary["pairs"]["left"].as_u64() == Some(0);
    let hunted = halted(folder.path(), &["--jobs", "1", "--no-commands"], 15, all_pairs)?;
    let summary = hunted.summary()?;
    let pairs = &summary["pairs"];
    let told = summary["notes"].to_string().contains("every ordered pair is accounted for");
    let seen = (told, pairs["left"].as_u64(), summary["complete"].as_bool(), hunted.status);
    equal("told, left, complete, status", seen, (true, Some(0), Some(true), 0))
        .map_err(|error| format!("{error}: {summary:#}"))
}

fn collecting() -> Result<(), String> {
    let folder = suite(&[("test_a.py", "import time\n\ntime.sleep(1000)\n")])?;
    let error = hunt(folder.path(), &pytest()?, &["--budget", "3s"]).err().unwrap_or_default();
    let said = "the budget of 3s was used up before pytest had collected the tests";
    equal("status and words", error.contains("status 2") && error.contains(said), true)
        .map_err(|what| format!("{what}: {error}"))
}

/// `test_b` hangs unless `test_a` has run, and fails if it has.
const FAILS_OR_HANGS: &str = "import time\n\nstate = []\n\n\ndef test_a():\n    state.append(1)\n\n\ndef test_b():\n    \
                              if not state:\n        time.sleep(1000)\n    assert not state\n";

fn within_an_order() -> Result<(), String> {
    let many: String = (0..60).map(|test| format!("\n\ndef test_{test}():\n    pass\n")).collect();
    // With many tests, they run alone on another process meanwhile.
    let beside = ["--orders", "given,state", "--timestamps", "real", "--jobs", "2"];
    for (more, options) in [("", &QUICK[..]), (&many, &beside)] {
        let text = format!("{FAILS_OR_HANGS}\n\ndef test_c():\n    time.sleep(1000)\n{more}");
        let folder = suite(&[("test_a.py", &text)])?;
        let two_ran = |summary: &Value| summary["neighbours"]["covered"].as_u64() >= Some(1);
        let hunted = halted(folder.path(), options, 4, two_ran)?;
        ended(&hunted, 3)?;
        equal("orders that ran", hunted.summary()?["orders"].as_object().map(serde_json::Map::len), Some(0))?;
        equal("pairs", hunted.summary()?["neighbours"]["covered"].as_u64(), Some(1))?;
        listed(&hunted, folder.path())?;
    }
    Ok(())
}

fn seen_failing() -> Result<(), String> {
    let folder = suite(&[("test_a.py", FAILS_OR_HANGS)])?;
    let hunted = halted(folder.path(), &QUICK, 4, given_ran)?;
    ended(&hunted, 3)?;
    equal("orders that ran", hunted.summary()?["orders"]["given"].as_u64(), Some(1))?;
    listed(&hunted, folder.path())
}

fn listed(hunted: &Hunted, folder: &Path) -> Result<(), String> {
    let seen = &hunted.summary()?["seen_failing"];
    equal("seen failing", seen.as_array().map(Vec::len), Some(1))
        .map_err(|error| format!("{error}: {seen}"))?;
    equal("test", seen[0]["test"].as_str(), Some("test_a.py::test_b"))?;
    equal("order", strings(&seen[0]["order"]), vec!["test_a.py::test_a", "test_a.py::test_b"])?;
    equal("the suite is still there", folder.join("test_a.py").is_file(), true)
}

/// The look at files asks of a directory whether it is an environment, with a function that the first test has replaced.
fn failing_look() -> Result<(), String> {
    let folder = suite(&[(
        "test_a.py",
        "import os\n\n\ndef broken(*arguments):\n    raise RuntimeError('no listing today')\n\n\n\
         def test_pollutes():\n    os.path.exists = broken\n\n\ndef test_victim():\n    assert os.path.exists is not broken\n",
    )])?;
    fs::create_dir(folder.path().join("data")).map_err(|error| error.to_string())?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("cause", finding["cause"].as_str(), Some("unknown"))?;
    equal("failed", finding["look_failed"].as_str(), Some("RuntimeError: no listing today"))
        .map_err(|error| format!("{error}: {finding:#}"))?;
    let note =
        "test_a.py::test_victim: taster's own look at the state failed: RuntimeError: no listing today";
    let notes = &hunted.summary()?["notes"];
    equal("note", strings(notes).contains(&note), true).map_err(|error| format!("{error}: {notes:#}"))
}
