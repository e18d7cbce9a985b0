//! The verdict on one scenario, on one interpreter, under one clock: what was covered, what was found, and whether that is
//! what the scenario declares. Plain data, and `judge`, which compares findings with declarations.

mod carried;
mod coverage;
mod named;

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

pub use carried::CarriedVerdict;
pub use coverage::{Coverage, Method};
pub use named::NamedFinding;

use crate::cause::Cause;
use crate::diagnose::{Alone, Finding};
use crate::explore::Disagreement;
use crate::interpreter::Identity;
use crate::kind::FindingKind;
use crate::note::Note;
use crate::scenario::{Declaration, Scenario, Timestamps};

/// The result of running one scenario on one interpreter under one clock.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The scenario; findings name its tests by index.
    #[serde(skip)]
    pub scenario: Scenario,
    /// The interpreter that performed the steps.
    pub interpreter: Identity,
    /// The clock.
    pub timestamps: Timestamps,
    /// How many orderings there are, were covered, and fail.
    pub coverage: Coverage,
    /// One summary per test, in the order of the file.
    pub tests: Vec<TestSummary>,
    /// Distinct states met.
    pub states: u64,
    /// Steps performed between them.
    pub transitions: u64,
    /// Orderings run again from a fresh interpreter, unmerged, and compared.
    pub audited: u64,
    /// How far the audit went.
    pub audit: Audit,
    /// Runs of an interpreter beside an exhaustive exploration: samples, those that narrow down who interferes and why, and the
    /// audited.
    pub runs: u64,
    /// Real seconds of the exploration.
    pub seconds: f64,
    /// Real seconds of the diagnosis.
    pub diagnosis_seconds: f64,
    /// What was found, declared or not.
    pub findings: Vec<Finding>,
    /// Indices of the scenario's declarations that apply here and were not found.
    pub missing: Vec<usize>,
    /// Whether what was found is what is declared.
    pub judgement: Judgement,
    /// What the built-in model says of the same scenario.
    pub model: SecondOpinion,
    /// What a reader must know to understand the verdict: a step that wrote files itself, a state that cannot be merged.
    pub notes: Vec<Note>,
}

/// How far the audit went: whoever enters a merged state by another way than the one that was kept, and goes on to an end, tests
/// whether it was right to merge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Orderings performed again from a fresh interpreter, unmerged.
    pub orderings: u64,
    /// Ways into merged states, those with more than one way in.
    pub merged_entries: u64,
    /// Those that the audited orderings took.
    pub covered: u64,
}

/// What the model says where a real interpreter judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondOpinion {
    /// It was not asked: the interpreter is the model itself, has no model, or did not cover every ordering.
    NotAsked,
    /// Every step of every ordering comes out the same.
    Agrees,
    /// It cannot evaluate the scenario.
    Refused(String),
    /// It differs: a defect of taster, with the shortest ordering that shows it.
    Differs(Disagreement),
}

/// Whether findings were looked into for their causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Causes {
    /// They were; one that is unknown could not be confirmed.
    Sought,
    /// They were not.
    NotSought,
}

/// What one test did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TestSummary {
    /// Covered orderings in which it fails.
    pub failing: BigUint,
    /// What it does on its own.
    pub alone: Alone,
}

/// Whether what was found is what is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Judgement {
    /// Exactly what is declared, and the search was complete.
    AsDeclared,
    /// Something undeclared was found, or something declared is gone.
    Differs,
    /// No undeclared finding so far, but the search was cut short.
    Incomplete,
}

impl Judgement {
    /// As machine output writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsDeclared => "as-declared",
            Self::Differs => "differs",
            Self::Incomplete => "incomplete",
        }
    }
}

impl Verdict {
    /// A verdict on this much, with nothing found yet, no effort counted, and no judgement but `Incomplete`.
    pub fn new(
        scenario: Scenario,
        interpreter: Identity,
        timestamps: Timestamps,
        coverage: Coverage,
    ) -> Self {
        let unknown = TestSummary { failing: BigUint::ZERO, alone: Alone::Unknown };
        Self {
            tests: vec![unknown; scenario.tests.len()],
            scenario,
            interpreter,
            timestamps,
            coverage,
            states: 0,
            transitions: 0,
            audited: 0,
            audit: Audit::default(),
            runs: 0,
            seconds: 0.0,
            diagnosis_seconds: 0.0,
            findings: Vec::new(),
            missing: Vec::new(),
            judgement: Judgement::Incomplete,
            model: SecondOpinion::NotAsked,
            notes: Vec::new(),
        }
    }

