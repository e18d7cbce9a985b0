//! What waits to be looked into, and what it rests on. The order in which it is done is for `settle` to say.

use crate::kind::FindingKind;
use crate::suite::judge::suspicion::Suspicion;

/// What a suspicion rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// An order that ran; `is_long` if it took so long that it is worth branches.
    Order { is_long: bool },
    /// A state in which the test ran after one other test.
    State,
    /// A run of just these tests, made to see whether it holds.
    OwnRun,
}

/// A suspicion that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) suspicion: Suspicion,
    pub(super) evidence: Evidence,
}

/// Suspicions that wait, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Queue(Vec<Waiting>);

impl Queue {
    pub(super) fn add(&mut self, suspicion: Suspicion, evidence: Evidence) {
        self.0.push(Waiting { suspicion, evidence });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that waits; nothing waits any more.
    pub(super) fn take(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.0)
    }

    /// Whether a run has shown the test pass, which may be brittle.
    pub(super) fn may_be_brittle(&self, test: usize) -> bool {
        self.0.iter().any(|each| each.suspicion.test == test && each.suspicion.kind == FindingKind::Brittle)
    }
}

/// Suspicions by what they rest on.
#[derive(Debug, Default)]
pub(super) struct ByEvidence {
    pub(super) own_run: Vec<Suspicion>,
    pub(super) state: Vec<Suspicion>,
    /// Each with whether its order took long.
    pub(super) orders: Vec<(Suspicion, bool)>,
}

impl ByEvidence {
    pub(super) fn of(waiting: Vec<Waiting>) -> Self {
        let mut sorted = Self::default();
        for Waiting { suspicion, evidence } in waiting {
            match evidence {
                Evidence::OwnRun => sorted.own_run.push(suspicion),
                Evidence::State => sorted.state.push(suspicion),
                Evidence::Order { is_long } => sorted.orders.push((suspicion, is_long)),
            }
        }
        sorted
    }
}
