//! Commands that a hunt prints for pasting: each is run as it stands, by a shell in the directory of the hunt, and does what it says.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::hunting::{Hunted, equal, hunt, strings};
use super::{copy, pytest};

/// A polluter and a victim, with names that neither a shell nor pytest takes as they are.
const HARD_NAMES: &str = r#"
import pytest

state = []


@pytest.mark.parametrize("how", ["it's \"quoted\" [x::y] $HOME `id` \\ !", "日本 *"])
class TestHard:
    def test_pollutes(self, how):
        state.append(how)

    def test_victim(self, how):
        assert len(state) < 1
"#;
/// The same with plain names.
const PLAIN: &str = "state = []\n\n\ndef test_first():\n    pass\n\n\ndef test_pollutes():\n    state.append(1)\n\n\n\
                     def test_victim():\n    assert not state\n";
type Run = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Run); 10] = [
        ("each_kind_of_finding_has_commands_that_hold", kinds),
        ("names_that_a_shell_would_take_apart", hard_names),
        ("options_of_the_project_that_end_choose_or_spread_runs", hindering_options),
        ("options_of_the_caller_and_of_the_environment", callers_options),
        ("a_directory_other_than_pytests_root", other_directory),
        ("in_place_nothing_is_written_to_the_users_files", in_place),
        ("what_plain_pytest_cannot_show_is_shown_by_a_hunt", by_a_hunt),
        ("findings_of_one_leak_each_have_commands_that_hold", once),
        ("what_plain_pytest_refutes_is_told_apart_from_findings", refuted),
        ("commands_that_hold_only_by_themselves_hold", by_themselves),
    ];
    all.into_iter()
        .map(|(name, run)| Trial::test(format!("commands::{name}"), move || run().map_err(Failed::from)))
        .collect()
}

