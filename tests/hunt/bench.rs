//! `taster hunt` beside the tools that people bisect with now, in one run: medians of wall-clock seconds, turn by turn, their
//! ratios, and what each found; then what a hunt of a large suite takes beside its runs. Asserts nothing. Arguments are the parts to run, and a number of turns: `cargo bench --bench hunt -- 1 generated`.
#![expect(clippy::print_stdout, reason = "its results are for people")]

mod environments;
mod generated;
mod many;
mod weight;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use environments::{environment, run, target};
use generated::{PAIRS, name, write_suite};
use many::{Size, Truth, write_many};

type Measure = fn(usize) -> Result<(), String>;

/// As large as suites that people call large.
const LARGE: Size = Size { tests: 2000, victims: 300, brittle: 20, chains: 5 };
const TURNS: usize = 3;
/// How taster and the other tools say what they have found.
const FOUND: [&str; 6] = [
    "order-dependent",
    "the polluting test is: ",
    "found failing test",
    "try `",
    "Faulty test:",
    "Leak found in: ",
];
const TOOLS: [&str; 4] = ["pytest", "detect-test-pollution", "pytest-bisect-tests", "pytest-leak-finder"];
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
/// pytest-leak-finder does one step of a bisection in each run of pytest, towards the first test that fails.
const LEAK_FINDER: &str = r#"rm -rf .pytest_cache
for step in $(seq 40); do
    "$0" -m pytest -q --tb=no --leak-finder "$@" | grep "Leak found in: " && exit 0
done
exit 1"#;

fn main() {
    let all: [(&str, Measure); 6] = [
        ("generated", generated),
        ("many polluters", many_polluters),
        ("bpython", bpython),
        ("between", weight::between),
        ("jobs", weight::jobs),
        ("memory", weight::memory),
    ];
    let arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let (numbers, wanted): (Vec<String>, Vec<String>) =
        arguments.partition(|argument| argument.parse::<usize>().is_ok_and(|turns| turns > 0));
    let turns = numbers.first().and_then(|turns| turns.parse().ok()).unwrap_or(TURNS);
    for (what, measure) in
        all.iter().filter(|(what, _)| wanted.is_empty() || wanted.iter().any(|each| each == what))
    {
        if let Err(reason) = measure(turns) {
            println!("{what}: {reason}");
        }
    }
}

/// 2,000 tests, a second of imports.
fn generated(turns: usize) -> Result<(), String> {
    let python = environment("bench-3.11", "3.11", &TOOLS)?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_suite(folder.path()).map_err(|error| error.to_string())?;
    let slow = "import time\n\ntime.sleep(1)\n";
    fs::write(folder.path().join("conftest.py"), slow).map_err(|error| error.to_string())?;
    println!("2,000 generated tests, a second of imports");
    // In the given order, the victim in the middle fails first.
    for ((polluter, victim), other) in [(PAIRS[0], PAIRS[2]), (PAIRS[2], PAIRS[0])] {
        println!(" {} after {}", name(victim), name(polluter));
        let without = format!("--deselect={}", name(other.1));
        compare((folder.path(), turns), &python, (&name(victim), "."), "given", Some(&[&without]));
    }
    println!(" no victim named");
    let mut all = hunting(&python);
    all.args(["--orders", "given,reverse", "--timestamps", "real"]);
    let medians = nobody_named((folder.path(), turns), &python, ("taster hunt, all three pairs", all));
    println!("  all pairs take {:.1} times one full run", medians[1] / medians[0]);
    Ok(())
}

/// 2,000 tests, 40 polluters of 12 kinds: one of their victims, and all of them.
fn many_polluters(turns: usize) -> Result<(), String> {
    let python = environment("bench-3.11", "3.11", &TOOLS)?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let truth = write_many(folder.path(), LARGE).map_err(|error| error.to_string())?;
    println!("2,000 generated tests, {} polluters of 12 kinds", many::polluters());
    let (victim, polluter) = first_failing(&python, folder.path(), &truth)?;
    println!(" {victim} after {polluter}");
    compare((folder.path(), turns), &python, (&victim, "."), "given", Some(&[]));
    println!(" no victim named");
    let mut all = hunting(&python);
    all.args(["--orders", "given,state", "--timestamps", "real"]);
    let what =
        format!("taster hunt, {} victims and {} brittle tests", truth.victims.len(), truth.brittle.len());
    let medians = nobody_named((folder.path(), turns), &python, (&what, all));
    println!("  all of them take {:.1} times one full run", medians[1] / medians[0]);
    Ok(())
}

