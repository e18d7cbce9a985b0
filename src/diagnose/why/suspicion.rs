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
    /// The pieces of which it is made up where they are many: which of them decide is asked only if the whole does.
    pub(super) parts: Vec<SuspectedCause>,
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
        Self { cause, evidence, repair, at: None, proof: ProofKind::Repaired, parts: Vec::new() }
    }

    /// The same with its repair at a place of the failing ordering.
    pub(super) fn at(self, at: usize) -> Self {
        let parts = self.parts.into_iter().map(|part| part.at(at)).collect();
        Self { at: Some(at), parts, ..self }
    }

    /// The same with another way to show that it is the cause.
    pub(super) fn shown_by(self, proof: ProofKind) -> Self {
        let parts = self.parts.into_iter().map(|part| part.shown_by(proof)).collect();
        Self { proof, parts, ..self }
    }

    /// Several pieces at one place as one suspicion; `None` without any.
    pub(super) fn of_several(pieces: &[Self]) -> Option<Self> {
        let (first, rest) = pieces.split_first()?;
        let mut whole = Self { parts: Vec::new(), ..first.clone() };
        for piece in rest {
            whole.repair.extend(piece.repair.iter().cloned());
            whole.evidence.extend(piece.evidence.iter().cloned());
            if piece.cause != whole.cause {
                whole.cause = Cause::ImportSideEffect;
            }
            if piece.proof != ProofKind::Repaired {
                whole.proof = piece.proof;
            }
        }
        Some(whole)
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
