//! The virtual clock against a real one: shipped scenarios on a mounted ext3 file system with 1 s timestamps,
//! unpatched, on every installed CPython. Needs root, loop devices and `mkfs.ext3`; reports visibly if it could not
//! run.

#![expect(clippy::print_stderr, reason = "what could not run is said where it is seen")]
#![expect(clippy::unwrap_used, reason = "a test ends where its premises do not hold")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use taster::budget::Budget;
use taster::diagnose::Odds;
use taster::explore::{Explorer, Lab, Reach, Script};
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::{Installation, Kind};
use taster::ordering::{Counter, Shape};
use taster::scenario::{Action, Check, Literal, Position, Scenario, Step, Timestamps};
use taster::world::{Nanos, Operation};

/// Scenarios with more orderings are left to the virtual clock.
const ORDERINGS: u32 = 90;

/// Runs of a scenario with a sleep, spread over a second.
const RUNS: usize = 40;

/// A mounted file system, unmounted in the end.
struct Mounted {
    directory: tempfile::TempDir,
}

impl Mounted {
    fn ext3() -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(|problem| problem.to_string())?;
        let image = directory.path().join("image");
        let file = std::fs::File::create(&image).map_err(|problem| problem.to_string())?;
        file.set_len(64 << 20).map_err(|problem| problem.to_string())?;
        succeeds(Command::new("mkfs.ext3").args(["-q", "-I", "128", "-N", "8192"]).arg(&image))?;
        let mounted = Self { directory };
        std::fs::create_dir(mounted.root()).map_err(|problem| problem.to_string())?;
        succeeds(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(mounted.root()))?;
        Ok(mounted)
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("mounted")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = succeeds(Command::new("umount").arg(self.root()));
    }
}

fn succeeds(command: &mut Command) -> Result<(), String> {
    let output =
        command.output().map_err(|problem| format!("{}: {problem}", command.get_program().display()))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{}: {said}", command.get_program().display()))
}

fn shipped() -> Vec<Scenario> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir("scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    // Those of real code have a directory of their own.
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.iter().map(|path| taster::scenario::read(path).unwrap()).collect()
}

fn sleeps(scenario: &Scenario) -> bool {
    scenario.steps().any(|step| matches!(step, Step::World(Operation::Sleep(_))))
}

fn second() -> Timestamps {
    Timestamps { written: "1s".into(), tick: Nanos::SECOND }
}

fn literal(value: &Literal) -> Value {
    match value {
        Literal::Bool(value) => json!(value),
        Literal::Int(value) => json!(value),
        Literal::Float(value) => json!(value),
        Literal::Str(value) => json!(value),
        Literal::List(values) => values.iter().map(literal).collect(),
        Literal::Dict(entries) => entries.iter().map(|(key, value)| (key.clone(), literal(value))).collect(),
    }
}

fn checked(mut step: Value, check: &Check) -> Value {
    match check {
        Check::Nothing => {}
        Check::Raises(class) => step["raises"] = json!(class),
        Check::Warns(_) => panic!("{ON_VIRTUAL_TIME}"),
        Check::Expect(expected) => {
            step["expect"] = expected.iter().map(|(path, value)| json!([path, literal(value)])).collect();
        }
    }
    step
}

#[expect(clippy::cast_precision_loss, reason = "a sleep has few digits")]
fn on_the_world(operation: &Operation) -> Value {
    match operation {
        Operation::Write { path, text, mtime: None } => {
            json!({"verb": "write", "path": path.to_string(), "text": &**text})
        }
        Operation::Mkdir(path) => json!({"verb": "mkdir", "path": path.to_string()}),
        Operation::Remove(path) => json!({"verb": "remove", "path": path.to_string()}),
        Operation::Rename { from, to } => {
            json!({"verb": "rename", "path": from.to_string(), "to": to.to_string()})
        }
        Operation::Touch { path, mtime: None } => json!({"verb": "touch", "path": path.to_string()}),
        Operation::Sleep(length) => json!({"verb": "sleep", "seconds": length.0 as f64 / 1e9}),
        _ => panic!("{ON_VIRTUAL_TIME}"),
    }
}

