//! The guilty line and the line at which the victim fails, for each kind of state: comments in the suite mark both.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::environments::{environment, python};
use crate::faults::suite;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{copy, pytest};

const QUICK: [&str; 4] = ["--orders", "given,reverse", "--timestamps", "real"];

/// Each victim, and the way from the test to its guilty line: what each line of it is in.
const WAYS: [(&str, &[&str]); 25] = [
    ("test_mode_is_plain", &["test_sets_mode", "set_mode"]),
    ("test_table_has_no_entry", &["test_adds_an_entry"]),
    ("test_names_are_empty", &["test_appends", "each"]),
    ("test_level_is_one", &["test_changes_a_class"]),
    ("test_variable_is_not_set", &["test_sets_a_variable"]),
    ("test_mask_is_open", &["test_changes_the_mask"]),
    ("test_cache_is_empty", &["test_fills_a_cache"]),
    ("test_draws_first", &["test_draws"]),
    ("test_extra_is_not_loaded", &["test_imports"]),
    ("test_nothing_is_registered", &["test_imports_a_plugin", "module plugin"]),
    ("test_there_is_no_file", &["test_leaves_a_file"]),
    ("test_package_has_one_place", &["test_changes_a_path"]),
    ("test_box_is_new", &["test_fills_a_box"]),
    ("test_number_is_one", &["numbers"]),
    ("test_names_are_as_made", &["test_adds_a_name"]),
    ("test_signal_has_no_handler", &["test_ignores_a_signal"]),
    ("test_digits_are_many", &["test_calculates_roughly"]),
    ("test_there_is_no_user", &["test_names_a_user"]),
    ("test_nothing_was_counted", &["test_counts"]),
    ("test_nothing_was_torn", &["torn_down"]),
    ("test_no_thread_was_there", &["test_starts_a_thread", "from_a_thread"]),
    ("test_nothing_is_mocked", &["test_mocks"]),
    ("test_no_unit_ran", &["setUp"]),
    ("test_no_loop_ran", &["test_sometimes"]),
    ("test_is_ready", &["test_makes_ready"]),
];

/// Other suites: each with its folder, the victim, its guilty line, and the way to that line.
const SUITES: [(&str, &str, &str, &[&str]); 12] = [
    ("collection", "test_mode", "test_a.py:5", &["module test_a"]),
    ("collection_import", "test_mode", "test_a.py:6", &["module test_a"]),
    ("collection_environment", "test_mode", "test_a.py:5", &["module test_a"]),
    ("collection_refused", "test_b.py", "test_a.py:5", &["module test_a"]),
    ("half_imported", "test_proper", "half/__init__.py:3", &["test_eager", "module half"]),
    ("imported_again", "test_kinds", "test_again.py:10", &["test_imports_again"]),
    ("same_name", "test_first", "test_same_name.py:34", &["test_second"]),
    ("doctest", "counted.count", "counted.py:3", &["module counted"]),
    ("working_directory", "test_wants_directory", "test_directory.py:7", &["test_changes_directory"]),
    ("patched_library", "test_uses", "test_patched.py:7", &["test_replaces"]),
    ("setup_class", "test_b_reads", "test_unittest.py:12", &["test_a_changes"]),
    ("missing_submodule", "test_careless", "test_parts.py:5", &["test_careful"]),
];

/// Pythons with an environment each: name, version, package.
const OTHERS: [(&str, &str, &str); 4] = [
    ("pytest-5.4-3.6", "3.6", "pytest==5.4.3"),
    ("pytest-3.8", "3.8", "pytest"),
    ("pytest-3.12", "3.12", "pytest"),
    ("pytest-3.13", "3.13", "pytest"),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("guilty::each_kind", || on(&pytest()?).map_err(Failed::from))];
    for (name, version, package) in OTHERS {
        let of_it = move || on(&environment(name, version, &[package])?).map_err(Failed::from);
        let trial = Trial::test(format!("guilty::each_kind_{name}"), of_it);
        trials.push(trial.with_ignored_flag(python(version).is_err()));
    }
    for (name, victim, line, way) in SUITES {
        let run = move || in_suite(name, victim, line, way).map_err(Failed::from);
        trials.push(Trial::test(format!("guilty::in_{name}"), run));
    }
    trials.push(Trial::test("guilty::a_variable_of_a_context", || variable().map_err(Failed::from)));
    trials.push(Trial::test("guilty::a_stale_listing", || listing().map_err(Failed::from)));
    trials
        .push(Trial::test("guilty::an_entry_of_many_takes_one_run", || many_entries().map_err(Failed::from)));
    trials
        .push(Trial::test("guilty::what_takes_long_is_narrowed_down", || many_lines().map_err(Failed::from)));
    trials
}

fn in_suite(name: &str, victim: &str, line: &str, way: &[&str]) -> Result<(), String> {
    let folder = copy(name)?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    is_at(&hunted, victim, line, way)
}

/// The finding about a victim has this guilty line.
fn is_at(hunted: &Hunted, victim: &str, line: &str, way: &[&str]) -> Result<(), String> {
    let finding = about(hunted, victim)?;
    let guilty = &finding["guilty"];
    let found = format!("{}:{}", guilty["file"].as_str().unwrap_or_default(), guilty["line"]);
    equal("line", found.as_str(), line).map_err(|error| format!("{error}: {finding}"))?;
    equal("calls", functions(guilty), way.to_vec())
}

