//! What `taster run` takes for many scenarios, for shards of them, and for scenarios that outgrow walking: processor time and time of the
//! binary itself, as ratios within one run. Prints; asserts nothing. Parts can be named: `cargo bench --bench scale -- shards`.
#![allow(clippy::print_stdout, reason = "its results are for people")]

mod pairs;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::process::{WaitOptions, getpid, set_child_subreaper, wait};
use serde_json::Value;
use tempfile::TempDir;

/// The interpreter unless the environment names another.
const PYTHON: &str = "3.11";

/// Machines among which the scenarios are divided.
const SHARDS: usize = 4;

/// Starts of which the median counts.
const STARTS: usize = 15;

type Part = (&'static str, fn(&str));

const PARTS: [Part; 6] = [
    ("six", six_orderings),
    ("diagnosis", diagnosis),
    ("walk", walk),
    ("verdicts", verdicts),
    ("shards", shards),
    ("effects", effects),
];

/// Copies of an interpreter that are made and ended to learn what one takes.
const COPIES: u32 = 2000;

fn main() {
    // Interpreters that taster leaves behind at its end count too: this process waits for them.
    set_child_subreaper(Some(getpid())).expect("Linux has subreapers");
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let python = std::env::var("TASTER_PYTHON").unwrap_or_else(|_| PYTHON.to_owned());
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("{name}, on {python}");
            part(&python);
        }
    }
}

/// What a command took.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// Seconds of processor time, of all its processes.
    cpu: f64,
    /// Seconds.
    real: f64,
}

fn taken(command: &mut Command) -> (Taken, Vec<u8>) {
    let (before, began) = (cpu_of_children(), Instant::now());
    let output = command.stderr(Stdio::null()).output().expect("it starts");
    let real = began.elapsed().as_secs_f64();
    while wait(WaitOptions::empty()).is_ok() {}
    (Taken { cpu: cpu_of_children() - before, real }, output.stdout)
}

fn taster(arguments: &[&str]) -> (Taken, Vec<u8>) {
    taken(Command::new(env!("CARGO_BIN_EXE_taster")).args(arguments))
}

/// The median of some runs.
fn typical(run: impl Fn() -> Taken) -> Taken {
    let mut all: Vec<Taken> = (0..STARTS).map(|_| run()).collect();
    all.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
    all[all.len() / 2]
}

/// One scenario of six orderings, against nothing but the start of an interpreter.
fn six_orderings(python: &str) {
    let path = path_of(python);
    let bare = typical(|| taken(Command::new(&path).args(["-s", "-S", "-c", "pass"]).env_clear()).0);
    let scenario = ["run", "scenarios/bpython-582.toml", "--timestamps", "1s", "--python", python];
    let all = typical(|| taster(&scenario).0);
    let counting = typical(|| taster(&[&scenario[..], &["--diagnose", "none"]].concat()).0);
    println!("  an interpreter: {:.3} s of processor time", bare.cpu);
    println!("  six orderings, diagnosed: {:.3} s, {:.0} interpreters", all.cpu, all.cpu / bare.cpu);
    println!("  the same, not diagnosed: {:.3} s, {:.0} interpreters", counting.cpu, counting.cpu / bare.cpu);
}

/// What the diagnosis of twelve findings takes, against the exploring of the same scenario, and against what a finding of its own takes.
fn diagnosis(python: &str) {
    let path = path_of(python);
    let start = typical(|| taken(Command::new(&path).args(["-s", "-S", "-c", "pass"]).env_clear()).0);
    let of = |file: &str| {
        let run = ["run", file, "--timestamps", "1s", "--python", python, "--jobs", "1", "--format", "json"];
        let (all, told) = taster(&run);
        let counted = taster(&[&run[..], &["--diagnose", "none"]].concat()).0;
        let verdict: Value = serde_json::from_slice(&told).unwrap_or_default();
        let findings = verdict["findings"].as_array().map_or(0, Vec::len);
        (all.cpu - counted.cpu, counted.cpu, f64::from(u32::try_from(findings).unwrap_or(u32::MAX)))
    };
    let (many, exploring, findings) = of("scenarios/four-modules.toml");
    let (few, _, two) = of("scenarios/bpython-582.toml");
    println!(
        "  four-modules, {findings:.0} findings: {many:.2} s of processor time, {:.1} times its exploring, {:.0} interpreters",
        many / exploring,
        many / start.cpu
    );
    println!(
        "  of one finding: {:.2} s, {:.2} of what one of the {two:.0} of bpython-582 takes",
        many / findings,
        (many / findings) / (few / two)
    );
}

