//! A verdict as a shard hands it on: everything but its scenario, which stands once for all verdicts on it. Only the version of taster that
//! wrote it reads it back.

use serde::Deserialize;

use super::{Audit, Coverage, Judgement, SecondOpinion, TestSummary, Verdict};
use crate::diagnose::Finding;
use crate::interpreter::Identity;
use crate::note::Note;
use crate::scenario::{Scenario, Timestamps};

/// What a verdict is serialized to: all of it but its scenario.
#[derive(Debug, Clone, Deserialize)]
pub struct CarriedVerdict {
    interpreter: Identity,
    timestamps: Timestamps,
    coverage: Coverage,
    tests: Vec<TestSummary>,
    states: u64,
    transitions: u64,
    audited: u64,
    audit: Audit,
    runs: u64,
    seconds: f64,
    diagnosis_seconds: f64,
    findings: Vec<Finding>,
    missing: Vec<usize>,
    judgement: Judgement,
    model: SecondOpinion,
    notes: Vec<Note>,
}

impl CarriedVerdict {
    /// The verdict, of this scenario.
    pub fn of(self, scenario: Scenario) -> Verdict {
        Verdict {
            scenario,
            interpreter: self.interpreter,
            timestamps: self.timestamps,
            coverage: self.coverage,
            tests: self.tests,
            states: self.states,
            transitions: self.transitions,
            audited: self.audited,
            audit: self.audit,
            runs: self.runs,
            seconds: self.seconds,
            diagnosis_seconds: self.diagnosis_seconds,
            findings: self.findings,
            missing: self.missing,
            judgement: self.judgement,
            model: self.model,
            notes: self.notes,
        }
    }
}
