//! What a suspicion is: a piece of state that could be the cause, and the steps that put it right.

use crate::cause::Cause;
use crate::diagnose::evidence::{Evidence, EvidenceKind};
use crate::scenario::{Action, Repair, Step};

/// A piece of state that could be the cause, what shows it, and what puts it right.
#[derive(Debug, Clone)]
pub(super) struct SuspectedCause {
    pub(super) cause: Cause,
    /// What was read from the live interpreter.
    pub(super) evidence: Vec<Evidence>,
    pub(super) repair: Vec<Step>,
}

impl SuspectedCause {
    pub(super) fn new<const N: usize>(
        cause: Cause,
        repair: Vec<Step>,
        evidence: [(EvidenceKind, String); N],
    ) -> Self {
        let evidence = evidence.into_iter().map(|(kind, value)| Evidence { kind, value }).collect();
        Self { cause, evidence, repair }
    }
}

/// A repair as a step.
pub(super) fn repair(repair: Repair) -> Step {
    Step::Interpreter(Action::Repair(repair))
}