/// The first victim that fails in the given order, and its polluter.
fn first_failing(python: &Path, folder: &Path, truth: &Truth) -> Result<(String, String), String> {
    let output = Command::new(python)
        .args(["-m", "pytest", "-q", "--tb=no", "-rf", "--color=no"])
        .current_dir(folder)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = said.lines().filter_map(|line| line.strip_prefix("FAILED ")?.split(" - ").next());
    let known = |test: &str| match truth.victims.get(test)?.as_slice() {
        [polluter] => Some((test.to_owned(), polluter.clone())),
        _ => None,
    };
    failed.filter_map(known).next().ok_or_else(|| format!("no victim failed: {said}"))
}

/// One full run, ours without a victim, and a search by chance for any test that fails.
fn nobody_named(place: (&Path, usize), python: &Path, ours: (&str, Command)) -> Vec<f64> {
    let mut full = Command::new(python);
    full.args(["-m", "pytest", "-q"]);
    let mut fuzz = Command::new(bin(python).join("detect-test-pollution"));
    fuzz.args(["--fuzz", "--tests", "."]);
    let fuzz = ("detect-test-pollution --fuzz, until one test fails", fuzz);
    turn_by_turn(place, &mut [("one full run of pytest", full), ours, fuzz])
}

fn bin(python: &Path) -> PathBuf {
    python.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

fn bpython(turns: usize) -> Result<(), String> {
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
    compare((folder.path(), turns), &python, (KEYMAP, "bpython/test"), "reverse", None);
    Ok(())
}

/// All bisect the same known victim. `first` are options of pytest with which it is the first to fail in the given order,
/// as pytest-leak-finder needs; without them that one is left out.
fn compare(
    place: (&Path, usize),
    python: &Path,
    (victim, tests): (&str, &str),
    orders: &str,
    first: Option<&[&str]>,
) {
    let mut ours = hunting(python);
    ours.args(["--orders", orders, "--timestamps", "real", "--victim", victim, "--", tests]);
    let mut pollution = Command::new(bin(python).join("detect-test-pollution"));
    pollution.args(["--failing-test", victim, "--tests", tests]);
    let mut bisect = Command::new(bin(python).join("pytest-bisect-tests"));
    bisect.args(["--failing-test", victim, "--collect-options", tests]);
    let mut all =
        vec![("taster hunt", ours), ("detect-test-pollution", pollution), ("pytest-bisect-tests", bisect)];
    if let Some(first) = first {
        let mut leak = Command::new("sh");
        leak.args(["-c", LEAK_FINDER]).arg(python).args(first).arg(tests);
        all.push(("pytest-leak-finder", leak));
    }
    let medians = turn_by_turn(place, &mut all);
    let times: Vec<String> = medians[1..].iter().map(|other| format!("{:.1}", other / medians[0])).collect();
    println!("  {} times as long as taster", times.join(", "));
}

/// Runs each command in turn, several times over; their median seconds.
fn turn_by_turn((folder, turns): (&Path, usize), commands: &mut [(&str, Command)]) -> Vec<f64> {
    let mut all = vec![Vec::new(); commands.len()];
    let mut said = vec![String::new(); commands.len()];
    for _ in 0..turns {
        for (at, (_, command)) in commands.iter_mut().enumerate() {
            let (seconds, told) = timed(command, folder);
            all[at].push(seconds);
            said[at] = told;
        }
    }
    let medians = all.into_iter().map(|mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[turns / 2]
    });
    let medians: Vec<f64> = medians.collect();
    for (at, (what, _)) in commands.iter().enumerate() {
        println!("  {:8.2} s  {what}: {}", medians[at], said[at]);
    }
    medians
}

fn hunting(python: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
    command.arg("hunt").arg("--python").arg(python);
    command
}

/// Seconds that a command takes, and what it says to have found. The environment's Python comes first on PATH.
fn timed(command: &mut Command, folder: &Path) -> (f64, String) {
    let program = PathBuf::from(command.get_program());
    let path = std::env::var("PATH").unwrap_or_default();
    let first = program.parent().map(|bin| bin.display().to_string()).unwrap_or_default();
    let cache = std::env::temp_dir().join("taster-bench-cache");
    let started = Instant::now();
    let output = command
        .current_dir(folder)
        .env("PATH", format!("{first}:{path}"))
        .env("XDG_CACHE_HOME", cache)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let seconds = started.elapsed().as_secs_f64();
    let said = output.map_or_else(|error| error.to_string(), |output| found(&output));
    (seconds, said)
}

/// The line in which a tool names what it has found, the last one if there are several, or else its exit status.
fn found(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout);
    let names = |line: &&str| FOUND.iter().any(|words| line.contains(words));
    let status = || output.status.code().map_or("no status".to_owned(), |code| format!("exit {code}"));
    said.lines().rfind(names).map_or_else(status, |line| line.trim().to_owned())
}