fn plan_of(step: &Step) -> Value {
    match step {
        Step::World(operation) => on_the_world(operation),
        Step::Interpreter(action) => match action {
            Action::Import { module, names, check } => {
                checked(json!({"verb": "import", "module": module, "names": names}), check)
            }
            Action::Reload { module, check } => checked(json!({"verb": "reload", "module": module}), check),
            Action::SysPath { path, position } => {
                let position = if *position == Position::First { "first" } else { "last" };
                json!({"verb": "sys-path", "path": path.to_string(), "position": position})
            }
            Action::InvalidateCaches => json!({"verb": "invalidate-caches"}),
            Action::Forget(module) => json!({"verb": "forget", "module": module}),
            Action::Exec { code, check } => checked(json!({"verb": "exec", "code": &**code}), check),
            _ => panic!("{ON_VIRTUAL_TIME}"),
        },
    }
}

/// A scenario and the orderings of it that are tried, by the test of each step.
struct Case {
    scenario: Scenario,
    orderings: Vec<Vec<usize>>,
}

/// What ground_truth.py does not perform.
const ON_VIRTUAL_TIME: &str = "only on the virtual clock";

/// Whether a scenario has no steps that ground_truth.py does not perform.
fn needs_no_more(scenario: &Scenario) -> bool {
    let is_known = |step: &Step| match step {
        Step::World(Operation::Copy { .. } | Operation::Link { .. }) => false,
        Step::World(operation) => !operation.sets_time(),
        Step::Interpreter(
            Action::Import { check, .. } | Action::Reload { check, .. } | Action::Exec { check, .. },
        ) => !matches!(check, Check::Warns(_)),
        Step::Interpreter(action) => {
            matches!(action, Action::SysPath { .. } | Action::InvalidateCaches | Action::Forget(_))
        }
    };
    !scenario.real.is_reached() && scenario.steps().all(is_known)
}

/// The shipped scenarios that are small enough, with or without sleeps.
fn cases(python: &Installation, with_sleeps: bool) -> Vec<Case> {
    let meant = shipped()
        .into_iter()
        .filter(needs_no_more)
        .filter(|scenario| sleeps(scenario) == with_sleeps && scenario.is_for(&python.identity.version));
    let case = |scenario: Scenario| {
        let shape = Shape::of(&scenario);
        let all: Vec<usize> = (0..shape.tests()).collect();
        let small = Counter::new(&shape, &all).unwrap().total() <= ORDERINGS.into();
        let orderings = shape.words_of(&all).map(|word| shape.steps_of(&word));
        small.then(|| Case { orderings: orderings.collect(), scenario })
    };
    meant.filter_map(case).collect()
}

/// The tests that fail in each ordering of each case, on the real file system.
fn really(cases: &[Case], python: &Installation, (root, mode): (&Path, &str)) -> Vec<Vec<Vec<usize>>> {
    let steps = |steps: &[Step]| steps.iter().map(plan_of).collect::<Vec<_>>();
    let scenario = |case: &Case| {
        json!({
            "bytecode": case.scenario.bytecode,
            "setup": steps(&case.scenario.setup),
            "tests": case.scenario.tests.iter().map(|test| steps(&test.steps)).collect::<Vec<_>>(),
            "orderings": case.orderings,
        })
    };
    let scenarios: Vec<Value> = cases.iter().map(scenario).collect();
    let plan = json!({"root": root, "mode": mode, "scenarios": scenarios});
    let mut command = Command::new(python.identity.path.as_ref().unwrap());
    command.args(["-s", "-S", "tests/ground_truth.py"]).env_clear();
    command.env("LC_ALL", "C.UTF-8").env("PYTHONHASHSEED", "0").env("PATH", "/usr/bin:/bin");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), &plan).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", python.identity.label);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The same for one case under the virtual clock.
fn virtually(case: &Case, python: &Installation) -> Vec<Vec<usize>> {
    let second = second();
    let mut explorer = Explorer::new(Lab::new(&case.scenario, python, &second), true).unwrap();
    let all: Vec<usize> = (0..case.scenario.tests.len()).collect();
    let budget = Budget::default().with_states(1_000_000);
    assert_eq!(explorer.cover(&all, 1, &budget, &|_| {}).unwrap(), Reach::Complete);
    let graph = explorer.graph();
    let failing = |steps: &Vec<usize>| {
        let outcomes = graph.walk(steps).unwrap();
        let failed = steps.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_failure());
        let mut failed: Vec<usize> = failed.map(|(test, _)| *test).collect();
        failed.sort_unstable();
        failed
    };
    case.orderings.iter().map(failing).collect()
}

