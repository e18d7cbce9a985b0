//! Random scenarios on the model and on real `CPythons`, side by side, for as long as you like: `TASTER_FUZZ="10000 3.8
//! 3.13 seed=1 jobs=2" cargo test --release --test library fuzz:: -- --ignored --nocapture` (how many, on which versions,
//! from which seed, on how many versions at a time). It runs until that number of scenarios was compared from end to end; scenarios with a step that the
//! model refuses are counted separately. The first difference of each version is shrunk and shown.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use crate::agreement::plan::{Plan, plan, script};
use crate::agreement::{Compared, Pair, installations};
use crate::not_run;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use taster::interpreter::{Installation, Outcome};
use taster::scenario::{Action, Step};
use taster::world::Operation;

/// A look at listings costs as much as the steps of an ordering, and what is wrong with one shows at the next or at the end.
const LOOKS_EVERY: usize = 4;

/// What a run over one version met.
#[derive(Debug, Default)]
struct Met {
    /// Scenarios compared from end to end, in all their orderings.
    compared: usize,
    /// Those in which the model refused a step; what came before it was compared.
    refused: usize,
    orderings: usize,
    steps: usize,
    /// Why the model refused.
    reasons: BTreeMap<String, usize>,
    /// For each verb, how often it passed, and how often it did not.
    verbs: BTreeMap<&'static str, (usize, usize)>,
    /// Which exceptions were compared, and how often.
    exceptions: BTreeMap<String, usize>,
}

#[test]
#[ignore = "takes as long as TASTER_FUZZ says"]
fn random_scenarios_run_alike_on_model_and_cpython() {
    let words = std::env::var("TASTER_FUZZ").unwrap_or_default();
    let (seeds, others): (Vec<&str>, Vec<&str>) =
        words.split_whitespace().partition(|word| word.starts_with("seed="));
    let (jobs, others): (Vec<&str>, Vec<&str>) =
        others.into_iter().partition(|word| word.starts_with("jobs="));
    let (versions, cases): (Vec<&str>, Vec<&str>) = others.into_iter().partition(|word| word.contains('.'));
    let cases = cases.first().map_or(100, |word| word.parse().expect("a number of scenarios"));
    let seed = seeds.first().map_or(1, |word| word[5..].parse().expect("a seed is a number"));
    let mut found = installations();
    found.retain(|found| versions.is_empty() || versions.contains(&found.identity.version.short().as_str()));
    if found.is_empty() {
        not_run::say("no CPython of these versions was found");
    }
    let jobs = jobs.first().map_or(1, |word| word[5..].parse().expect("a number of versions at a time"));
    let (waiting, differing) = (Mutex::new(found.into_iter()), Mutex::new(Vec::new()));
    let next = || waiting.lock().expect("no thread panicked").next();
    let work = || {
        while let Some(installation) = next() {
            let (said, same) = fuzz(&installation, cases, seed);
            println!("{said}");
            if !same {
                differing.lock().expect("no thread panicked").push(installation.identity.label);
            }
        }
    };
    std::thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    let differing = differing.into_inner().expect("no thread panicked");
    assert!(differing.is_empty(), "the model differs from {differing:?}");
}

/// What came of it for people, and whether nothing differed.
fn fuzz(installation: &Installation, cases: u32, seed: u64) -> (String, bool) {
    let started = Instant::now();
    let start = |bytecode| {
        let mut pair = Pair::start(installation, bytecode).expect("the interpreter starts");
        pair.looks_every = LOOKS_EVERY;
        pair
    };
    let pairs = RefCell::new([start(false), start(true)]);
    let met = RefCell::new(Met::default());
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        max_global_rejects: u32::MAX,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&plan(), |plan| {
        let mut pairs = pairs.borrow_mut();
        judge(&mut pairs[usize::from(plan.bytecode)], &plan, &mut met.borrow_mut())
    });
    let end = match &result {
        Ok(()) => "  no difference".to_owned(),
        Err(TestError::Fail(reason, plan)) => format!(
            "  DIFFERENCE {reason}\n bytecode {}, tick {}, step-time {}",
            plan.bytecode, plan.tick, plan.step_time
        ),
        Err(problem) => format!("  {problem}"),
    };
    let head = format!(
        "{} seed={seed}, in {:.0} s: {}",
        installation.identity.label,
        started.elapsed().as_secs_f64(),
        met.into_inner().shown()
    );
    (format!("{head}\n{end}"), result.is_ok())
}