/// A suite of these files.
fn suite(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in files {
        let path = folder.path().join(name);
        let above = path.parent().map_or(Ok(()), fs::create_dir_all);
        above.and_then(|()| fs::write(path, text)).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// The exit status of a command in a shell, as somebody pastes it.
fn pasted(folder: &Path, command: &str, variables: &[(&str, &str)]) -> Result<Option<i32>, String> {
    let taster = Path::new(env!("CARGO_BIN_EXE_taster")).parent().unwrap_or(folder).display().to_string();
    let path = format!("{taster}:{}", std::env::var("PATH").unwrap_or_default());
    let cache = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).env("XDG_CACHE_HOME", cache.path());
    shell.env_remove("PYTHONDONTWRITEBYTECODE").envs(variables.iter().copied());
    shell.output().map(|output| output.status.code()).map_err(|error| error.to_string())
}

/// Pastes the commands of the finding about a test, twice each: the first must pass and the second fail.
fn hold(folder: &Path, finding: &Value, variables: &[(&str, &str)]) -> Result<(), String> {
    let commands = &finding["commands"];
    equal("hold", commands["hold"].as_bool(), Some(true)).map_err(|error| format!("{error}: {finding:#}"))?;
    for _ in 0..2 {
        for (which, fails) in [("passes", false), ("fails", true)] {
            let command = commands[which].as_str().unwrap_or_default();
            let status = pasted(folder, command, variables)?;
            let wanted = if fails { [Some(1), Some(2)] } else { [Some(0), Some(0)] };
            equal("status as wanted", wanted.contains(&status), true)
                .map_err(|error| format!("{error}: {status:?} of {command}"))?;
        }
    }
    Ok(())
}

const QUICK: [&str; 4] = ["--orders", "given,reverse", "--timestamps", "real"];

fn hunted(folder: &Path, more: &[&str]) -> Result<Hunted, String> {
    hunt(folder, &pytest()?, &[&QUICK[..], more].concat())
}

/// Two pytests at once want one socket, and only those that taster tries do: tried at the same time, one of them does not hold.
fn by_themselves() -> Result<(), String> {
    let conftest = "import socket\nimport time\n\nheld = []\n\n\ndef pytest_configure(config):\n    if config.option.xmlpath:\n        \
                    held.append(socket.socket(socket.AF_UNIX))\n        held[0].bind('\\0taster-commands-#')\n        time.sleep(1)\n";
    let conftest = conftest.replace('#', &std::process::id().to_string());
    let test = |name: &str| PLAIN.replace("state", name);
    let folder = suite(&[
        ("conftest.py", &conftest),
        ("test_a.py", &test("left_by_a")),
        ("test_b.py", &test("left_by_b")),
    ])?;
    let hunted = hunted(folder.path(), &["--jobs", "2"])?;
    for victim in ["test_a.py::test_victim", "test_b.py::test_victim"] {
        hold(folder.path(), hunted.finding(victim)?, &[])?;
    }
    Ok(())
}

fn kinds() -> Result<(), String> {
    let cases = [
        ("brittle", "test_brittle.py::test_brittle"),
        ("two_polluters", "test_two.py::test_victim"),
        ("collection", "test_b.py::test_mode"),
        ("collection_refused", "test_b.py"),
        ("setup_class", "test_unittest.py::Base::test_b_reads"),
        ("doctest", "counted.py::counted.count"),
    ];
    for (name, victim) in cases {
        let folder = copy(name)?;
        let hunted = hunted(folder.path(), &[])?;
        hold(folder.path(), hunted.finding(victim)?, &[]).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn hard_names() -> Result<(), String> {
    let folder = suite(&[("tests/test_it's hard.py", HARD_NAMES)])?;
    let hunted = hunted(folder.path(), &["--", "tests"])?;
    let findings = hunted.of_kind("finding");
    let with_commands: Vec<_> =
        findings.into_iter().filter(|finding| finding["commands"].is_object()).collect();
    equal("any", with_commands.is_empty(), false)?;
    with_commands.into_iter().try_for_each(|finding| hold(folder.path(), finding, &[]))
}

fn hindering_options() -> Result<(), String> {
    let failing = "def test_fails():\n    assert False\n";
    for addopts in ["-x --lf --strict-markers", "--maxfail=1 --junitxml=report.xml", "--stepwise"] {
        let settings = format!("[pytest]\naddopts = {addopts}\n");
        let folder = suite(&[("pytest.ini", &settings), ("test_a.py", PLAIN), ("test_z.py", failing)])?;
        // An earlier run has left something for --lf and --stepwise.
        pasted(folder.path(), &format!("{} -m pytest", pytest()?.display()), &[])?;
        let hunted = hunted(folder.path(), &[])?;
        let finding = hunted.finding("test_a.py::test_victim")?;
        hold(folder.path(), finding, &[]).map_err(|error| format!("{addopts}: {error}"))?;
    }
    Ok(())
}

fn callers_options() -> Result<(), String> {
    let folder = suite(&[("tests/test_a.py", PLAIN)])?;
    let hunted = hunted(folder.path(), &["--", "-xq", "-k", "tests", "tests", "--ff"])?;
    let finding = hunted.finding("tests/test_a.py::test_victim")?;
    let command = finding["commands"]["fails"].as_str().unwrap_or_default();
    equal("options", command.contains(" -m pytest -q -k tests tests/test_a.py::test_pollutes "), true)
        .map_err(|error| format!("{error}: {command}"))?;
    hold(folder.path(), finding, &[("PYTEST_ADDOPTS", "--strict-markers")])
}

fn other_directory() -> Result<(), String> {
    let files = [("project/pytest.ini", "[pytest]\n"), ("project/tests/test_a.py", PLAIN)];
    let folder = suite(&files)?;
    for (inside, arguments) in [("", &["--", "project/tests"][..]), ("project/tests", &[])] {
        let here = folder.path().join(inside);
        let hunted = hunted(&here, arguments)?;
        hold(&here, hunted.finding("tests/test_a.py::test_victim")?, &[])
            .map_err(|error| format!("{inside}: {error}"))?;
    }
    Ok(())
}

fn in_place() -> Result<(), String> {
    let writes = format!(
        "import pathlib\n\n{}    pathlib.Path(\"left\").write_text(\"\")\n",
        PLAIN.replace("pass", "state")
    );
    let writes = writes
        .replace("    state.append(1)\n", "    state.append(1)\n    pathlib.Path(\"written\").touch()\n");
    let folder = suite(&[("test_a.py", &writes)])?;
    let hunted = hunted(folder.path(), &["--isolation", "in-place"])?;
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("written", folder.path().join("written").exists() || folder.path().join("left").exists(), false)?;
    hold(folder.path(), finding, &[])
}

fn by_a_hunt() -> Result<(), String> {
    let folder = copy("coarse_times")?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given", "--timestamps", "frozen"])?;
    let finding = hunted.finding("test_coarse.py::test_second")?;
    let fails = finding["commands"]["fails"].as_str().unwrap_or_default();
    equal("a hunt", fails.contains("| taster hunt "), true)
        .map_err(|error| format!("{error}: {finding:#}"))?;
    hold(folder.path(), finding, &[])
}

fn once() -> Result<(), String> {
    let more = format!("{PLAIN}\n\ndef test_victim_too():\n    assert not state\n");
    let folder = suite(&[("test_a.py", &more)])?;
    let hunted = hunted(folder.path(), &[])?;
    let findings = hunted.of_kind("finding");
    let polluters = findings.iter().map(|finding| strings(&finding["polluters"]));
    equal("one leak", polluters.collect::<Vec<_>>(), vec![vec!["test_a.py::test_pollutes"]; 2])?;
    for finding in findings {
        hold(folder.path(), finding, &[])?;
    }
    Ok(())
}

/// A test that a limit of the hunt ends, and plain pytest does not.
const SLOW: &str = "import time\n\nslow = []\n\n\ndef test_slows_down():\n    slow.append(1)\n\n\ndef test_slow():\n    \
                    time.sleep(3 if slow else 0)\n";

/// What plain pytest does otherwise is no finding, and told apart; another test of the same leak stays one.
fn refuted() -> Result<(), String> {
    let other = "\n\ndef test_other():\n    assert not slow\n";
    for (more, found, status) in [("", Vec::new(), 3), (other, vec!["test_a.py::test_other"], 1)] {
        let folder = suite(&[("test_a.py", &format!("{SLOW}{more}"))])?;
        let options = ["--orders", "given", "--timestamps", "real", "--test-timeout", "1s"];
        let hunted = hunt(folder.path(), &pytest()?, &options)?;
        let victims = hunted.of_kind("finding").into_iter().filter_map(|finding| finding["victim"].as_str());
        equal("findings", victims.collect(), found)?;
        equal("status", hunted.status, status)?;
        let unconfirmed = &hunted.summary()?["unconfirmed"];
        equal("unconfirmed", unconfirmed.as_array().map(Vec::len), Some(1))?;
        equal("which", unconfirmed[0]["victim"].as_str(), Some("test_a.py::test_slow"))?;
        let command = unconfirmed[0]["commands"]["refuted_by"].as_str().unwrap_or_default();
        equal("it passes", pasted(folder.path(), command, &[])?, Some(0))?;
        for finding in hunted.of_kind("finding") {
            hold(folder.path(), finding, &[])?;
        }
    }
    Ok(())
}
