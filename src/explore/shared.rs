//! What the walkers of one walk share: the graph, which branches are taken, the budget, and whom to tell how far it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::ExploreError;
use super::graph::{Arrival, Claim, Graph, NodeId};
use super::key;
use super::queue::Queue;
use super::script::StepPerformance;
use crate::budget::{Budget, StopReason};
use crate::interpreter::{Fingerprint, NoOutcome};
use crate::ordering::{Shape, StepsDone};
use crate::scenario::Scenario;

/// States that a walker keeps at once: on a real interpreter each is a process.
pub(super) const KEPT: usize = 200;

/// Steps between two calls of the meter.
const METERED: u64 = 64;

/// How far a walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkProgress {
    /// Distinct states so far.
    pub states: u64,
    /// Steps performed so far.
    pub transitions: u64,
}

/// Receives how far a walk is, from several threads.
pub type WalkMeter<'a> = &'a (dyn Fn(WalkProgress) + Sync);

/// What all walkers of one walk share.
pub(super) struct Shared<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) shape: &'a Shape,
    pub(super) times: key::Times,
    pub(super) merge: bool,
    /// Whether every ordering has an interpreter of its own, and no state is kept.
    pub(super) afresh: bool,
    pub(super) graph: &'a Mutex<Graph>,
    pub(super) states: &'a AtomicU64,
    /// By test, whether it takes part.
    pub(super) scope: &'a [bool],
    pub(super) budget: &'a Budget,
    pub(super) meter: WalkMeter<'a>,
    pub(super) goal: Goal,
    pub(super) queue: Queue,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every ordering was covered.
    Complete,
    /// The budget was used up before.
    Stopped(StopReason),
}

/// What a walk is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// All there is.
    Everything,
    /// Whether some ordering makes this test fail: the first that does is the last, and what comes after the test does not matter.
    Failure(usize),
}

/// Why a walk ended before it was complete.
pub(super) enum WalkError {
    /// The budget is used up.
    Stopped(StopReason),
    /// It found the failure that it was for.
    Found,
    /// The interpreter gave no outcome.
    Failed(ExploreError),
}

impl From<StopReason> for WalkError {
    fn from(stopped: StopReason) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<ExploreError> for WalkError {
    fn from(problem: ExploreError) -> Self {
        Self::Failed(problem)
    }
}

impl From<NoOutcome> for WalkError {
    fn from(problem: NoOutcome) -> Self {
        Self::Failed(problem.into())
    }
}

/// A branch that was taken: how far each test had got, and which had failed.
pub(super) type Taken = (Claim, StepsDone, Vec<usize>);

/// The state before a step of a test: how far each test had got, and which had failed.
pub(super) struct Departure {
    pub(super) node: NodeId,
    pub(super) test: usize,
    pub(super) progress: StepsDone,
    pub(super) failed: Vec<usize>,
}

impl Shared<'_> {
    /// The graph, for as long as the guard lives.
    pub(super) fn lock(&self) -> MutexGuard<'_, Graph> {
        self.graph.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a branch of a state that has one nobody has taken.
    pub(super) fn reserve(&self) -> Option<(NodeId, Claim)> {
        let mut graph = self.lock();
        let open = if self.scope.iter().all(|&within| within) {
            graph.pop_open(self.shape, self.scope)
        } else {
            graph.find_open(self.shape, self.scope)
        };
        let node = open?;
        graph.claim(node, self.shape, self.scope).map(|claim| (node, claim))
    }

    /// Whether to go on.
    pub(super) fn check(&self) -> Result<(), WalkError> {
        Ok(self.budget.check_states(self.states.load(Ordering::Relaxed))?)
    }

    /// Whether nothing that the walk is for comes after this.
    pub(super) fn is_end(&self, progress: &StepsDone) -> bool {
        let is_past = match self.goal {
            Goal::Everything => false,
            Goal::Failure(test) => self.shape.is_complete(progress, test),
        };
        is_past || self.shape.steps_left(progress) == 0
    }

    /// States that a walker may keep at once.
    pub(super) fn most_kept(&self) -> usize {
        if self.afresh { 0 } else { KEPT }
    }

    /// Returns a branch that was taken and not performed to those that nobody has taken.
    pub(super) fn give_back(&self, node: NodeId, claim: Option<Claim>) {
        if let Some(claim) = claim {
            self.lock().give_back(node, claim);
            self.queue.announce();
        }
    }

    /// The reserved branch of a state, or one that nobody has taken, or `None` if there is none left.
    pub(super) fn take(&self, node: NodeId, reserved: Option<Claim>) -> Option<Taken> {
        let mut graph = self.lock();
        let claim = reserved.or_else(|| graph.claim(node, self.shape, self.scope))?;
        let node = graph.node(node);
        Some((claim, node.progress.clone(), node.failed.clone()))
    }

    /// Records a performed step in the graph. Returns the state that it led to.
    pub(super) fn connect(
        &self,
        from: Departure,
        performed: StepPerformance,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<NodeId, WalkError> {
        let world = performed.world.clone();
        let (node, test) = (from.node, from.test);
        let arrival = arrival(self.shape, from, performed);
        let ended = self.is_end(&arrival.progress);
        let found = self.goal == Goal::Failure(test) && arrival.outcome.is_failure();
        let (key, unmergeable) = match fingerprint {
            _ if ended => (key::end(self.shape), false),
            _ if !self.merge => (key::unique(node, test), false),
            None => (key::unique(node, test), true),
            Some(known) => (key::state(&arrival.progress, &arrival.failed, &world, known, self.times), false),
        };
        let mut graph = self.lock();
        let to = graph.connect(node, test, key, Arrival { unmergeable, ended, ..arrival });
        self.states.store(graph.states(), Ordering::Relaxed);
        let progress = WalkProgress { states: graph.states(), transitions: graph.transitions() };
        drop(graph);
        self.queue.announce();
        if progress.transitions.is_multiple_of(METERED) {
            (self.meter)(progress);
        }
        if found { Err(WalkError::Found) } else { Ok(to) }
    }
}

/// The state after a performed step.
fn arrival(shape: &Shape, from: Departure, performed: StepPerformance) -> Arrival {
    let Departure { test, mut progress, mut failed, .. } = from;
    progress.step(test);
    if performed.outcome.is_failure() {
        failed.push(test);
        failed.sort_unstable();
    }
    failed.retain(|&test| !shape.is_complete(&progress, test));
    let StepPerformance { outcome, wrote_files, .. } = performed;
    Arrival { progress, failed, outcome, wrote_files, unmergeable: false, ended: false }
}
