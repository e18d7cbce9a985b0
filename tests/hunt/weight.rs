//! What a hunt of a large suite takes beside the runs of its tests: time between two runs, memory of taster's own, and the use
//! that it makes of a second core. Each is a ratio, or a number of bytes.
#![expect(clippy::print_stdout, reason = "its results are for people")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::environments::environment;
use crate::generated::write_suite;

const MANY: usize = 50_000;
const IN_A_FILE: usize = 250;
/// What no test pollutes, in the place of what some do.
const FORGETFUL: &str =
    "class Forgetful(set):\n    def add(self, number):\n        pass\n\n\nleft = Forgetful()\n";
/// Small suites end before the first look, large ones do not change much between two.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The share of further orders that is no run of their tests, among 2,000 tests of which none fails.
pub(crate) fn between(turns: usize) -> Result<(), String> {
    let python = environment("pytest-3.11", "3.11", &["pytest"])?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_suite(folder.path()).map_err(|error| error.to_string())?;
    fs::write(folder.path().join("shared.py"), FORGETFUL).map_err(|error| error.to_string())?;
    println!("2,000 tests: between two runs");
    let mut shares = Vec::new();
    for _ in 0..turns {
        let (one, runs_of_one) = times(&python, folder.path(), "given")?;
        let (many, runs_of_many) = times(&python, folder.path(), "given,reverse,random")?;
        let runs = runs_of_many - runs_of_one;
        shares.push((many - one - runs) / runs);
    }
    println!("  {:.1} % of a run is added by all that is no run", 100.0 * median(shares));
    Ok(())
}

/// The seconds of a hunt, and those of its runs, which its journal has.
fn times(python: &Path, folder: &Path, orders: &str) -> Result<(f64, f64), String> {
    let journal = tempfile::tempdir().map_err(|error| error.to_string())?;
    let started = Instant::now();
    let mut command = hunting(python, folder);
    command.args(["--orders", orders, "--jobs", "1", "--budget", "15s", "--journal"]).arg(journal.path());
    let status = command.stdout(Stdio::null()).status().map_err(|error| error.to_string())?;
    if status.code() == Some(2) {
        return Err(format!("taster did not take what it was given: {command:?}"));
    }
    let whole = started.elapsed().as_secs_f64();
    let files = fs::read_dir(journal.path()).map_err(|error| error.to_string())?.flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    let runs: f64 = texts.flat_map(|text| text.lines().map(took).collect::<Vec<f64>>()).sum();
    Ok((whole, runs))
}

/// The seconds that the run of one line of a journal took.
fn took(line: &str) -> f64 {
    let value = line.split_once(' ').and_then(|(_, value)| serde_json::from_str::<Value>(value).ok());
    let took = value.map(|value| value[1]["took"].clone()).unwrap_or_default();
    took["secs"].as_f64().unwrap_or(0.0) + took["nanos"].as_f64().unwrap_or(0.0) / 1e9
}

/// How many times as fast two processes are as one.
pub(crate) fn jobs(turns: usize) -> Result<(), String> {
    let python = environment("pytest-3.11", "3.11", &["pytest"])?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_suite(folder.path()).map_err(|error| error.to_string())?;
    let slow = "import time\n\nimport pytest\n\n\n@pytest.fixture(autouse=True)\ndef slowly():\n    end = time.process_time() + 0.002\n    while time.process_time() < end:\n        pass\n";
    fs::write(folder.path().join("conftest.py"), slow).map_err(|error| error.to_string())?;
    println!("2,000 tests of two milliseconds: --jobs 2 beside --jobs 1");
    let mut ratios = Vec::new();
    for _ in 0..turns {
        let mut seconds = Vec::new();
        for jobs in ["1", "2"] {
            let started = Instant::now();
            let mut command = hunting(&python, folder.path());
            command.args(["--orders", "given,reverse,state", "--jobs", jobs]).stdout(Stdio::null());
            command.status().map_err(|error| error.to_string())?;
            seconds.push(started.elapsed().as_secs_f64());
        }
        ratios.push(seconds[0] / seconds[1]);
    }
    println!("  {:.2} times as fast", median(ratios));
    Ok(())
}

/// The most memory that taster itself, without Python, takes for 50,000 tests.
pub(crate) fn memory(_: usize) -> Result<(), String> {
    let python = environment("pytest-3.11", "3.11", &["pytest"])?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for file in 0..MANY / IN_A_FILE {
        let mut text = String::new();
        for test in 0..IN_A_FILE {
            let _infallible = write!(text, "def test_{test:03}():\n    pass\n\n\n");
        }
        let path = folder.path().join(format!("test_{file:03}.py"));
        fs::write(path, text).map_err(|error| error.to_string())?;
    }
    println!("{MANY} tests: memory");
    for orders in ["given,reverse", "given,state"] {
        let mut command = hunting(&python, folder.path());
        command.args(["--orders", orders, "--budget", "15m"]).stdout(Stdio::null());
        let child = command.spawn().map_err(|error| error.to_string())?;
        println!("  {:.0} MB for --orders {orders}", most_memory(child)? / 1e6);
    }
    Ok(())
}

/// The most bytes that a process had in memory at once, as the system counts them until it ends.
fn most_memory(mut child: Child) -> Result<f64, String> {
    let status = format!("/proc/{}/status", child.id());
    let mut most: f64 = 0.0;
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        most = most.max(kilobytes.unwrap_or(0.0) * 1024.0);
        std::thread::sleep(BETWEEN_LOOKS);
    }
    Ok(most)
}

fn hunting(python: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command.arg("hunt").arg("--python").arg(python).args(["--timestamps", "real", "--no-commands"]);
    command.current_dir(folder).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
