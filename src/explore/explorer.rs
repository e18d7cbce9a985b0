//! A scenario on one interpreter under one clock: covers its orderings, performs single ones and scripts, and remembers the
//! outcomes.

mod scripts;
mod stage;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::ExploreError;
use super::graph::Graph;
use super::key;
use super::lab::Lab;
use super::queue::Queue;
use super::sampled::SampledOrderings;
use super::script::Script;
use super::shared::{Goal, Reach, Shared, WalkError, WalkMeter};
use super::worker_limit::WorkerLimit;
use super::workers::Workers;
use crate::budget::Budget;
use crate::interpreter::{Freshness, Identity, Inspection, Outcome};
use crate::ordering::Shape;
use crate::scenario::Scenario;
use crate::world::World;
use stage::ExplorerStage;

/// A scenario on one interpreter under one clock, and the outcomes of all that was performed so far.
pub struct Explorer<'a> {
    lab: Lab<'a>,
    shape: Shape,
    times: key::Times,
    merge: bool,
    afresh: bool,
    limit: Option<Budget>,
    workers: WorkerLimit,
    graph: Mutex<Graph>,
    sampled: SampledOrderings,
    states: AtomicU64,
    scripts_performed: u64,
    stage: ExplorerStage,
    identity: Identity,
    /// What setup left, once somebody has looked at it.
    start: Option<(World, Inspection)>,
}

impl std::fmt::Debug for Explorer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explorer").field("scenario", &self.scenario().path).finish_non_exhaustive()
    }
}

impl<'a> Explorer<'a> {
    /// Starts an interpreter and performs the scenario's setup. With `merge` off no two states count as equal.
    ///
    /// # Errors
    /// Where the interpreter cannot be started or a setup step does not pass.
    pub fn new(lab: Lab<'a>, merge: bool) -> Result<Self, ExploreError> {
        let mut stage = ExplorerStage::set_up(lab)?;
        let identity = stage.walker(lab, None)?.identity().clone();
        let shape = Shape::of(lab.scenario());
        Ok(Self {
            lab,
            times: key::Times::for_scenario(lab.scenario(), identity.kind),
            merge,
            afresh: false,
            limit: None,
            workers: WorkerLimit::default(),
            graph: Mutex::new(Graph::new(&shape)),
            sampled: SampledOrderings::default(),
            shape,
            states: AtomicU64::new(1),
            scripts_performed: 0,
            stage,
            identity,
            start: None,
        })
    }

    /// From now on every ordering is performed in an interpreter of its own, and no state is kept: copies of one process can
    /// share what is not of the process, such as the position in an open file.
    #[must_use = "the explorer is returned, not changed in place"]
    pub fn afresh(mut self) -> Self {
        self.afresh = true;
        self.lab = self.lab.with_freshness(Freshness::Process);
        self.merge = false;
        self
    }

    /// Whether equal states are explored once.
    pub fn merges(&self) -> bool {
        self.merge
    }

    /// From now on what is performed outside of [`cover`](Self::cover) is interrupted where this budget is used up.
    pub fn limit(&mut self, budget: &Budget) {
        self.limit = Some(budget.clone());
        if let Some(walker) = self.stage.awake() {
            walker.limit(Some(budget));
        }
    }

    /// From now on workers beside the first one are taken from these.
    pub fn take_workers_from(&mut self, limit: &WorkerLimit) {
        self.workers = limit.clone();
    }

