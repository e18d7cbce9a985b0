//! How a hunt begins: what a person types, and what is said where it cannot begin as typed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use super::environments::python;
use super::hunting::equal;
use super::{PYTHON, copy, pytest};
type Run = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Run); 8] = [
        ("the_interpreter_and_the_tests_are_named_with_their_places", places),
        ("words_for_pytest_need_no_dashes_before_them", words),
        ("where_there_is_no_pytest_the_environment_beside_is_named", beside),
        ("a_pytest_that_is_too_old_is_told", old),
        ("a_test_that_is_not_there_brings_up_those_that_resemble_it", resembling),
        ("where_nothing_is_collected_pytest_says_why", nothing),
        ("orders_are_told_to_those_who_ask", verbose),
        ("what_is_tried_for_a_patch_is_told_to_those_who_ask", patching),
    ];
    all.into_iter()
        .map(|(name, run)| Trial::test(format!("begun::{name}"), move || run().map_err(Failed::from)))
        .collect()
}

/// What a hunt prints on standard error, and its status.
fn said(folder: &Path, python: Option<&Path>, arguments: &[&str]) -> Result<(String, Option<i32>), String> {
    let cache = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command.arg("hunt");
    if let Some(python) = python {
        command.arg("--python").arg(python);
    }
    let quick = ["--orders", "given", "--timestamps", "real"];
    let output = command
        .args(arguments.iter().take_while(|word| **word != "--"))
        .args(quick)
        .args(arguments.iter().skip_while(|word| **word != "--"))
        .current_dir(folder)
        .env("XDG_CACHE_HOME", cache.path())
        .env_remove("VIRTUAL_ENV")
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .output()
        .map_err(|error| error.to_string())?;
    Ok((String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code()))
}

fn contains(said: &str, wanted: &str) -> Result<(), String> {
    if said.contains(wanted) { Ok(()) } else { Err(format!("{wanted:?} is not in:\n{said}")) }
}

fn places() -> Result<(), String> {
    let folder = copy("collection")?;
    let (text, _) = said(folder.path(), Some(&pytest()?), &[])?;
    contains(&text, &format!("taster: Python {PYTHON}."))?;
    contains(&text, "bin/python: named by --python), pytest ")?;
    contains(&text, " in 3 files here, collected in ")?;
    let (text, _) = said(folder.path(), Some(&pytest()?), &["test_b.py"])?;
    contains(&text, " in test_b.py, collected in ")
}

fn words() -> Result<(), String> {
    let folder = copy("brittle")?;
    let arguments = ["test_brittle.py", "-k", "state_setter", "-q", "--budget", "50s"];
    let (text, status) = said(folder.path(), Some(&pytest()?), &arguments)?;
    contains(&text, "1 test in test_brittle.py")?;
    equal("the budget is taster's", text.contains("unrecognized"), false)?;
    equal("status", status, Some(0))?;
    let (text, status) = said(folder.path(), Some(&pytest()?), &["--bugdet", "50s"])?;
    contains(&text, "'--budget'")?;
    equal("status of a misspelt option", status, Some(2))
}

fn beside() -> Result<(), String> {
    let folder = copy("brittle")?;
    let bare = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = bare.path().join("bare");
    super::environments::run(
        Command::new(python(PYTHON)?).args(["-m", "venv", "--without-pip"]).arg(&place),
    )?;
    let bare = place.join("bin/python");
    let (text, status) = said(folder.path(), Some(&bare), &[])?;
    contains(&text, "has no pytest")?;
    contains(&text, &format!("{} -m pip install pytest", bare.display()))?;
    equal("status", status, Some(2))?;
    let environment = pytest()?;
    let environment = environment.ancestors().nth(2).ok_or("an environment has two directories above")?;
    symlink(environment, folder.path().join(".venv")).map_err(|error| error.to_string())?;
    let (text, _) = said(folder.path(), Some(&bare), &[])?;
    contains(&text, "  taster hunt --python .venv/bin/python\n")?;
    let (text, _) = said(folder.path(), Some(Path::new(".venv/bin/python")), &[])?;
    contains(&text, "(.venv/bin/python: named by --python)")
}

/// It has none of the functions that a hunt takes over.
fn old() -> Result<(), String> {
    let folder = copy("brittle")?;
    let bare = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = bare.path().join("old");
    let run = super::environments::run;
    run(Command::new(python(PYTHON)?).args(["-m", "venv", "--without-pip"]).arg(&place))?;
    let libraries = place.join("lib").join(format!("python{PYTHON}")).join("site-packages");
    fs::create_dir_all(libraries.join("_pytest")).map_err(|error| error.to_string())?;
    let files = [
        ("pytest.py", "import _pytest.runner\n\n__version__ = '3.10.1'\n"),
        ("_pytest/__init__.py", ""),
        ("_pytest/runner.py", "class CallInfo:\n    pass\n"),
    ];
    for (name, text) in files {
        fs::write(libraries.join(name), text).map_err(|error| error.to_string())?;
    }
    let old = place.join("bin/python");
    let (text, status) = said(folder.path(), Some(&old), &[])?;
    contains(&text, "has pytest 3.10.1, and a hunt needs 5.4 or later")?;
    contains(&text, &format!("{} -m pip install -U pytest", old.display()))?;
    equal("status", status, Some(2))
}

fn resembling() -> Result<(), String> {
    let folder = copy("odd_ids")?;
    let (text, status) = said(folder.path(), Some(&pytest()?), &["--victim", "tests/test_odd.py::test_odd"])?;
    contains(&text, "pytest collected no test tests/test_odd.py::test_odd; did you mean\n")?;
    contains(&text, "\n  'test_odd.py::test_odd[a b]'\n")?;
    equal("status", status, Some(2))
}

fn nothing() -> Result<(), String> {
    let folder = copy("brittle")?;
    let (text, _) = said(folder.path(), Some(&pytest()?), &["-k", "nosuch"])?;
    contains(&text, "options such as -k and -m deselected all")?;
    contains(&text, "deselected / 0 selected")?;
    fs::write(folder.path().join("conftest.py"), "import nosuchmodule\n")
        .map_err(|error| error.to_string())?;
    let (text, _) = said(folder.path(), Some(&pytest()?), &[])?;
    contains(&text, "No module named 'nosuchmodule'")
}

fn verbose() -> Result<(), String> {
    let folder = copy("brittle")?;
    let (quiet, _) = said(folder.path(), Some(&pytest()?), &[])?;
    let (verbose, _) = said(folder.path(), Some(&pytest()?), &["-v"])?;
    equal("orders", quiet.contains("taster: order: "), false)?;
    contains(&verbose, "taster: order: given, ")
}

fn patching() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let text =
        "rows = []\n\n\ndef test_adds():\n    rows.append(1)\n\n\ndef test_reads():\n    assert not rows\n";
    fs::write(folder.path().join("test_a.py"), text).map_err(|error| error.to_string())?;
    let patches = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = patches.path().to_string_lossy().into_owned();
    let (text, _) = said(folder.path(), Some(&pytest()?), &["-v", "--fix", &place])?;
    contains(&text, "taster: trying changes for test_a.py::test_reads (patch 1 of 1)")
}
