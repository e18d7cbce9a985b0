//! The guilty line and the line at which the victim fails, for each kind of state: comments in the suite mark both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::environments::{environment, python};
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{copy, pytest};

const QUICK: [&str; 4] = ["--orders", "given,reverse", "--timestamps", "real"];

/// Each victim, and the way from the test to its guilty line: what each line of it is in.
const WAYS: [(&str, &[&str]); 20] = [
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
    ("test_box_is_new", &["box"]),
    ("test_nothing_was_counted", &["test_counts"]),
    ("test_nothing_was_torn", &["torn_down"]),
    ("test_no_thread_was_there", &["test_starts_a_thread", "from_a_thread"]),
    ("test_nothing_is_mocked", &["test_mocks"]),
    ("test_no_unit_ran", &["setUp"]),
    ("test_no_loop_ran", &["test_sometimes"]),
    ("test_is_ready", &["test_makes_ready"]),
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
    trials
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

fn on(python: &PathBuf) -> Result<(), String> {
    let folder = copy("guilty_lines")?;
    let marks = marks(folder.path())?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    let wrong: Vec<String> =
        WAYS.iter().filter_map(|(victim, way)| is_told(&hunted, &marks, victim, way).err()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn is_told(hunted: &Hunted, marks: &Marks, victim: &str, way: &[&str]) -> Result<(), String> {
    let findings = hunted.of_kind("finding");
    let is_of =
        |each: &&&Value| each["victim"].as_str().is_some_and(|id| id.ends_with(&format!("::{victim}")));
    let finding = findings.iter().find(is_of).ok_or_else(|| format!("{victim}: no finding"))?;
    let named = |error: String| format!("{victim}: {error}: {finding}");
    for (word, field) in [("guilty", "guilty"), ("fails", "victim_at")] {
        let wanted = marks.get(&(word.to_owned(), victim.to_owned()));
        let place = &finding[field];
        let file = place["file"].as_str().unwrap_or_default().to_owned();
        let line = place["line"].as_u64().and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
        equal(field, Some(&(file, line)), wanted).map_err(named)?;
    }
    let calls = strings(&finding["guilty"]["calls"]);
    let functions: Vec<&str> =
        calls.iter().map(|call| call.split_once(" in ").map_or("", |(_, function)| function)).collect();
    equal("calls", functions, way.to_vec()).map_err(named)
}
