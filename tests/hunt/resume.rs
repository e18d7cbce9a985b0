//! What is left when the time of a hunt ends, and what the next one takes from the journal.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::budgets::{cut_short, given_ran};
use crate::hunting::{Hunted, equal, run, strings};
use crate::{copy, pytest};

const EVERY_ORDER: [&str; 4] = ["--orders", "given,reverse,pairs,random", "--jobs", "2"];

type Run = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Run); 4] = [
        ("what_failed_is_told_when_the_time_ends_and_looked_into_first", seen_failing),
        ("a_complete_hunt_makes_no_run_when_it_is_resumed", complete),
        ("what_tests_do_with_their_file_alone_takes_one_answer_a_file", one_answer_a_file),
        ("a_journal_of_an_older_form_is_not_misread", older_form),
    ];
    let trial = |(name, test): (&str, fn() -> Result<(), String>)| {
        Trial::test(format!("resume::{name}"), move || Ok(test()?))
    };
    all.into_iter().map(trial).collect()
}

/// A hunt with its journal beside the suite.
fn hunt(
    folder: &Path,
    journal: &Path,
    options: &[&str],
    environment: &[(&str, &str)],
) -> Result<Hunted, String> {
    run(command(folder, journal)?.args(options).envs(environment.iter().copied()))
}

fn command(folder: &Path, journal: &Path) -> Result<Command, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command
        .args(["hunt", "--format", "json", "--python"])
        .arg(pytest()?)
        .arg("--journal")
        .arg(journal)
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .current_dir(folder);
    Ok(command)
}

const SEEN_FAILING: &str = "\
import os
import time

k = []


def alone():
    if not k and 'TASTER_SLOW_ALONE' in os.environ:
        time.sleep(600)


def test_a():
    k.append(1)


def test_b():
    alone()
    assert not k


def test_c():
    alone()
    assert not k
";

/// The time ends while the first of two tests runs alone.
fn seen_failing() -> Result<(), String> {
    let (folder, journal) = (tempdir()?, tempdir()?);
    fs::write(folder.path().join("test_slow.py"), SEEN_FAILING).map_err(|error| error.to_string())?;
    let options = ["--orders", "given", "--timestamps", "real"];
    let hunt = |more: &[&str], environment: &[(&str, &str)]| {
        hunt(folder.path(), journal.path(), &[&options[..], more].concat(), environment)
    };
    let slow = [("TASTER_SLOW_ALONE", "1")];
    let cut = cut_short(8, |budget| hunt(&["--budget", budget], &slow), given_ran)?;
    equal("exit status", cut.status, 3)?;
    equal("findings of the first", cut.of_kind("finding").len(), 0)?;
    let seen = cut.summary()?["seen_failing"].as_array().cloned().unwrap_or_default();
    let tests: Vec<&str> = seen.iter().filter_map(|each| each["test"].as_str()).collect();
    equal("seen failing", tests, vec!["test_slow.py::test_b", "test_slow.py::test_c"])?;
    let all = ["a", "b", "c"].map(|name| format!("test_slow.py::test_{name}"));
    equal("in this order", strings(&seen[1]["order"]), all.iter().map(String::as_str).collect())?;

    let resumed = hunt(&["--resume"], &[])?;
    equal("exit status", resumed.status, 1)?;
    for victim in ["test_slow.py::test_b", "test_slow.py::test_c"] {
        let finding = resumed.finding(victim)?;
        equal("polluters", strings(&finding["polluters"]), vec!["test_slow.py::test_a"])?;
        equal("cause", finding["cause"].as_str(), Some("changed-state"))?;
        equal("group", finding["group"].as_u64(), Some(1))?;
    }
    equal("still seen failing", resumed.summary()?["seen_failing"].to_string(), "[]".to_owned())?;
    let runs = resumed.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("few runs, and not {runs}"), runs <= 40, true)
}