    /// Compares the findings with the declarations that apply here: marks those that are declared, lists those that are missing,
    /// and sets the judgement. `complete` says that every ordering was covered; then what is missing is gone. If
    /// nobody looked for causes, declared causes are not compared.
    pub fn judge(&mut self, complete: bool, causes: Causes) {
        let version = self.interpreter.version;
        let applies = |declared: &&Declaration| declared.applies(&version, &self.timestamps.written);
        for finding in &mut self.findings {
            let place = (&self.interpreter, &self.timestamps);
            finding.declared = is_declared(finding, &self.scenario, place, causes);
        }
        let gone = |(_, declared): &(usize, &Declaration)| {
            // Chance that was not met this time is not gone.
            let lasts = declared.kind != FindingKind::Nondeterministic;
            lasts
                && applies(declared)
                && !self.findings.iter().any(|finding| speaks_of(declared, finding, causes))
        };
        self.missing = self.scenario.declarations.iter().enumerate().filter(gone).map(|(at, _)| at).collect();
        self.judgement = if self.findings.iter().any(|finding| !finding.declared) || self.fails_unnamed() {
            Judgement::Differs
        } else if self.missing.is_empty() && complete && !self.owes_a_cause(causes) {
            Judgement::AsDeclared
        } else if complete && !self.missing.is_empty() {
            Judgement::Differs
        } else {
            Judgement::Incomplete
        };
    }

    /// Whether a cause is declared of a finding for whose cause there was no time.
    fn owes_a_cause(&self, causes: Causes) -> bool {
        let unsought = |finding: &&Finding| finding.cause == Cause::NotSought;
        causes == Causes::Sought
            && self.findings.iter().filter(unsought).any(|finding| {
                let mut declared = self.declared_here().filter(|declared| declared.cause.is_some());
                declared.any(|declared| speaks_of(declared, finding, causes))
            })
    }

    /// Judges a run whose search for findings was cut short: nobody looked into a failure that no finding names.
    pub fn judge_cut_short(&mut self, causes: Causes) {
        self.judge(false, causes);
        if self.judgement == Judgement::Differs && self.findings.iter().all(|finding| finding.declared) {
            self.judgement = Judgement::Incomplete;
        }
    }

    /// The declarations that speak of this interpreter and clock.
    pub fn declared_here(&self) -> impl Iterator<Item = &Declaration> {
        let version = self.interpreter.version;
        let applies = move |declared: &&Declaration| declared.applies(&version, &self.timestamps.written);
        self.scenario.declarations.iter().filter(applies)
    }

    /// Judges where no findings were sought: as declared where nothing fails and nothing is declared, else incomplete.
    pub fn judge_undiagnosed(&mut self, complete: bool) {
        self.judge(complete, Causes::NotSought);
        if self.judgement == Judgement::Differs {
            self.judgement = Judgement::Incomplete;
        }
    }

    /// Whether declarations could say what was found: the judgement does not rest on a failure that no finding names.
    pub fn can_be_declared(&self) -> bool {
        !self.fails_unnamed()
    }

    /// Whether a test fails in a covered ordering that no finding names; one that is known to fail by chance may.
    fn fails_unnamed(&self) -> bool {
        let by_chance = |test: usize| {
            self.declared_here()
                .any(|declared| declared.kind == FindingKind::Nondeterministic && declared.test == test)
        };
        let named = |test: usize| self.findings.iter().any(|finding| finding.test == test) || by_chance(test);
        self.tests.iter().enumerate().any(|(test, summary)| summary.failing > BigUint::ZERO && !named(test))
    }
}

/// Whether the scenario declares this finding for an interpreter and a clock.
pub fn is_declared(
    finding: &Finding,
    scenario: &Scenario,
    (interpreter, timestamps): (&Identity, &Timestamps),
    causes: Causes,
) -> bool {
    let applies = |declared: &&Declaration| declared.applies(&interpreter.version, &timestamps.written);
    scenario.declarations.iter().filter(applies).any(|declared| speaks_of(declared, finding, causes))
}

/// Whether a declaration is of this finding.
fn speaks_of(declared: &Declaration, finding: &Finding, causes: Causes) -> bool {
    let sorted = |tests: &[usize]| {
        let mut tests = tests.to_vec();
        tests.sort_unstable();
        tests
    };
    let asked = declared.cause.filter(|_| causes == Causes::Sought);
    // A cause that nobody looked for contradicts none.
    let cause = asked.is_none_or(|cause| finding.cause == Cause::NotSought || cause == finding.cause);
    declared.kind == finding.kind
        && declared.test == finding.test
        && sorted(&declared.others) == sorted(&finding.others)
        && cause
}