/// Every ordering fails in truth the tests that it fails under the virtual clock.
fn same_orderings(python: &Installation, root: &Path) -> Result<(), Failed> {
    let cases = cases(python, false);
    let real = really(&cases, python, (root, "aligned"));
    let mut differences = Vec::new();
    for (case, real) in cases.iter().zip(real) {
        let expected = virtually(case, python);
        for ((ordering, real), expected) in case.orderings.iter().zip(real).zip(expected) {
            if real != expected {
                let path = case.scenario.path.display();
                differences
                    .push(format!("{path} {ordering:?}: tests {real:?} fail, and virtually {expected:?}"));
            }
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

/// Scenarios with sleeps fail as often as the exact probability allows: within four standard deviations, and 15 % for steps
/// that take longer in truth.
#[expect(clippy::cast_precision_loss, reason = "there are few runs")]
fn same_shares(python: &Installation, root: &Path) -> Result<(), Failed> {
    let mut cases = cases(python, true);
    let exact: Vec<Vec<Vec<f64>>> = cases.iter().map(|case| probabilities(case, python)).collect();
    for case in &mut cases {
        case.orderings = case.orderings.iter().flat_map(|word| vec![word.clone(); RUNS]).collect();
    }
    let real = really(&cases, python, (root, "scattered"));
    let mut differences = Vec::new();
    for ((case, real), exact) in cases.iter().zip(real).zip(exact) {
        for ((runs, words), exact) in real.chunks(RUNS).zip(case.orderings.chunks(RUNS)).zip(exact) {
            for (test, exact) in exact.into_iter().enumerate() {
                let share = runs.iter().filter(|failed| failed.contains(&test)).count() as f64 / RUNS as f64;
                let deviation = (exact * (1.0 - exact) / RUNS as f64).sqrt();
                if (share - exact).abs() > 4.0 * deviation + 0.15 {
                    let path = case.scenario.path.display();
                    differences
                        .push(format!("{path} {:?}: test {test} fails {share}, exactly {exact}", words[0]));
                }
            }
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

/// How likely each test fails in each ordering.
fn probabilities(case: &Case, python: &Installation) -> Vec<Vec<f64>> {
    let second = second();
    let mut performer = Lab::new(&case.scenario, python, &second).performer().unwrap();
    let mut odds = Odds::new(&case.scenario, python.identity.kind);
    let of_ordering = |steps: &Vec<usize>| {
        let script = Script::with_setup(&case.scenario, steps);
        let tests = 0..case.scenario.tests.len();
        tests
            .map(|test| odds.of(&mut performer, &script, test, second.tick).unwrap().unwrap().value())
            .collect()
    };
    case.orderings.iter().map(of_ordering).collect()
}

type Compare = fn(&Installation, &Path) -> Result<(), Failed>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1); // real clocks: what runs beside a trial moves its times
    let places = Places::from_variables(|name| std::env::var_os(name));
    let pythons = discover(&places);
    let mounted = Mounted::ext3();
    let mut trials = Vec::new();
    for python in pythons.into_iter().filter(|python| python.identity.kind == Kind::CPython) {
        let comparisons: [(&str, Compare); 2] = [("orderings", same_orderings), ("sleeps", same_shares)];
        for (name, compare) in comparisons {
            let name = format!("ext3::{name}::{}", python.identity.label);
            trials.push(match &mounted {
                Ok(mounted) => {
                    let (root, python) = (mounted.root(), python.clone());
                    Trial::test(name, move || compare(&python, &root))
                }
                Err(reason) => {
                    Trial::test(format!("{name} (not run: {reason})"), || Ok(())).with_ignored_flag(true)
                }
            });
        }
    }
    if let Err(reason) = &mounted {
        eprintln!("ground truth not run: no ext3 file system could be mounted here: {reason}");
    }
    if trials.is_empty() {
        eprintln!("ground truth not run: no CPython was found");
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
