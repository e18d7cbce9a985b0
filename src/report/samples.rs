//! Results made by hand, for the snapshots of every format.

use std::path::PathBuf;
use std::time::Duration;

use num_bigint::BigUint;

use crate::cause::Cause;
use crate::diagnose::{
    Alone, Evidence, EvidenceKind, Finding, Probability, Recommendation, Remedy, Share, Trial,
};
use crate::interpreter::{Crash, Identity, Inspection, Kind, Outcome};
use crate::kind::FindingKind;
use crate::note::Note;
use crate::remedy::{Place, RemedyKind, StepPlace};
use crate::replay::{Replay, ReplayedStep};
use crate::run::{NotRun, NotRunKind};
use crate::scenario::{
    Action, Check, CodeLines, Declaration, Limits, Literal, Permute, Position, RealCode, Scenario, Step,
    StepNames, Test, Timestamps, Version,
};
use crate::verdict::{Audit, Coverage, Judgement, Method, TestSummary, Verdict};
use crate::world::{EntryPath, Nanos, Operation, Time, World};

fn path(written: &str) -> EntryPath {
    EntryPath::new(written).expect("a path of the sample")
}

fn write(file: &str, text: &str) -> Step {
    Step::World(Operation::Write { path: path(file), text: text.into(), mtime: None })
}

fn import(module: &str, check: Check) -> Step {
    Step::Interpreter(Action::Import { module: module.into(), names: Vec::new(), check })
}

fn test(name: &str, steps: Vec<Step>) -> Test {
    let (step_names, code_lines) = (StepNames::new(), CodeLines::new());
    Test { name: name.into(), after: Vec::new(), steps, step_names, code_lines }
}

pub(super) fn clock(written: &str) -> Timestamps {
    let tick = if written == "1s" { Nanos::SECOND } else { Nanos(1) };
    Timestamps { written: written.into(), tick }
}

pub(super) fn identity(minor: u32, micro: u32) -> Identity {
    Identity {
        kind: Kind::CPython,
        version: Version::new(3, minor, micro),
        path: Some(PathBuf::from(format!("/usr/bin/python3.{minor}"))),
        label: format!("cpython-3.{minor}"),
    }
}

/// The ten-line program.
fn ten_lines() -> Scenario {
    let expected = Check::Expect(vec![(vec!["a".into()], Literal::Int(0))]);
    Scenario {
        path: "scenarios/ten-lines.toml".into(),
        title: "A module written after its directory was listed cannot be imported".into(),
        source: None,
        permute: Permute::Steps,
        python: None,
        bytecode: true,
        real: RealCode::default(),
        setup_names: StepNames::new(),
        setup_lines: CodeLines::new(),
        setup: vec![
            Step::World(Operation::Mkdir(path("tempdir"))),
            Step::Interpreter(Action::SysPath { path: path("tempdir"), position: Position::Last }),
        ],
        tests: vec![
            test("first", vec![write("tempdir/tempmod1.py", "a = 0\n"), import("tempmod1", expected)]),
            test("second", vec![write("tempdir/tempmod2.py", ""), import("tempmod2", Check::Nothing)]),
        ],
        timestamps: vec![clock("1s"), clock("1ns")],
        step_time: Nanos(1_000),
        measures_steps: false,
        step_timeout: Duration::from_secs(10),
        limits: Limits::default(),
        declarations: Vec::new(),
    }
}