fn judge(pair: &mut Pair, plan: &Plan, met: &mut Met) -> Result<(), TestCaseError> {
    let mut refused = false;
    let orderings: Vec<_> = plan.orderings(pair.version).collect();
    let all: Vec<_> = orderings.iter().map(Vec::as_slice).collect();
    match pair.compare_all(&all, plan.tick, plan.step_time) {
        Ok(each) => {
            for (steps, compared) in orderings.iter().zip(each) {
                refused |= compared.refused.is_some();
                met.count(steps, compared);
            }
        }
        Err((ordering, difference)) => {
            let shown = script(&orderings[ordering][..=difference.at]);
            return Err(TestCaseError::fail(format!("{difference}\n{shown}")));
        }
    }
    if refused {
        met.refused += 1;
        return Err(TestCaseError::reject("the model refuses a step of it"));
    }
    met.compared += 1;
    Ok(())
}

impl Met {
    fn count(&mut self, steps: &[(Option<usize>, Step)], compared: Compared) {
        self.steps += compared.steps;
        self.orderings += usize::from(compared.refused.is_none());
        if let Some(reason) = compared.refused {
            let reason = reason.split(" (").next().unwrap_or_default().to_owned();
            *self.reasons.entry(reason).or_default() += 1;
        }
        for ((_, step), outcome) in steps.iter().zip(compared.outcomes) {
            let counts = self.verbs.entry(verb(step)).or_default();
            match outcome {
                Outcome::Skipped => continue,
                Outcome::Passed => counts.0 += 1,
                _ => counts.1 += 1,
            }
            if let Outcome::Failed { exception, .. } = outcome {
                *self.exceptions.entry(exception).or_default() += 1;
            }
        }
    }

    fn shown(&self) -> String {
        let mut text = format!(
            "{} scenarios compared from end to end ({} orderings, {} steps); {} refused in part",
            self.compared, self.orderings, self.steps, self.refused
        );
        let verbs: Vec<_> =
            self.verbs.iter().map(|(verb, (passed, failed))| format!("{verb} {passed}/{failed}")).collect();
        let exceptions: Vec<_> =
            self.exceptions.iter().map(|(name, count)| format!("{name} {count}")).collect();
        text.push_str(&format!("\n  steps passed/failed: {}", verbs.join(", ")));
        text.push_str(&format!("\n  exceptions: {}", exceptions.join(", ")));
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in reasons {
            text.push_str(&format!("\n  {count:>6} orderings refused: {reason}"));
        }
        text
    }
}

fn verb(step: &Step) -> &'static str {
    match step {
        Step::World(Operation::Write { .. }) => "write",
        Step::World(Operation::Mkdir(_)) => "mkdir",
        Step::World(Operation::Remove(_)) => "remove",
        Step::World(Operation::Rename { .. }) => "rename",
        Step::World(Operation::Touch { .. }) => "touch",
        Step::World(Operation::Sleep(_)) => "sleep",
        Step::World(Operation::Copy { .. }) => "copy",
        Step::World(Operation::Link { .. }) => "symlink",
        Step::Interpreter(Action::Import { names, .. }) if names.is_empty() => "import",
        Step::Interpreter(Action::Import { .. }) => "from-import",
        Step::Interpreter(Action::SysPath { .. }) => "sys-path",
        Step::Interpreter(Action::InvalidateCaches) => "invalidate-caches",
        Step::Interpreter(Action::Forget(_)) => "forget",
        Step::Interpreter(Action::Reload { .. }) => "reload",
        Step::Interpreter(Action::Exec { .. }) => "exec",
        Step::Interpreter(Action::Evaluate(_)) => "check",
        Step::Interpreter(Action::NotImported(_)) => "not-imported",
        Step::Interpreter(Action::ChangeDirectory(_)) => "chdir",
        Step::Interpreter(Action::SysPathText { .. }) => "sys-path as written",
        Step::Interpreter(Action::SetVariable { .. }) => "setenv",
        Step::Interpreter(Action::LazyImport { .. }) => "lazy import",
        Step::Interpreter(Action::Compile { .. }) => "compile",
        Step::Interpreter(Action::RunModule { .. }) => "run-module",
        Step::Interpreter(_) => "other",
    }
}
