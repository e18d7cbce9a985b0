//! `taster hunt` beside the tools that people bisect with now, in one run: medians of wall-clock seconds, turn by turn, and
//! their ratios. Asserts nothing.
#![expect(clippy::print_stdout, reason = "its results are for people")]

mod environments;
mod generated;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use environments::{environment, run, target};
use generated::{PAIRS, name, write_suite};

const TURNS: usize = 3;
const TOOLS: [&str; 3] = ["pytest", "detect-test-pollution", "pytest-bisect-tests"];
const BPYTHON: [&str; 9] = [
    "curtsies<0.2",
    "greenlet",
    "requests",
    "pygments",
    "six",
    "mock",
    "pytest",
    "detect-test-pollution",
    "pytest-bisect-tests",
];
/// A victim in bpython's suite that needs no coarse clock: `test_keymap_setitem` pollutes it.
const KEYMAP: &str = "bpython/test/test_keys.py::TestCLIKeys::test_keymap_map";

fn main() {
    for (what, measure) in [("generated", generated as fn() -> Result<(), String>), ("bpython", bpython)] {
        if let Err(reason) = measure() {
            println!("{what}: {reason}");
        }
    }
}

/// 2,000 tests, a second of imports.
fn generated() -> Result<(), String> {
    let python = environment("bench-3.11", "3.11", &TOOLS)?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_suite(folder.path()).map_err(|error| error.to_string())?;
    let slow = "import time\n\ntime.sleep(1)\n";
    fs::write(folder.path().join("conftest.py"), slow).map_err(|error| error.to_string())?;
    println!("2,000 generated tests, a second of imports");
    for (polluter, victim) in [PAIRS[0], PAIRS[2]] {
        println!(" {} after {}", name(victim), name(polluter));
        compare(folder.path(), &python, &name(victim), ".", "given");
    }
    println!(" no victim named");
    let options = ["--orders", "given,reverse", "--timestamps", "real"];
    let mut full = Command::new(&python);
    full.args(["-m", "pytest", "-q"]);
    let mut all = hunting(&python);
    all.args(options);
    let medians = turn_by_turn(
        folder.path(),
        &mut [("one full run of pytest", full), ("taster hunt, all three pairs", all)],
    );
    println!("  all pairs take {:.1} times one full run", medians[1] / medians[0]);
    Ok(())
}

fn bpython() -> Result<(), String> {
    let python = environment("bench-bpython-3.8", "3.8", &BPYTHON)?;
    let sources = target().join("sources");
    let archive = sources.join("bpython-0.15.0.tar.gz");
    if !archive.is_file() {
        let options = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
        run(Command::new(&python).args(options).arg(&sources).arg("bpython==0.15.0"))?;
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    run(Command::new("tar")
        .arg("xzf")
        .arg(&archive)
        .args(["--strip-components", "1", "-C"])
        .arg(folder.path()))?;
    println!("bpython 0.15.0");
    compare(folder.path(), &python, KEYMAP, "bpython/test", "reverse");
    Ok(())
}

/// All three bisect the same known victim.
fn compare(folder: &Path, python: &Path, victim: &str, tests: &str, orders: &str) {
    let mut ours = hunting(python);
    ours.args(["--orders", orders, "--timestamps", "real", "--victim", victim, "--", tests]);
    let bin = python.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let mut pollution = Command::new(bin.join("detect-test-pollution"));
    pollution.args(["--failing-test", victim, "--tests", tests]);
    let mut bisect = Command::new(bin.join("pytest-bisect-tests"));
    bisect.args(["--failing-test", victim, "--collect-options", tests]);
    let medians = turn_by_turn(
        folder,
        &mut [("taster hunt", ours), ("detect-test-pollution", pollution), ("pytest-bisect-tests", bisect)],
    );
    println!("  {:.1} and {:.1} times faster", medians[1] / medians[0], medians[2] / medians[0]);
}

/// Runs each command in turn, several times over; their median seconds.
fn turn_by_turn(folder: &Path, commands: &mut [(&str, Command)]) -> Vec<f64> {
    let mut all = vec![Vec::new(); commands.len()];
    let mut codes = vec![String::new(); commands.len()];
    for _ in 0..TURNS {
        for (at, (_, command)) in commands.iter_mut().enumerate() {
            let (seconds, code) = timed(command, folder);
            all[at].push(seconds);
            codes[at] = code;
        }
    }
    let medians = all.into_iter().map(|mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[TURNS / 2]
    });
    let medians: Vec<f64> = medians.collect();
    for (at, (what, _)) in commands.iter().enumerate() {
        println!("  {:8.2} s  {what} (exit {})", medians[at], codes[at]);
    }
    medians
}

fn hunting(python: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command.arg("hunt").arg("--python").arg(python);
    command
}

/// Seconds that a command takes, and its exit status; what it says goes nowhere. The environment's Python comes first on
/// PATH.
fn timed(command: &mut Command, folder: &Path) -> (f64, String) {
    let program = PathBuf::from(command.get_program());
    let path = std::env::var("PATH").unwrap_or_default();
    let first = program.parent().map(|bin| bin.display().to_string()).unwrap_or_default();
    let cache = std::env::temp_dir().join("taster-bench-cache");
    let started = Instant::now();
    let status = command
        .current_dir(folder)
        .env("PATH", format!("{first}:{path}"))
        .env("XDG_CACHE_HOME", cache)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let seconds = started.elapsed().as_secs_f64();
    let code =
        status.ok().and_then(|status| status.code()).map_or("no status".to_owned(), |code| code.to_string());
    (seconds, code)
}
