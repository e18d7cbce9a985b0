//! Patches of hunts: each is written by `--fix`, taken by `git apply` in a copy, and cures by plain pytest there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::hunting::{hunt, strings};
use crate::pytest;

/// A suite of one kind: its name, its files, what the patch must contain, what it must not contain.
struct Patched(
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    &'static [&'static str],
);

const CASES: &[Patched] = &[Patched(
    "attribute",
    &[
        ("state.py", "value = 0\n"),
        (
            "test_a.py",
            "import state\n\n\ndef test_sets():\n    state.value = 1\n\n\ndef test_reads():\n    assert state.value == 0\n",
        ),
    ],
    &[
        "+def test_sets(monkeypatch):\n",
        "+    # test_reads fails after this test unless state.value is restored.\n",
        "+    monkeypatch.setattr(state, \"value\", 1)\n",
    ],
    &["import pytest"],
)];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |case: &'static Patched| {
        Trial::test(format!("patch::{}", case.0), move || cures(case).map_err(Failed::from))
    };
    CASES.iter().map(trial).collect()
}

/// A folder with these files.
fn written(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in files {
        let path = folder.path().join(name);
        let parent = path.parent().unwrap_or(folder.path());
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// Hunts with `--fix`; returns the findings and the folder of the patches.
fn fixed(folder: &Path) -> Result<(Vec<Value>, tempfile::TempDir), String> {
    let patches = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = patches.path().to_string_lossy().into_owned();
    let options = ["--orders", "given,reverse", "--timestamps", "real", "--fix", &place];
    let hunted = hunt(folder, &pytest()?, &options)?;
    Ok((hunted.of_kind("finding").into_iter().cloned().collect(), patches))
}

fn cures(case: &Patched) -> Result<(), String> {
    let folder = written(case.1)?;
    let (findings, _patches) = fixed(folder.path())?;
    let [finding] = &findings[..] else { return Err(format!("one finding was expected: {findings:#?}")) };
    let file = finding["patch"]["file"].as_str().ok_or_else(|| format!("no patch: {finding:#}"))?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    for wanted in case.2 {
        if !text.contains(wanted) {
            return Err(format!("the patch lacks {wanted:?}:\n{text}"));
        }
    }
    for unwanted in case.3 {
        if text.contains(unwanted) {
            return Err(format!("the patch contains {unwanted:?}:\n{text}"));
        }
    }
    applied_cures(case.1, Path::new(file), finding).map_err(|error| format!("{error}\n{text}"))
}

/// Applies a patch to a copy, where plain pytest must then pass in the failing order, and must fail before.
fn applied_cures(files: &[(&str, &str)], patch: &Path, finding: &Value) -> Result<(), String> {
    let copy = written(files)?;
    let victim = finding["victim"].as_str().unwrap_or_default();
    let before = match finding["finding"].as_str() {
        Some("brittle") => Vec::new(),
        _ => strings(&finding["polluters"]),
    };
    let order: Vec<&str> = before.into_iter().chain([victim]).collect();
    if passes(copy.path(), &order, victim)? {
        return Err("plain pytest does not show the finding".to_owned());
    }
    let status = Command::new("git").arg("apply").arg(patch).current_dir(copy.path()).status();
    if !status.map_err(|error| error.to_string())?.success() {
        return Err("git does not apply it".to_owned());
    }
    match passes(copy.path(), &order, victim)? {
        true => Ok(()),
        false => Err("plain pytest fails with it".to_owned()),
    }
}

/// Whether the last test passes in a run of plain pytest.
fn passes(folder: &Path, order: &[&str], victim: &str) -> Result<bool, String> {
    let python: PathBuf = pytest()?;
    let output = Command::new(python)
        .args(["-m", "pytest", "-rA", "-p", "no:cacheprovider"])
        .args(order)
        .current_dir(folder)
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(said.lines().any(|line| line == format!("PASSED {victim}")))
}
