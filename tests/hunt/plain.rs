//! Findings told again by plain pytest, in fresh copies of the suite: alone, and after what must come before.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::hunting::{Hunted, equal, strings};

/// pytest, with a home and a temporary directory of its own.
fn pytest(python: &Path, folder: &Path, arguments: &[&str], place: &TempDir) -> Command {
    let mut command = Command::new(python);
    command
        .args(["-m", "pytest", "-v", "--color=no", "-p", "no:cacheprovider", "--tb=no"])
        .args(arguments)
        .current_dir(folder)
        .env("HOME", place.path())
        .env("TMPDIR", place.path())
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .stdin(Stdio::null());
    command
}

fn place() -> Result<TempDir, String> {
    tempfile::tempdir().map_err(|error| error.to_string())
}

/// How long plain pytest takes, with bytecode there.
pub(crate) fn seconds(python: &Path, folder: &Path, arguments: &[&str]) -> Result<f64, String> {
    let mut taken = 0.0;
    for _ in 0..2 {
        let place = place()?;
        let started = Instant::now();
        pytest(python, folder, arguments, &place).output().map_err(|error| error.to_string())?;
        taken = started.elapsed().as_secs_f64();
    }
    Ok(taken)
}

/// Whether a test fails after others, by what pytest writes of it.
pub(crate) fn fails(python: &Path, folder: &Path, before: &[&str], test: &str) -> Result<bool, String> {
    let place = place()?;
    let tests = [before, &[test]].concat();
    let output = pytest(python, folder, &tests, &place).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let about: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix(test)).collect();
    let is = |outcome: &str| about.iter().any(|rest| rest.trim_start().starts_with(outcome));
    let failed = is("FAILED") || is("ERROR");
    if failed || is("PASSED") || is("XFAIL") || is("SKIPPED") {
        return Ok(failed);
    }
    // Whoever ends the process, or is not collected, has failed.
    if output.status.code() == Some(0) { Err(format!("pytest did not run {test}: {said}")) } else { Ok(true) }
}

/// Every finding of a hunt, told again by plain pytest; `copy` makes a fresh copy of the suite.
pub(crate) fn confirm(
    python: &Path,
    hunted: &Hunted,
    copy: impl Fn() -> Result<TempDir, String>,
) -> Result<(), String> {
    for finding in hunted.of_kind("finding") {
        // Plain pytest cannot make a clock coarse, and one run of it tells nothing of a test that fails by chance.
        if finding["timestamps"] == "real" && finding["finding"] != "nondeterministic" {
            confirmed(python, finding, &copy).map_err(|error| format!("{error}: {finding:#}"))?;
        }
    }
    Ok(())
}

fn confirmed(
    python: &Path,
    finding: &Value,
    copy: impl Fn() -> Result<TempDir, String>,
) -> Result<(), String> {
    let test = finding["victim"].as_str().unwrap_or_default();
    let brittle = finding["finding"] == "brittle";
    let before = strings(&finding[if brittle { "state_setters" } else { "polluters" }]);
    equal("something comes before", before.is_empty(), false)?;
    equal("plain pytest: it fails alone", fails(python, copy()?.path(), &[], test)?, brittle)?;
    equal("plain pytest: it fails after them", fails(python, copy()?.path(), &before, test)?, !brittle)
}