fn victim(test: usize, polluter: usize) -> Finding {
    let outcome = Outcome::failed("ModuleNotFoundError", format!("No module named 'tempmod{}'", test + 1));
    Finding {
        others: vec![polluter],
        cause: Cause::StaleDirectoryListing,
        evidence: [
            (EvidenceKind::Finder, "$/tempdir"),
            (EvidenceKind::TimeWhenListed, "0.000000000"),
            (EvidenceKind::TimeNow, "0.000000000"),
            (EvidenceKind::NotListed, "tempmod2.py"),
        ]
        .into_iter()
        .map(|(kind, value)| Evidence { kind, value: value.to_owned() })
        .collect(),
        neighbour: Some(vec![polluter, test, polluter, test]),
        polluting_step: Some(StepPlace { test: polluter, step: 2 }),
        failing_step: Some(StepPlace { test, step: 2 }),
        share: Some(Share { failing: 1u32.into(), total: 6u32.into() }),
        probability: Some(Probability { numerator: 999_999u32.into(), denominator: 1_000_000u32.into() }),
        remedies: vec![
            Remedy {
                step: Some("{ invalidate-caches = true }".into()),
                places: vec![Place::Before(StepPlace { test: 1, step: 2 })],
                ..remedy(RemedyKind::InvalidateCaches, Trial::Verified)
            },
            remedy(RemedyKind::Sleep, Trial::Placebo),
            Remedy {
                step: Some("{ forget = \"tempmod2\" }".into()),
                places: vec![Place::After(StepPlace { test: 1, step: 1 })],
                ..remedy(RemedyKind::Forget, Trial::NotTried)
            },
            Remedy { order: vec![test, polluter], ..remedy(RemedyKind::Reorder, Trial::Verified) },
        ],
        recommended: Some(Recommendation {
            kind: RemedyKind::InvalidateCaches,
            step: "{ invalidate-caches = true }".into(),
            place: Place::Before(StepPlace { test: 1, step: 2 }),
            cures_everywhere: Some(true),
        }),
        declared: true,
        ..Finding::new(FindingKind::Victim, test, outcome, vec![polluter, polluter, test, test])
    }
}

fn remedy(kind: RemedyKind, trial: Trial) -> Remedy {
    Remedy { kind, step: None, trial, places: Vec::new(), order: Vec::new() }
}

pub(super) fn coverage(failing: u64, covered: u64, total: u64, method: Method) -> Coverage {
    Coverage {
        total: total.into(),
        covered: covered.into(),
        failing: failing.into(),
        method,
        cut_short: false,
    }
}

fn summary(failing: u64, alone: Alone) -> TestSummary {
    TestSummary { failing: BigUint::from(failing), alone }
}

/// The ten-line program at 1s on 3.11: both findings, declared.
pub(super) fn poisoned() -> Verdict {
    let coverage = coverage(2, 6, 6, Method::Exhaustive);
    let mut verdict = Verdict::new(ten_lines(), identity(11, 7), clock("1s"), coverage);
    verdict.tests = vec![summary(1, Alone::Passes), summary(1, Alone::Passes)];
    (verdict.states, verdict.transitions, verdict.audited, verdict.runs) = (14, 20, 6, 6);
    verdict.audit = Audit { orderings: 6, merged_entries: 3, covered: 3 };
    (verdict.seconds, verdict.diagnosis_seconds) = (0.04, 0.02);
    verdict.findings = vec![victim(1, 0), victim(0, 1)];
    verdict.judgement = Judgement::AsDeclared;
    verdict
}

/// The same at 1ns: clean.
pub(super) fn clean() -> Verdict {
    Verdict {
        timestamps: clock("1ns"),
        coverage: coverage(0, 6, 6, Method::Exhaustive),
        tests: vec![summary(0, Alone::Passes), summary(0, Alone::Passes)],
        findings: Vec::new(),
        ..poisoned()
    }
}

/// The same on 3.6, where the remedy is none, and the failing step says something else.
pub(super) fn poisoned_elsewhere() -> Verdict {
    let mut verdict = Verdict { interpreter: identity(6, 15), ..poisoned() };
    verdict.findings[0].outcome = Outcome::Crashed(Crash::Signal(11));
    verdict.findings[0].remedies[0].trial = Trial::Placebo;
    verdict.findings[1].remedies[0].places.insert(0, Place::Before(StepPlace { test: 0, step: 1 }));
    verdict
}