/// All orderings of five tests of two steps, walked with two workers, against an interpreter started for each, and against copies.
fn walk(python: &str) {
    let path = path_of(python);
    let start = typical(|| taken(Command::new(&path).args(["-s", "-S", "-c", "pass"]).env_clear()).0);
    let copies = pairs::copying(COPIES);
    let copy =
        taken(Command::new(&path).args(["-s", "-S", "-c", &copies]).env_clear()).0.cpu / f64::from(COPIES);
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("scenario.toml");
    fs::write(&file, pairs::text(5)).expect("there is room");
    let file = file.display().to_string();
    let (taken, told) = taster(&[
        "run",
        &file,
        "--timestamps",
        "1s",
        "--python",
        python,
        "--diagnose",
        "none",
        "--audit",
        "0",
        "--format",
        "json",
    ]);
    let verdict: Value = serde_json::from_slice(&told).unwrap_or_default();
    let orderings: f64 = verdict["orderings"]["total"].as_str().unwrap_or("0").parse().unwrap_or_default();
    let transitions = verdict["transitions"].as_f64().unwrap_or_default();
    let each = taken.cpu / transitions;
    println!(
        "  {orderings:.0} orderings: {transitions:.0} transitions, {:.1} s, {:.1} s of processor time; {:.2} ms a transition, {:.1} copies",
        taken.real,
        taken.cpu,
        1e3 * each,
        each / copy
    );
    let one_each = start.cpu * orderings;
    println!(
        "  an interpreter for each would take {one_each:.0} s of processor time, {:.0} times as much",
        one_each / taken.cpu
    );
}

/// The shipped scenarios, one verdict after the other and side by side.
fn verdicts(python: &str) {
    let run = |jobs: &str| taster(&["run", "scenarios", "--python", python, "--jobs", jobs]).0;
    let (one, two) = (run("1"), run("2"));
    println!("  --jobs 1: {:.1} s of processor time in {:.1} s", one.cpu, one.real);
    println!("  --jobs 2: {:.1} s of processor time in {:.1} s", two.cpu, two.real);
    println!("  two workers take {:.0} % of the time of one", 100.0 * two.real / one.real);
}

/// The shipped scenarios, whole and in shards: N machines are done when the longest shard is.
fn shards(python: &str) {
    let fixed = ["run", "scenarios", "--python", python, "--format", "json"];
    let whole = taster(&fixed).0;
    let shard = |index| taster(&[&fixed[..], &["--shard", &format!("{index}/{SHARDS}")]].concat()).0;
    let shards: Vec<Taken> = (1..=SHARDS).map(shard).collect();
    let longest = shards.iter().map(|taken| taken.cpu).fold(0.0, f64::max);
    let all: f64 = shards.iter().map(|taken| taken.cpu).sum();
    println!("  whole: {:.1} s of processor time; the longest of {SHARDS} shards: {longest:.1} s", whole.cpu);
    println!(
        "  {:.2} times as fast on {SHARDS} machines; together they take {:.2} times as much",
        whole.cpu / longest,
        all / whole.cpu
    );
}

/// Scenarios that outgrow walking: every distinct effect is confirmed.
fn effects(python: &str) {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, text) in [
        ("eight tests of two steps", pairs::text(8)),
        ("twelve free steps", free()),
        ("ten tests of two steps", pairs::text(10)),
    ] {
        confirm(&folder, python, name, &text);
    }
}

fn confirm(folder: &TempDir, python: &str, name: &str, text: &str) {
    let file = folder.path().join("scenario.toml");
    fs::write(&file, text).expect("there is room");
    let file = file.display().to_string();
    let fixed =
        ["run", &file, "--timestamps", "1s", "--python", python, "--diagnose", "none", "--format", "json"];
    let (taken, told) = taster(&fixed);
    let verdict: Value = serde_json::from_slice(&told).unwrap_or_default();
    let (orderings, effects) = (&verdict["orderings"], &verdict["orderings"]["effects"]);
    let steps = effects["steps"].as_f64().unwrap_or_default();
    println!(
        "  {name}: {} orderings, {} of {} effects in {steps} steps; {:.1} s, {:.1} s of processor time, {:.2} ms a step",
        orderings["total"].as_str().unwrap_or("no"),
        effects["confirmed"],
        effects["distinct"],
        taken.real,
        taken.cpu,
        1e3 * taken.cpu / steps
    );
}

/// Six tests that write a module each, and six that import one.
fn free() -> String {
    let mut text = String::from("title = 'free'\nsetup = [{ mkdir = 'lib' }, { sys-path = 'lib' }]\n");
    for test in 1..=6 {
        let _ = write!(
            text,
            "[[test]]\nname = 'w{test}'\nsteps = [{{ write = 'lib/m{test}.py' }}]\n[[test]]\nname = 'i{test}'\nsteps = [{{ import = 'm{test}' }}]\n"
        );
    }
    text
}

/// The executable of an interpreter that taster finds.
fn path_of(python: &str) -> String {
    let (_, told) = taster(&["pythons", "--format", "json"]);
    let told = String::from_utf8_lossy(&told).into_owned();
    let all = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_it = |one: &Value| one["version"].as_str().is_some_and(|version| version.starts_with(python));
    let path = all.into_iter().find(is_it).and_then(|one| one["path"].as_str().map(str::to_owned));
    path.filter(|path| Path::new(path).exists()).expect("that interpreter is there")
}

/// Seconds that ended children took (Linux).
fn cpu_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(13).take(2).map(|field| field.parse().unwrap_or(0.0) / 100.0).sum()
}
