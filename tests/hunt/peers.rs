//! Other plugins around runs: what they do at the end of each, and what they measure, is nobody's concern in a hunt.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::thread;

use libtest_mimic::{Failed, Trial};

use crate::environments::environment;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{ENDS, PYTHON, missing};

type Run = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Run); 2] = [
        ("coverage_is_not_measured", coverage),
        ("what_repeats_failed_tests_starts_no_thread_and_does_not_wait", repeats),
    ];
    let of =
        |(name, run): (&str, Run)| Trial::test(format!("peers::{name}"), move || run().map_err(Failed::from));
    let fails = of(("a_plugin_that_fails_after_each_run_costs_no_process", fails_after_runs));
    let mut trials = vec![fails.with_ignored_flag(missing(ENDS[0].0))];
    trials.extend(all.map(of));
    trials
}

const SUITE: &str = "state = []\n\n\ndef test_pollutes():\n    state.append(1)\n\n\ndef test_between():\n    pass\n\n\n\
                     def test_victim():\n    assert not state\n";
/// Tells of each start of pytest.
const TELLS: &str =
    "import socket\n\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'.', ('127.0.0.1', #))\n";
/// As pytest-cov does where something has ended its measuring.
const FAILS: &str = "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtestloop():\n    yield\n    \
                     assert False\n";

/// Each run is a fork of one process that has collected the tests, whatever another plugin does at its end; in old versions of pytest,
/// no plugin around that one hears of it.
fn fails_after_runs() -> Result<(), String> {
    for (version, name, package) in ENDS {
        let python = environment(name, version, &[package])?;
        let plain = starts(&python, TELLS)?;
        let failing = starts(&python, &format!("{TELLS}\n{FAILS}"))?;
        equal("starts", failing, plain).map_err(|error| format!("Python {version}: {error}"))?;
    }
    Ok(())
}

/// How often a hunt in a suite with such a conftest starts pytest.
fn starts(python: &Path, conftest: &str) -> Result<usize, String> {
    let error = |error: std::io::Error| error.to_string();
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(error)?;
    let address = socket.local_addr().map_err(error)?;
    let counting = thread::spawn(move || {
        let (mut starts, mut told) = (0, [0]);
        while socket.recv(&mut told).is_ok() && told == *b"." {
            starts += 1;
        }
        starts
    });
    let folder = tempfile::tempdir().map_err(error)?;
    let conftest = conftest.replace('#', &address.port().to_string());
    write(folder.path(), &[("conftest.py", &conftest), ("test_a.py", SUITE)])?;
    let options = ["--orders", "given,reverse", "--timestamps", "real", "--jobs", "1", "--no-commands"];
    let hunted = hunt(folder.path(), python, &options);
    UdpSocket::bind("127.0.0.1:0").and_then(|end| end.send_to(b"!", address)).map_err(error)?;
    let starts = counting.join().map_err(|_| "the count ended early".to_owned())?;
    found(&hunted?)?;
    Ok(starts)
}

/// pytest-cov, which many projects name in their settings, sets no trace function in runs, and writes nothing.
fn coverage() -> Result<(), String> {
    let python = environment("pytest-cov-3.11", PYTHON, &["pytest", "pytest-cov"])?;
    let measured = "import sys\n\n\ndef test_measured():\n    assert sys.gettrace() is None\n";
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let settings = "[pytest]\naddopts = --cov=. --cov-fail-under=100\n";
    write(folder.path(), &[("pytest.ini", settings), ("test_a.py", SUITE), ("test_b.py", measured)])?;
    let hunted = hunt(folder.path(), &python, &["--orders", "given,reverse", "--timestamps", "real"])?;
    found(&hunted)?;
    equal("broken", hunted.summary()?["broken"].as_array().map(Vec::len), Some(0))?;
    equal("data", folder.path().join(".coverage").exists(), false)
}

/// pytest-rerunfailures would start a thread for pytest-xdist, so that runs could be no forks, and wait ten minutes before it repeats
/// the victim.
fn repeats() -> Result<(), String> {
    let packages = ["pytest", "pytest-rerunfailures", "pytest-xdist"];
    let python = environment("pytest-reruns-3.11", PYTHON, &packages)?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let settings = "[pytest]\naddopts = -n 2 --reruns 1 --reruns-delay 600\n";
    // A delay of its own, where nobody reads the option.
    let marked = "import pytest\nimport test_a\n\n\n@pytest.mark.flaky(reruns=1, reruns_delay=600)\ndef test_marked():\n    \
                  assert not test_a.state\n";
    write(folder.path(), &[("pytest.ini", settings), ("test_a.py", SUITE), ("test_b.py", marked)])?;
    let options = ["--orders", "given", "--timestamps", "real", "--no-commands", "--test-timeout", "20s"];
    let hunted = hunt(folder.path(), &python, &options)?;
    found(&hunted)?;
    hunted.finding("test_b.py::test_marked")?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(true))?;
    let message =
        hunted.finding("test_a.py::test_victim")?["message"].as_str().unwrap_or_default().to_owned();
    equal("message", message, "assert not [1]".to_owned())
}

fn found(hunted: &Hunted) -> Result<(), String> {
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_pollutes"])?;
    equal("guilty line", finding["guilty"]["line"].as_u64(), Some(5))
}

fn write(folder: &Path, files: &[(&str, &str)]) -> Result<(), String> {
    files
        .iter()
        .try_for_each(|(name, text)| fs::write(folder.join(name), text))
        .map_err(|error| error.to_string())
}
