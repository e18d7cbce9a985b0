//! `taster hunt` in small suites, one for each kind of order dependency: one table lists the expected findings.

mod baselines;
mod begun;
mod budgets;
mod cells;
mod changed;
mod collected;
mod commands;
mod copies;
mod entries;
mod environments;
mod faults;
mod generated;
mod guilty;
mod hunting;
mod in_place;
mod known;
mod large;
mod looking;
mod many;
mod old_files;
mod packages;
mod patch_cases;
mod patch_collected;
mod patch_groups;
mod patch_in_c;
mod patch_setters;
mod patches;
mod peers;
mod place;
mod recipes;
mod reports;
mod resume;
mod sessions;
mod shards;
mod survey;
mod view;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use hunting::{Hunted, equal, hunt, strings};

const PYTHON: &str = "3.11";

/// The oldest and the newest that taster hunts with: Python, the environment's name, what is installed in it.
const ENDS: [(&str, &str, &str); 2] =
    [("3.6", "pytest-5.4-3.6", "pytest==5.4.3"), ("3.13", "pytest-3.13", "pytest")];

/// What must be found about one test: kind, victim, what comes before it, cause, the names of the state, cleaners.
struct Wanted(
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// One suite: its folder, options, all findings, the broken tests.
struct Case(&'static str, &'static [&'static str], &'static [Wanted], &'static [&'static str]);

const QUICK: &[&str] = &["--orders", "given,reverse", "--timestamps", "real"];
/// Commands of plain pytest would hang for their whole time limit, again and again.
const HANG: &[&str] = &["--orders", "given", "--timestamps", "real", "--test-timeout", "1s", "--no-commands"];
const COVERING: &[&str] = &["--orders", "given,reverse,pairs", "--timestamps", "real"];
const CHANGED: &str = "changed-state";

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case("two_polluters", QUICK, &[Wanted("victim", "test_two.py::test_victim",
        &["test_two.py::test_first", "test_two.py::test_second"], CHANGED, &["test_two.seen[:]"], &[])], &[]),
    Case("cleaner", COVERING, &[Wanted("victim", "test_cleaner.py::test_victim", &["test_cleaner.py::test_polluter"],
        CHANGED, &["test_cleaner.state['dirty']"], &["test_cleaner.py::test_cleaner"])], &[]),
    Case("brittle", QUICK, &[Wanted("brittle", "test_brittle.py::test_brittle", &["test_brittle.py::test_state_setter"],
        CHANGED, &["test_brittle.prepared[:]"], &[])], &[]),
    Case("fixtures", QUICK, &[
        Wanted("victim", "test_a.py::test_reads_module_value", &["test_a.py::test_spoils_module_value"], CHANGED,
            &["fixture module_wide (module)"], &["test_b.py::test_session_value_is_one", "test_b.py::test_module_value_is_its_own"]),
        Wanted("victim", "test_a.py::TestClass::test_reads_class_value", &["test_a.py::TestClass::test_spoils_class_value"],
            CHANGED, &["fixture class_wide (class)"], &["test_a.py::test_spoils_module_value",
            "test_a.py::test_reads_module_value", "test_b.py::test_session_value_is_one", "test_b.py::test_module_value_is_its_own"]),
    ], &[]),
    Case("setup_class", QUICK, &[Wanted("victim", "test_unittest.py::Base::test_b_reads",
        &["test_unittest.py::Base::test_a_changes"], CHANGED, &["setUpClass of Base"],
        &["test_unittest.py::Other::test_alone"])], &[]),
    Case("odd_ids", QUICK, &[Wanted("victim", "test_odd.py::test_odd[-k]", &["test_odd.py::test_odd[\\u65e5\\u672c]"],
        CHANGED, &["test_odd.last['value']"], &[])], &[]),
    Case("chain_of_four", QUICK, &[
        Wanted("victim", "test_chain.py::test_two", &["test_chain.py::test_one"], CHANGED, &["test_chain.steps[:]"], &[]),
        Wanted("victim", "test_chain.py::test_four", &["test_chain.py::test_one", "test_chain.py::test_two",
            "test_chain.py::test_three"], CHANGED, &["test_chain.steps[:]"], &[]),
        Wanted("victim", "test_chain.py::test_victim", &["test_chain.py::test_one", "test_chain.py::test_two",
            "test_chain.py::test_three", "test_chain.py::test_four"], CHANGED, &["test_chain.steps[:]"], &[]),
    ], &[]),
    Case("resorting", QUICK, &[Wanted("victim", "test_sorted.py::test_b_victim", &["test_sorted.py::test_a_polluter"],
        CHANGED, &["test_sorted.state[:]"], &[])], &[]),
    Case("setter_fails_first", QUICK, &[
        Wanted("brittle", "test_setter.py::test_brittle", &["test_setter.py::test_setter"], CHANGED,
            &["test_setter.state['set']"], &[]),
        Wanted("brittle", "test_setter.py::test_setter", &["test_setter.py::test_warms"], CHANGED,
            &["test_setter.state['warm']"], &[]),
    ], &[]),
    Case("process_id", QUICK, &[Wanted("victim", "test_pid.py::test_victim", &["test_pid.py::test_polluter"], CHANGED,
        &["test_pid.state[:]"], &[])], &[]),
    Case("left_file", QUICK, &[Wanted("victim", "test_file.py::test_wants_no_file", &["test_file.py::test_leaves_a_file"],
        CHANGED, &["file left.txt"], &[])], &[]),
    Case("crash", QUICK, &[Wanted("victim", "test_crash.py::test_leaves_if_armed", &["test_crash.py::test_arms"], CHANGED,
        &["test_crash.state[:]"], &[])], &["test_crash.py::test_always_crashes"]),
    Case("ends_pytest", COVERING, &[Wanted("victim", "test_ends.py::test_victim", &["test_ends.py::test_pollutes"],
        CHANGED, &["test_ends.state[:]"], &[])], &["test_ends.py::test_interrupts", "test_ends.py::test_exits_pytest",
        "test_ends.py::test_exits_python", "test_ends.py::test_closes_a_generator",
        "test_ends.py::test_is_interrupted_when_set_up", "test_ends.py::test_leaves_when_torn_down",
        "test_ends.py::TestUnit::test_interrupts", "test_ends.py::TestClass::test_one", "test_ends.py::TestClass::test_two",
        "test_ends.py::TestTearDown::test_one", "test_module.py::test_one", "test_module.py::test_two"]),
    Case("kills_its_parent", QUICK, &[Wanted("victim", "test_kills.py::test_victim", &["test_kills.py::test_pollutes"],
        CHANGED, &["test_kills.state[:]"], &[])], &["test_kills.py::test_kills_the_parent",
        "test_kills.py::test_stops_the_parent", "test_kills.py::test_kills_the_parents_group",
        "test_kills.py::test_kills_its_own_group"]),
    Case("leaves_its_group", HANG, &[Wanted("victim", "test_leaves.py::test_victim", &["test_leaves.py::test_pollutes"],
        CHANGED, &["test_leaves.state[:]"], &[])], &["test_leaves.py::test_joins_another_group",
        "test_leaves.py::test_ignores_signals", "test_leaves.py::test_stops_itself"]),
    Case("hang", HANG, &[Wanted("victim", "test_hang.py::test_hangs", &["test_hang.py::test_polluter"], CHANGED,
        &["test_hang.state[:]"], &[])], &[]),
    Case("collection", QUICK, &[Wanted("collection", "test_b.py::test_mode", &["test_a.py"], "import-side-effect",
        &["settings.mode"], &[])], &[]),
    Case("collection_import", QUICK, &[Wanted("collection", "test_b.py::test_mode", &["test_a.py"], "retained-module",
        &["sys.modules['settings']"], &[])], &[]),
    Case("collection_environment", QUICK, &[Wanted("collection", "test_b.py::test_mode", &["test_a.py"],
        "import-side-effect", &["os.environ['TASTER_MODE']"], &[])], &[]),
    Case("collection_refused", QUICK, &[Wanted("collection", "test_b.py", &["test_a.py"], "retained-module",
        &["sys.modules['settings']"], &[])], &[]),
    Case("half_imported", QUICK, &[Wanted("victim", "test_half.py::test_proper", &["test_half.py::test_eager"],
        "half-imported-package", &["sys.modules['half.sub']"], &[])], &[]),
    Case("circular", QUICK, &[Wanted("brittle", "test_circular.py::test_from_the_end",
        &["test_circular.py::test_from_the_middle"], "circular-import", &["sys.modules['ends']", "sys.modules['middle']"], &[])], &[]),
    Case("side_effect", QUICK, &[Wanted("victim", "test_registry.py::test_nothing_is_registered",
        &["test_registry.py::test_plugin"], "import-side-effect", &["registry.names[:]"], &[])], &[]),
    Case("imported_again", QUICK, &[Wanted("victim", "test_again.py::test_kinds", &["test_again.py::test_imports_again"],
        "retained-module", &["sys.modules['shapes']"], &[])], &[]),
    Case("same_name", QUICK, &[
        Wanted("victim", "test_same_name.py::test_first", &["test_same_name.py::test_second"], "retained-module",
            &["sys.modules['same_name']"], &[]),
        Wanted("victim", "test_same_name.py::test_second", &["test_same_name.py::test_first"], "retained-module",
            &["sys.modules['same_name']"], &[]),
    ], &[]),
    Case("missing_submodule", QUICK, &[Wanted("brittle", "test_parts.py::test_careless", &["test_parts.py::test_careful"],
        "missing-submodule", &["sys.modules['parts']"], &[])], &[]),
    Case("doctest", QUICK, &[Wanted("victim", "counted.py::counted.count", &["counted.py::counted"], CHANGED,
        &["counted.counted[:]"], &[])], &[]),
    Case("environment", QUICK, &[Wanted("victim", "test_environment.py::test_wants_no_variable",
        &["test_environment.py::test_sets_variable"], CHANGED, &["os.environ['TASTER_SUITE']"], &[])], &[]),
    Case("working_directory", QUICK, &[Wanted("victim", "test_directory.py::test_wants_directory",
        &["test_directory.py::test_changes_directory"], CHANGED, &["os.getcwd()"], &[])], &[]),
    Case("patched_library", QUICK, &[Wanted("victim", "test_patched.py::test_uses", &["test_patched.py::test_replaces"],
        CHANGED, &["string.capwords"], &[])], &[]),
];

