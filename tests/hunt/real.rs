//! `taster hunt` in real suites from the Python package index. Slow, and needs pyenv's (or other) Pythons and the index:
//! `cargo test --test hunt_real`. What it needs it installs under the target directory; where it cannot, it fails and
//! says what was missing.

mod environments;
mod hunting;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use environments::environment;
use hunting::{Hunted, equal, hunt, strings};
use sources::source;

const BPYTHON: &[&str] = &["curtsies<0.2", "greenlet", "requests", "pygments", "six", "mock", "pytest"];
const SIX: &[&str] = &["pytest"];
const FREEZEGUN: &[&str] = &["pytest", "six", "mock", "python-dateutil", "nose"];
const REEVALUATE: &str = "bpython/test/test_curtsies_repl.py::TestCurtsiesReevaluateWithImport";

type Suite = fn() -> Result<(), String>;

fn main() -> ExitCode {
    let suites: [(&str, Suite); 6] = [
        ("bpython_without_its_fix_on_3_6", || bpython_without_its_fix("3.6")),
        ("bpython_without_its_fix_on_3_8", || bpython_without_its_fix("3.8")),
        ("bpython_with_its_fix", bpython_with_its_fix),
        ("six", six),
        ("mccabe", mccabe),
        ("freezegun", freezegun),
    ];
    let trials = suites.into_iter().map(|(name, run)| Trial::test(name, move || run().map_err(Failed::from)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn hunted(folder: &Path, python: &Path, arguments: &[&str]) -> Result<Hunted, String> {
    let hunted =
        hunt(folder, python, &[&["--orders", "given,reverse", "--budget", "10m"], arguments].concat())?;
    equal("halted", hunted.summary()?["halted"].as_str(), None)?;
    equal("exit status 0 or 1", matches!(hunted.status, 0 | 1), true)?;
    Ok(hunted)
}

fn bpython(version: &str) -> Result<(tempfile::TempDir, PathBuf), String> {
    Ok((source("bpython", "0.15.0")?, environment(&format!("bpython-{version}"), version, BPYTHON)?))
}

fn bpython_without_its_fix(version: &str) -> Result<(), String> {
    let (folder, python) = bpython(version)?;
    let path = folder.path().join("bpython/test/test_curtsies_repl.py");
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let without = text.replacen("\n        invalidate_caches()\n", "\n", 1);
    equal("the fix was there", without == text, false)?;
    fs::write(&path, without).map_err(|error| error.to_string())?;
    let emitted = tempfile::tempdir().map_err(|error| error.to_string())?;
    let emit = emitted.path().to_string_lossy();
    let hunted = hunted(folder.path(), &python, &["--emit", &emit, "--", "bpython/test"])?;
    let finding = hunted.finding(&format!("{REEVALUATE}::test_module_content_changed"))?;
    equal("kind", finding["finding"].as_str(), Some("victim"))?;
    let polluter = format!("{REEVALUATE}::test_import_module_with_rewind");
    equal("polluters", strings(&finding["polluters"]), vec![polluter.as_str()])?;
    equal("cause", finding["cause"].as_str(), Some("stale-directory-listing"))?;
    equal("remedy", finding["remedies"][0]["remedy"].as_str(), Some("call importlib.invalidate_caches()"))?;
    equal("verified", finding["remedies"][0]["verified"].as_bool(), Some(true))?;
    equal(
        "tests that fail in every order",
        hunted.summary()?["broken"].as_array().is_some_and(Vec::is_empty),
        false,
    )?;
    if version == "3.6" {
        return Ok(()); // there are no audit hooks to record with
    }
    let file = strings(&finding["reproduction"]["files"])
        .into_iter()
        .find(|file| Path::new(file).extension().is_some_and(|end| end == "toml"));
    let file =
        file.ok_or_else(|| format!("no scenario was emitted: {:#}", hunted.summary().unwrap_or(finding)))?;
    let scenario = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let steps = scenario.lines().filter(|line| line.starts_with("  { ")).count();
    equal("at most ten steps", steps <= 10, true).map_err(|error| format!("{error}:\n{scenario}"))
}

fn bpython_with_its_fix() -> Result<(), String> {
    let (folder, python) = bpython("3.8")?;
    let hunted = hunted(folder.path(), &python, &["--", "bpython/test"])?;
    let stale =
        hunted.of_kind("finding").into_iter().filter(|finding| finding["cause"] == "stale-directory-listing");
    equal("stale listings", stale.count(), 0)
}

fn six() -> Result<(), String> {
    let (folder, python) = (source("six", "1.16.0")?, environment("six-3.8", "3.8", SIX)?);
    let hunted = hunted(folder.path(), &python, &["--", "test_six.py"])?;
    let finding = hunted.finding("test_six.py::test_lazy")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_six.py::test_move_items[html_parser]"])?;
    equal("cause", finding["cause"].as_str(), Some("retained-module"))
}

fn mccabe() -> Result<(), String> {
    let (folder, python) = (source("mccabe", "0.6.1")?, environment("six-3.8", "3.8", SIX)?);
    let hunted = hunted(folder.path(), &python, &[])?;
    let finding = hunted.finding("test_mccabe.py::RegressionTests::test_max_complexity_is_always_an_int")?;
    equal("kind", finding["finding"].as_str(), Some("brittle"))?;
    equal("state", finding["state"][0]["cell"].as_str(), Some("mccabe.McCabeChecker.max_complexity"))
}

fn freezegun() -> Result<(), String> {
    let (folder, python) = (source("freezegun", "0.3.12")?, environment("freezegun-3.7", "3.7", FREEZEGUN)?);
    let hunted = hunted(folder.path(), &python, &["--", "tests"])?;
    let finding = hunted.finding("tests/test_class_import.py::test_import_after_start")?;
    let polluters = strings(&finding["polluters"]);
    equal(
        "one test of test_utils.py",
        polluters.len() == 1 && polluters[0].starts_with("tests/test_utils.py::"),
        true,
    )
    .map_err(|error| format!("{error}: {polluters:?}"))?;
    let finding = hunted.finding("tests/test_class_import.py::test_fake_uses_real_when_ignored")?;
    let chain = strings(&finding["polluters"]);
    equal("links of the chain", chain.len(), 2).map_err(|error| format!("{error}: {chain:?}"))?;
    let second = hunted.finding(chain[1])?;
    equal("the second fails itself", second["finding"].as_str(), Some("victim"))
}
