//! `taster hunt` in real suites from the Python package index. Slow, and needs pyenv's (or other) Pythons and the index:
//! `cargo test --test hunt_real`. What it needs it installs under the target directory; where it cannot, it fails and
//! says what was missing.

mod environments;
mod hunting;
mod plain;
mod public;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

use environments::{environment, run};
use hunting::{Hunted, equal, hunt, strings};
use plain::confirm;
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
    let public = public::SUITES.iter();
    let public = public.map(|suite| {
        Trial::test(suite.0.replace('-', "_"), move || public::known(suite).map_err(Failed::from))
    });
    let trials = trials.chain(public);
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// The orders of suites whose survey ends soon, and of those where it takes most of ten minutes.
const WITH_STATES: &str = "given,state,reverse";
const WITHOUT: &str = "given,reverse";

/// Hunts; all that is found must be so by plain pytest, in fresh copies of the suite.
fn hunted(
    python: &Path,
    orders: &str,
    arguments: &[&str],
    copy: impl Fn() -> Result<tempfile::TempDir, String>,
) -> Result<Hunted, String> {
    let options = ["--orders", orders, "--budget", "10m"];
    let hunted = hunt(copy()?.path(), python, &[&options[..], arguments].concat())?;
    equal("halted", hunted.summary()?["halted"].as_str(), None)?;
    equal("exit status 0 or 1", matches!(hunted.status, 0 | 1), true)?;
    confirm(python, &hunted, copy)?;
    Ok(hunted)
}

fn bpython(version: &str) -> Result<PathBuf, String> {
    environment(&format!("bpython-{version}"), version, BPYTHON)
}

/// bpython as it was before it got its line.
fn without_its_line() -> Result<tempfile::TempDir, String> {
    let folder = source("bpython", "0.15.0")?;
    let path = folder.path().join("bpython/test/test_curtsies_repl.py");
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let without = text.replacen("\n        invalidate_caches()\n", "\n", 1);
    equal("the fix was there", without == text, false)?;
    fs::write(&path, without).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn bpython_without_its_fix(version: &str) -> Result<(), String> {
    let python = bpython(version)?;
    let emitted = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (emit, fix) = (emitted.path().join("emit"), emitted.path().join("fix"));
    let options = ["--emit", &emit.to_string_lossy(), "--fix", &fix.to_string_lossy(), "--", "bpython/test"];
    let hunted = hunted(&python, WITHOUT, &options, without_its_line)?;
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
    gets_its_line_back(&python, finding)?;
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

/// The patch that comes with the finding puts the line back that bpython's authors wrote, with the reason beside it.
fn gets_its_line_back(python: &Path, finding: &serde_json::Value) -> Result<(), String> {
    let patch = finding["patch"]["file"].as_str().ok_or_else(|| format!("no patch: {}", finding["patch"]))?;
    let folder = without_its_line()?;
    run(Command::new("git").args(["apply", patch]).current_dir(folder.path()))?;
    let path = folder.path().join("bpython/test/test_curtsies_repl.py");
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let call = lines.iter().position(|line| line.ends_with("invalidate_caches()") && !line.starts_with('#'));
    let call = call.ok_or_else(|| format!("the line is not back: {text}"))?;
    let beside = lines[call].contains('#') || lines[call - 1].starts_with('#');
    equal("the reason stands beside it", beside, true).map_err(|error| format!("{error}: {text}"))?;
    let named = finding["victim"].as_str().unwrap_or_default();
    let options = ["--victim", named, "--orders", WITHOUT, "--budget", "10m", "--", "bpython/test"];
    let again = hunt(folder.path(), python, &options)?;
    equal("halted", again.summary()?["halted"].as_str(), None)?;
    equal("findings with the patch", again.of_kind("finding").len(), 0)
}

fn bpython_with_its_fix() -> Result<(), String> {
    let hunted = hunted(&bpython("3.8")?, WITHOUT, &["--", "bpython/test"], || source("bpython", "0.15.0"))?;
    let stale =
        hunted.of_kind("finding").into_iter().filter(|finding| finding["cause"] == "stale-directory-listing");
    equal("stale listings", stale.count(), 0)
}

fn six() -> Result<(), String> {
    let python = environment("six-3.8", "3.8", SIX)?;
    let hunted = hunted(&python, WITH_STATES, &["--", "test_six.py"], || source("six", "1.16.0"))?;
    let finding = hunted.finding("test_six.py::test_lazy")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_six.py::test_move_items[html_parser]"])?;
    equal("cause", finding["cause"].as_str(), Some("retained-module"))
}

fn mccabe() -> Result<(), String> {
    let python = environment("six-3.8", "3.8", SIX)?;
    let hunted = hunted(&python, WITH_STATES, &[], || source("mccabe", "0.6.1"))?;
    let finding = hunted.finding("test_mccabe.py::RegressionTests::test_max_complexity_is_always_an_int")?;
    equal("kind", finding["finding"].as_str(), Some("brittle"))?;
    equal("state", finding["state"][0]["cell"].as_str(), Some("mccabe.McCabeChecker.max_complexity"))
}

fn freezegun() -> Result<(), String> {
    let python = environment("freezegun-3.7", "3.7", FREEZEGUN)?;
    // These compare the frozen clock with the real one: they fail where the machine is slow, whatever ran before.
    let arguments = ["--", "tests", "--ignore=tests/test_ticking.py"];
    let hunted = hunted(&python, WITHOUT, &arguments, || source("freezegun", "0.3.12"))?;
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