/// What the scenario does not declare, and what it declares and is gone.
pub(super) fn differing() -> Verdict {
    let mut verdict = poisoned();
    verdict.scenario.declarations.push(Declaration {
        kind: FindingKind::Broken,
        test: 0,
        others: Vec::new(),
        cause: Some(Cause::RetainedModule),
        timestamps: Vec::new(),
        python: None,
    });
    for finding in &mut verdict.findings {
        finding.declared = false;
    }
    verdict.missing = vec![0];
    verdict.judgement = Judgement::Differs;
    verdict.notes =
        vec![Note::WritesFiles(StepPlace { test: 0, step: 2 }), Note::CleanersNotSought { limit: 24 }];
    verdict
}

/// Whole tests permuted and sampled, with the kinds of findings that are no victims.
pub(super) fn sampled() -> Verdict {
    let mut scenario = ten_lines();
    scenario.path = "scenarios/a-long-folder-name/sampled.toml".into();
    scenario.permute = Permute::Tests;
    scenario
        .tests
        .push(test("a test with quite a long name", vec![import("package.with.long.names", Check::Nothing)]));
    let brittle = Finding {
        kind: FindingKind::Brittle,
        cause: Cause::Unknown,
        outcome: Outcome::Mismatched { message: "p.s.V: expected 1, there is no attribute s".into() },
        witness: vec![0, 2],
        neighbour: Some(vec![2, 0]),
        polluting_step: Some(StepPlace { test: 0, step: 1 }),
        failing_step: Some(StepPlace { test: 2, step: 1 }),
        remedies: Vec::new(),
        recommended: None,
        share: None,
        probability: None,
        cleaners: vec![1],
        ..victim(2, 0)
    };
    let alone = |kind, test| Finding {
        kind,
        others: Vec::new(),
        cause: Cause::Unknown,
        outcome: Outcome::TimedOut,
        witness: vec![test],
        neighbour: None,
        polluting_step: None,
        failing_step: Some(StepPlace { test, step: 1 }),
        evidence: Vec::new(),
        remedies: Vec::new(),
        recommended: None,
        share: None,
        probability: None,
        declared: false,
        minimal: false,
        ..victim(test, 0)
    };
    Verdict {
        scenario,
        coverage: coverage(1_200, 10_000, 40_320_000, Method::Sampled { seed: 7 }),
        tests: vec![summary(0, Alone::Mixed), summary(1_200, Alone::Fails), summary(0, Alone::Fails)],
        findings: vec![brittle, alone(FindingKind::Broken, 1), alone(FindingKind::FlakyAlone, 0)],
        judgement: Judgement::Incomplete,
        ..poisoned()
    }
}

/// What the model refused.
pub(super) fn refused() -> NotRun {
    NotRun {
        scenario: "scenarios/ten-lines.toml".into(),
        interpreter: Some(Identity {
            kind: Kind::Model,
            version: Version::new(3, 13, 0),
            path: None,
            label: "model-3.13".into(),
        }),
        timestamps: Some("1s".into()),
        reason: "needs a real interpreter, such as --python 3.11: `exec` (second, step 1)".into(),
        kind: NotRunKind::Skipped,
    }
}

/// The first failing ordering, step by step.
pub(super) fn replayed() -> (Scenario, Replay) {
    let scenario = ten_lines();
    let failing = victim(1, 0).outcome;
    let tests = [(None, 1), (None, 2), (Some(0), 1), (Some(0), 2), (Some(1), 1), (Some(1), 2)];
    let mut steps = Vec::new();
    for (place, (test, number)) in tests.into_iter().enumerate() {
        let step = match test {
            None => &scenario.setup[number - 1],
            Some(test) => &scenario.tests[test].steps[number - 1],
        };
        steps.push(ReplayedStep {
            test,
            number,
            step: step.clone(),
            began: Time(Time::START.0 + 1_000 * place as u64),
            outcome: if place == 5 { failing.clone() } else { Outcome::Passed },
            output: if place == 3 { "hello from tempmod1\n".into() } else { String::new() },
            world: World::new(Nanos::SECOND),
            inspection: Inspection::default(),
        });
    }
    let replay = Replay { interpreter: identity(11, 7), timestamps: clock("1s"), steps };
    (scenario, replay)
}