const LISTING: &str = "import importlib
import sys

import pytest


@pytest.fixture(scope='module')
def plugdir(tmp_path_factory):
    folder = tmp_path_factory.mktemp('plugins')
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def load(folder, name):
    (folder / (name + '.py')).write_text('NAME = %r\\n' % name)
    return importlib.import_module(name).NAME


def test_alpha(plugdir):
    assert load(plugdir, 'plugin_alpha') == 'plugin_alpha'


def test_beta(plugdir):
    assert load(plugdir, 'plugin_beta') == 'plugin_beta'
";

/// The line that listed the directory, in which the victim's module is not.
fn listing() -> Result<(), String> {
    let folder = suite(&[("test_plugins.py", LISTING)])?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given", "--timestamps", "frozen"])?;
    is_at(&hunted, "test_beta", "test_plugins.py:17", &["test_alpha", "load"])
}

const CONTEXT: &str = "import contextvars

user = contextvars.ContextVar('user', default='nobody')


def test_sets():
    user.set('eve')


def test_reads():
    assert user.get() == 'nobody'
";

/// A variable that has a value in the context of all tests; a variable that has a default is restored to that.
fn variable() -> Result<(), String> {
    let folder = suite(&[("test_context.py", CONTEXT)])?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    equal("cell", about(&hunted, "test_reads")?["state"][0]["cell"].as_str(), Some("test_context.user"))?;
    is_at(&hunted, "test_reads", "test_context.py:7", &["test_sets"])
}

const MANY_LINES: &str = "state = list(range(20000))


def test_polluter():
    for number in range(40000):
        if number == 30000:
            state[0] = 2
        number += 1


def test_victim():
    assert state[0] == 0
";
const MANY_ENTRIES: &str = "state = {number: number for number in range(20000)}
state['one'] = 1

def test_polluter():
    for number in range(40000):
        if number == 30000:
            state['one'] = 2
        number += 1


def test_victim():
    assert state['one'] == 1
";

/// One entry of a large dictionary takes little to read: it is looked at in each line of one run, beside what a hunt of two tests takes.
fn many_entries() -> Result<(), String> {
    let folder = suite(&[("test_many.py", MANY_ENTRIES)])?;
    let options = ["--orders", "given", "--timestamps", "real", "--no-commands", "--jobs", "1"];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    is_at(&hunted, "test_victim", "test_many.py:7", &["test_polluter"])?;
    // To narrow it down takes two more.
    let runs = hunted.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("at most 19 runs: {runs}"), runs <= 19, true)
}

/// A cell that is dear to read, and a test of many lines: not all looks have time in one run.
fn many_lines() -> Result<(), String> {
    let folder = suite(&[("test_many.py", MANY_LINES)])?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given", "--timestamps", "real"])?;
    is_at(&hunted, "test_victim", "test_many.py:7", &["test_polluter"])
}

/// A line of the suite, by what its comment says: `guilty: test_x` or `fails: test_x`.
type Marks = BTreeMap<(String, String), (String, usize)>;

fn marks(folder: &Path) -> Result<Marks, String> {
    let mut marks = Marks::new();
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let files = entries.flatten().map(|entry| entry.path());
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "py")) {
        let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (number, line) in text.lines().enumerate() {
            for word in ["guilty", "fails"] {
                let Some((_, rest)) = line.split_once(&format!("# {word}: ")) else { continue };
                let victim = rest.split_whitespace().next().unwrap_or_default();
                marks.insert((word.to_owned(), victim.to_owned()), (name.clone(), number + 1));
            }
        }
    }
    Ok(marks)
}

fn on(python: &Path) -> Result<(), String> {
    let folder = copy("guilty_lines")?;
    let marks = marks(folder.path())?;
    // However slow the machine is: each line must be sought.
    let hunted = hunt(folder.path(), python, &[&QUICK[..], &["--budget", "2h"]].concat())?;
    let wrong: Vec<String> =
        WAYS.iter().filter_map(|(victim, way)| is_told(&hunted, &marks, victim, way).err()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn is_told(hunted: &Hunted, marks: &Marks, victim: &str, way: &[&str]) -> Result<(), String> {
    let finding = about(hunted, victim)?;
    let named = |error: String| format!("{victim}: {error}: {finding}");
    for (word, field) in [("guilty", "guilty"), ("fails", "victim_at")] {
        let wanted = marks.get(&(word.to_owned(), victim.to_owned()));
        let place = &finding[field];
        let file = place["file"].as_str().unwrap_or_default().to_owned();
        let line = place["line"].as_u64().and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
        equal(field, Some(&(file, line)), wanted).map_err(named)?;
    }
    equal("calls", functions(&finding["guilty"]), way.to_vec()).map_err(named)
}

/// The finding about a test, by the end of its name.
fn about<'a>(hunted: &'a Hunted, victim: &str) -> Result<&'a Value, String> {
    let findings = hunted.of_kind("finding");
    let is_of = |each: &&Value| each["victim"].as_str().is_some_and(|id| id.ends_with(victim));
    findings.into_iter().find(is_of).ok_or_else(|| format!("{victim}: no finding in {:#?}", hunted.lines))
}

/// What the lines of a way are in.
fn functions(guilty: &Value) -> Vec<&str> {
    let calls = strings(&guilty["calls"]).into_iter();
    calls.map(|call| call.split_once(" in ").map_or("", |(_, function)| function)).collect()
}