    /// Where its interpreters come from.
    pub fn lab(&self) -> Lab<'a> {
        self.lab
    }

    /// Which interpreter it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The scenario's orderings.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The scenario.
    pub fn scenario(&self) -> &'a Scenario {
        self.lab.scenario()
    }

    /// Forgets all states, and returns their graph.
    pub fn forget(&mut self) -> Graph {
        self.sampled = SampledOrderings::default();
        self.states.store(1, Ordering::Relaxed);
        let empty = Graph::new(&self.shape);
        std::mem::replace(&mut *self.graph(), empty)
    }

    /// Restores a graph that was forgotten.
    pub fn recall(&mut self, graph: Graph) {
        self.states.store(graph.states(), Ordering::Relaxed);
        *self.graph() = graph;
    }

    /// The graph so far.
    pub fn graph(&self) -> MutexGuard<'_, Graph> {
        self.graph.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Distinct states so far; of orderings that were performed on their own, each step counts as one.
    pub fn states(&self) -> u64 {
        self.states.load(Ordering::Relaxed) + self.sampled.steps()
    }

    /// Steps performed so far.
    pub fn transitions(&self) -> u64 {
        self.graph().transitions() + self.sampled.steps()
    }

    /// Steps whose own code wrote files: (test, number from 1).
    pub fn writers(&self) -> BTreeSet<(usize, usize)> {
        self.graph().writers().chain(self.sampled.writers()).collect()
    }

    /// The outcomes of these steps from the start, or `None` if not all of them have been performed.
    pub fn known(&self, steps: &[usize]) -> Option<Vec<Outcome>> {
        self.sampled.get(steps).or_else(|| Some(self.graph().walk(steps)?.into_iter().cloned().collect()))
    }

    /// Covers every ordering of the tests in `scope` (which hold all that they must come after), with up to `jobs`
    /// interpreters at once.
    ///
    /// # Errors
    /// Where an interpreter is lost for good, or refuses.
    pub fn cover(
        &mut self,
        scope: &[usize],
        jobs: usize,
        budget: &Budget,
        meter: WalkMeter<'_>,
    ) -> Result<Reach, ExploreError> {
        match self.walk((scope, Goal::Everything), jobs, budget, meter) {
            Ok(()) | Err(WalkError::Found) => Ok(Reach::Complete),
            Err(WalkError::Stopped(stopped)) => Ok(Reach::Stopped(stopped)),
            Err(WalkError::Failed(problem)) => Err(problem),
        }
    }

    /// Whether some ordering of all tests makes this one fail, or `None` if the budget is used up before. What comes after
    /// the test is not performed: the graph is of no use for anything else then.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn can_fail(&mut self, test: usize, budget: &Budget) -> Result<Option<bool>, ExploreError> {
        let all: Vec<usize> = (0..self.shape.tests()).collect();
        match self.walk((&all, Goal::Failure(test)), 1, budget, &|_| {}) {
            Ok(()) => Ok(Some(false)),
            Err(WalkError::Found) => Ok(Some(true)),
            Err(WalkError::Stopped(_)) => Ok(None),
            Err(WalkError::Failed(problem)) => Err(problem),
        }
    }

    fn walk(
        &mut self,
        (scope, goal): (&[usize], Goal),
        jobs: usize,
        budget: &Budget,
        meter: WalkMeter<'_>,
    ) -> Result<(), WalkError> {
        let walker = self.stage.walker(self.lab, self.limit.as_ref())?;
        let mask: Vec<bool> = (0..self.shape.tests()).map(|test| scope.contains(&test)).collect();
        let shared = Shared {
            scenario: self.lab.scenario(),
            shape: &self.shape,
            times: self.times,
            merge: self.merge,
            afresh: self.afresh,
            graph: &self.graph,
            states: &self.states,
            scope: &mask,
            budget,
            meter,
            goal,
            queue: Queue::default(),
        };
        let walked = Workers { lab: self.lab, jobs, limit: &self.workers }.cover(walker, &shared);
        walker.limit(self.limit.as_ref());
        walked
    }

    /// The outcomes of one ordering's steps (of all tests or some), performing it where they are not known yet.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform_remembered(&mut self, steps: &[usize]) -> Result<Vec<Outcome>, ExploreError> {
        if let Some(known) = self.known(steps) {
            return Ok(known);
        }
        self.renew()?;
        let script = Script::of_ordering(self.lab.scenario(), steps);
        let performed = self.walker()?.perform(&script)?;
        self.sampled.record(steps, &performed);
        Ok(performed.into_iter().map(|step| step.outcome).collect())
    }

    /// Records what the steps of an ordering did on an interpreter like this one.
    pub fn remember(&mut self, steps: &[usize], outcomes: &[Outcome]) {
        self.sampled.remember(steps, outcomes);
    }
}