/// Findings that are about modules.
const MODULES: &[(&str, &[&str])] = &[
    ("test_parts.py::test_careless", &["parts.wheel"]),
    ("test_circular.py::test_from_the_end", &["ends", "middle"]),
    ("test_registry.py::test_nothing_is_registered", &["plugin_one"]),
];

/// What is said of a victim that is an example in documentation.
const EXAMPLE: (&str, &str) = ("counted.py::counted.count", "Expected: 0 Got: 1");

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = missing(PYTHON);
    let mut trials = suites("suite", pytest);
    trials.extend(sessions::trials());
    trials.extend(large::trials());
    trials.extend(faults::trials());
    trials.extend(survey::trials());
    trials.extend(changed::trials());
    trials.extend(view::trials());
    trials.extend(old_files::trials());
    trials.extend(in_place::trials());
    trials.extend(looking::trials());
    trials.extend(cells::trials());
    trials.extend(guilty::trials());
    trials.extend(collected::trials());
    trials.extend(resume::trials());
    trials.extend(peers::trials());
    trials.extend(patches::trials());
    trials.extend(patch_groups::trials());
    trials.extend(patch_collected::trials());
    trials.extend(known::trials());
    trials.extend(begun::trials());
    trials.extend(commands::trials());
    trials.extend(copies::trials());
    trials.extend(baselines::trials());
    trials.extend(recipes::trials());
    trials.extend(reports::trials());
    trials.extend(shards::trials());
    let mut trials: Vec<Trial> = trials.into_iter().map(|trial| trial.with_ignored_flag(missing)).collect();
    for (version, name, package) in ENDS {
        let missing = self::missing(version);
        let on_it = suites(name, move || environments::environment(name, version, &[package]));
        trials.extend(on_it.into_iter().map(|trial| trial.with_ignored_flag(missing)));
    }
    let missing = self::missing(ENDS[0].0);
    trials.extend(packages::trials().into_iter().map(|trial| trial.with_ignored_flag(missing)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Whether a Python is missing, which is said.
fn missing(version: &str) -> bool {
    let missing = environments::python(version).err();
    if let Some(reason) = &missing {
        let _closed = writeln!(std::io::stderr(), "{reason}");
    }
    missing.is_some()
}

/// All suites with one pytest.
fn suites(group: &str, python: impl Fn() -> Result<PathBuf, String> + Copy + Send + 'static) -> Vec<Trial> {
    let trial = move |case: &'static Case| {
        let judge = move || judged(case, &python()?).map_err(Failed::from);
        Trial::test(format!("{group}::{}", case.0), judge)
    };
    CASES.iter().map(trial).collect()
}

/// A Python with pytest, the same for all.
fn pytest() -> Result<PathBuf, String> {
    environments::environment("pytest-3.11", PYTHON, &["pytest"])
}

/// A copy of a suite that a test may spoil.
fn copy(suite: &str) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites").join(suite);
    copy_folder(&source, folder.path()).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)?.flatten().filter(|entry| entry.file_name() != "__pycache__") {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&place)?;
            copy_folder(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

fn judged(case: &Case, python: &Path) -> Result<(), String> {
    let folder = copy(case.0)?;
    let before = names(folder.path())?;
    let hunted = hunt(folder.path(), python, case.1)?;
    equal("exit status", hunted.status, 1)?;
    equal("number of findings", hunted.of_kind("finding").len(), case.2.len())
        .map_err(|error| format!("{error}: {:#?}", hunted.lines))?;
    for wanted in case.2 {
        compare(wanted, &hunted)?;
    }
    let broken = hunted.summary()?["broken"].as_array().cloned().unwrap_or_default();
    equal(
        "broken",
        broken.iter().map(|each| each["test"].as_str().unwrap_or_default()).collect(),
        case.3.to_vec(),
    )?;
    equal("files in the suite's folder", names(folder.path())?, before)
}

fn compare(wanted: &Wanted, hunted: &Hunted) -> Result<(), String> {
    let Wanted(kind, victim, before, cause, state, cleaners) = wanted;
    let finding = hunted.finding(victim)?;
    equal("kind", finding["finding"].as_str(), Some(kind))?;
    let key = if *kind == "brittle" { "state_setters" } else { "polluters" };
    equal("before", strings(&finding[key]), before.to_vec())?;
    equal("cause", finding["cause"].as_str(), Some(cause))
        .map_err(|error| format!("{error}: {finding:#}"))?;
    let cells = finding["state"].as_array().into_iter().flatten();
    let mut cells: Vec<&str> = cells.filter_map(|cell| cell["cell"].as_str()).collect();
    // `sys.modules` is in another order before 3.8.
    cells.sort_unstable();
    equal("state", cells, state.to_vec())?;
    let modules = MODULES.iter().find(|(about, _)| about == victim).map_or(&[][..], |(_, modules)| modules);
    equal("modules", strings(&finding["modules"]), modules.to_vec())?;
    equal("cleaners", strings(&finding["cleaners"]), cleaners.to_vec())?;
    if *victim == EXAMPLE.0 {
        equal("message", finding["message"].as_str(), Some(EXAMPLE.1))?;
    }
    equal("minimal", &finding["minimal"], &Value::Bool(true))?;
    for seen in [&finding["confirmed"]["alone"], &finding["confirmed"]["after"]] {
        equal("confirmed each time", &seen[0], &seen[1])?;
    }
    Ok(())
}

/// Names in a folder, without what Python and pytest cache.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?.flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "__pycache__");
    names.sort();
    Ok(names)
}