fn complete() -> Result<(), String> {
    for suite in [
        "cleaner",
        "crash",
        "setter_fails_first",
        "side_effect",
        "left_file",
        "collection",
        "collection_import",
    ] {
        let (folder, journal) = (copy(suite)?, tempdir()?);
        let first = hunt(folder.path(), journal.path(), &EVERY_ORDER, &[])?;
        let again = [&EVERY_ORDER[..], &["--resume"]].concat();
        let again = hunt(folder.path(), journal.path(), &again, &[])?;
        equal(&format!("runs in {suite}"), again.summary()?["runs"].as_u64(), Some(0))?;
        let said = again.summary()?["notes"].to_string().contains("were taken from the journal");
        equal("said", said, true)?;
        equal(&format!("the report on {suite}"), without_time(&again), without_time(&first))?;
    }
    Ok(())
}

/// All that is reported, but how long it took and where it came from.
fn without_time(hunted: &Hunted) -> Vec<Value> {
    let mut lines = hunted.lines.clone();
    for line in lines.iter_mut().filter_map(Value::as_object_mut) {
        line.remove("seconds");
        line.remove("last_finding_seconds");
        if line["kind"] == "summary" {
            line.remove("runs");
        }
        if let Some(notes) = line.get_mut("notes").and_then(Value::as_array_mut) {
            notes.retain(|note| !note.to_string().contains("taken from the journal"));
        }
    }
    lines
}

/// The order that is given, its reverse, random ones until twenty have brought nothing, and one answer about each file.
fn one_answer_a_file() -> Result<(), String> {
    let (folder, journal) = (tempdir()?, tempdir()?);
    let tests: String = (0..40).map(|number| format!("def test_{number}():\n    pass\n\n\n")).collect();
    for name in ["test_a.py", "test_b.py"] {
        fs::write(folder.path().join(name), &tests).map_err(|error| error.to_string())?;
    }
    let options = ["--orders", "given,reverse,random", "--timestamps", "real", "-v"];
    let output = command(folder.path(), journal.path())?.args(options).output();
    let output = output.map_err(|error| error.to_string())?;
    equal("exit status", output.status.code(), Some(0))?;
    let progress = String::from_utf8_lossy(&output.stderr);
    let entries = fs::read_dir(journal.path()).map_err(|error| error.to_string())?.flatten();
    let texts = entries.map(|entry| fs::read_to_string(entry.path())).collect::<Result<String, _>>();
    let lines = texts.map_err(|error| error.to_string())?.lines().count();
    let (first_line, orders, seen_failing) = (1, 2 + 20, 1);
    equal("answers about files", lines - first_line - orders - seen_failing, 2)?;
    for file in ["test_a.py", "test_b.py"] {
        let said = progress.contains(&format!("{file} collected alone, 40 tests"));
        equal(&format!("{file} is told of"), said, true)?;
    }
    Ok(())
}

fn older_form() -> Result<(), String> {
    let (folder, journal) = (copy("cleaner")?, tempdir()?);
    let options = ["--orders", "given", "--timestamps", "real", "--resume"];
    let first = hunt(folder.path(), journal.path(), &options, &[])?;
    let entries = fs::read_dir(journal.path()).map_err(|error| error.to_string())?.flatten();
    let files: Vec<_> = entries.map(|entry| entry.path()).collect();
    equal("one journal", files.len(), 1)?;
    let text = fs::read_to_string(&files[0]).map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.lines().skip(1).collect();
    for first_line in ["", "taster-journal 1 0.0.1 abc\n"] {
        fs::write(&files[0], format!("{first_line}{}\n", lines.join("\n")))
            .map_err(|error| error.to_string())?;
        let again = hunt(folder.path(), journal.path(), &options, &[])?;
        equal("the report", without_time(&again), without_time(&first))?;
        equal("runs", &again.summary()?["runs"], &first.summary()?["runs"])?;
    }
    Ok(())
}

fn tempdir() -> Result<tempfile::TempDir, String> {
    tempfile::tempdir().map_err(|error| error.to_string())
}
