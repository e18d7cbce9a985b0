//! What a suspicion is: a piece of state that could be the cause, and the steps that put it right.

use crate::cause::Cause;
use crate::diagnose::evidence::{Evidence, EvidenceKind};
use crate::scenario::{Repair, Step};

/// A piece of state that could be the cause, what shows it, and what puts it right.
#[derive(Debug, Clone)]
pub(in crate::diagnose) struct SuspectedCause {
    pub(in crate::diagnose) cause: Cause,
    /// What was read from the live interpreter.
    pub(in crate::diagnose) evidence: Vec<Evidence>,
    pub(in crate::diagnose) repair: Vec<Step>,
    /// The place of the repair in the failing ordering, or `None` if it stands just before the failing step.
    pub(in crate::diagnose) at: Option<usize>,
    pub(in crate::diagnose) proof: ProofKind,
}

/// How a repair shows that a piece of state is the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnose) enum ProofKind {
    /// Where it is put right, the test passes.
    Repaired,
    /// The same; the repair puts back what the piece held before the polluting step.
    PutBack,
    /// The same; in the passing ordering there is nothing to put right.
    OnlyThere,
    /// Where the passing ordering gets what the failing one has, the test fails as it does there.
    Spoiled,
}

impl SuspectedCause {
    pub(super) fn new<const N: usize>(
        cause: Cause,
        repair: Vec<Step>,
        evidence: [(EvidenceKind, String); N],
    ) -> Self {
        let evidence = evidence.into_iter().map(|(kind, value)| Evidence { kind, value }).collect();
        Self { cause, evidence, repair, at: None, proof: ProofKind::Repaired }
    }

    /// The same with its repair at a place of the failing ordering.
    pub(super) fn at(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }

    /// The same with another way to show that it is the cause.
    pub(super) fn shown_by(self, proof: ProofKind) -> Self {
        Self { proof, ..self }
    }

    /// Whether the other is of the same piece of state in the same condition; times may differ.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let timeless = |fact: &&Evidence| {
            !matches!(
                fact.kind,
                EvidenceKind::TimeWhenListed | EvidenceKind::TimeNow | EvidenceKind::SourceSecond
            )
        };
        self.cause == other.cause
            && self.repair == other.repair
            && self.evidence.iter().filter(timeless).eq(other.evidence.iter().filter(timeless))
    }
}

/// A repair as a step.
pub(super) fn repair(repair: Repair) -> Step {
    Step::Interpreter(crate::scenario::Action::Repair(repair))
}
