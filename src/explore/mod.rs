//! Walks the orderings of a scenario on an interpreter, merges equal states, and keeps the graph of what was met. Walking is
//! `walker`, the graph `graph`, what makes states equal `key`, adding up `tally`. It says what happened; what it means is
//! for `diagnose`.

mod afresh;
mod agreement;
mod apart;
mod entries;
mod graph;
mod key;
mod stage;
mod tally;
mod walker;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use agreement::{Disagreement, disagreement};
pub use entries::Entries;
pub use graph::{Edge, Graph, Node, NodeId};
pub use stage::Stage;
pub use tally::{Tally, tally};

use crate::interpreter::{Identity, Inspection, Interpreter, Kind, NoOutcome, Outcome};
use crate::ordering::Shape;
use crate::scenario::{Scenario, Step, Timestamps};
use crate::world::{Time, World};
use apart::Apart;
use walker::{Halt, Renewal, Walker};

/// Starts one more interpreter of the kind that is explored.
pub type Start<'a> = &'a (dyn Fn() -> Result<Box<dyn Interpreter + Send>, NoOutcome> + Sync);

/// Limits of a walk, looked at on every step.
#[derive(Debug, Clone)]
pub struct Budget {
    /// States past which a walk ends.
    pub states: u64,
    /// The instant past which a walk ends.
    pub until: Option<Instant>,
    /// Set from outside to end a walk.
    pub interrupted: Arc<AtomicBool>,
}

impl Budget {
    /// Whether a walk that met so many states must end now.
    pub fn is_over(&self, states: u64) -> bool {
        let late = self.until.is_some_and(|until| Instant::now() >= until);
        late || states > self.states || self.interrupted.load(Ordering::Relaxed)
    }
}

/// How far a walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    /// Distinct states so far.
    pub states: u64,
    /// Steps performed so far.
    pub transitions: u64,
}

/// Where a walk tells how far it is.
pub type Meter<'a> = &'a (dyn Fn(Met) + Sync);

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every ordering was covered.
    Complete,
    /// The budget of states or time is used up.
    OverBudget,
    /// Somebody asked to stop.
    Interrupted,
}

/// Why nothing could be explored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExploreError {
    /// A setup step did not pass.
    #[error("setup step {step} did not pass: {outcome}")]
    Setup {
        /// Its number, from 1.
        step: usize,
        /// What it did.
        outcome: Outcome,
    },
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

/// A scenario on one interpreter under one clock, and all that was met of it so far.
pub struct Explorer<'a> {
    scenario: &'a Scenario,
    shape: Shape,
    times: key::Times,
    merge: bool,
    afresh: bool,
    limit: Option<Budget>,
    start: Start<'a>,
    started_at: World,
    graph: Mutex<Graph>,
    apart: Apart,
    states: AtomicU64,
    rehearsals: u64,
    walker: Walker,
}

impl std::fmt::Debug for Explorer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explorer").field("scenario", &self.scenario.path).finish_non_exhaustive()
    }
}

impl<'a> Explorer<'a> {
    /// Starts an interpreter and performs the scenario's setup. With `merge` off no two states count as equal.
    ///
    /// # Errors
    /// Where the interpreter cannot be started or a setup step does not pass.
    pub fn new(
        scenario: &'a Scenario,
        timestamps: &Timestamps,
        merge: bool,
        start: Start<'a>,
    ) -> Result<Self, ExploreError> {
        Self::beginning_at(scenario, World::beginning_at(Time::START, timestamps.tick), merge, start)
    }

    /// The same, in a given empty world: another phase of the clock.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn beginning_at(
        scenario: &'a Scenario,
        world: World,
        merge: bool,
        start: Start<'a>,
    ) -> Result<Self, ExploreError> {
        let walker = Walker::set_up(scenario, &world, start()?)?;
        let shape = Shape::of(scenario);
        Ok(Self {
            scenario,
            times: key::Times::for_scenario(scenario, walker.identity().kind),
            merge,
            afresh: false,
            limit: None,
            start,
            started_at: world,
            graph: Mutex::new(Graph::new(&shape)),
            apart: Apart::default(),
            shape,
            states: AtomicU64::new(1),
            rehearsals: 0,
            walker,
        })
    }

    /// From now on every ordering is performed in an interpreter of its own, and no state is kept: copies of one process can
    /// share what is not of the process, such as the position in an open file.
    #[must_use = "the explorer is returned, not changed in place"]
    pub fn afresh(mut self) -> Self {
        self.afresh = true;
        self.merge = false;
        self
    }

    /// Whether equal states are explored once.
    pub fn merges(&self) -> bool {
        self.merge
    }

    /// From now on what is performed outside of [`cover`](Self::cover) ends with [`NoOutcome::Interrupted`] where this budget is
    /// used up.
    pub fn limit(&mut self, budget: &Budget) {
        self.limit = Some(budget.clone());
        self.walker.limit(Some(budget));
    }

    /// Which interpreter it is.
    pub fn identity(&self) -> &Identity {
        self.walker.identity()
    }

    /// The scenario's orderings.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The scenario.
    pub fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// Forgets all that was met, and gives it away.
    pub fn forget(&mut self) -> Graph {
        self.apart = Apart::default();
        self.states.store(1, Ordering::Relaxed);
        let empty = Graph::new(&self.shape);
        std::mem::replace(&mut *self.graph(), empty)
    }

    /// Remembers what was met before.
    pub fn recall(&mut self, met: Graph) {
        self.states.store(met.states(), Ordering::Relaxed);
        *self.graph() = met;
    }

    /// What was met so far.
    pub fn graph(&self) -> MutexGuard<'_, Graph> {
        self.graph.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Distinct states so far; of orderings that were performed on their own, each step counts as one.
    pub fn states(&self) -> u64 {
        self.states.load(Ordering::Relaxed) + self.apart.steps()
    }

    /// Steps performed so far.
    pub fn transitions(&self) -> u64 {
        self.graph().transitions() + self.apart.steps()
    }

    /// Steps whose own code wrote files: (test, number from 1).
    pub fn writers(&self) -> BTreeSet<(usize, usize)> {
        self.graph().writers().chain(self.apart.writers()).collect()
    }

    /// The outcomes of these steps from the start, where all of them have been performed.
    pub fn known(&self, steps: &[usize]) -> Option<Vec<Outcome>> {
        if let Some(known) = self.apart.get(steps) {
            return Some(known);
        }
        Some(self.graph().walk(steps)?.into_iter().cloned().collect())
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
        meter: Meter<'_>,
    ) -> Result<Reach, ExploreError> {
        let mut mask = vec![false; self.shape.tests()];
        for &test in scope {
            mask[test] = true;
        }
        let site = walker::Site {
            scenario: self.scenario,
            shape: &self.shape,
            times: self.times,
            merge: self.merge,
            graph: &self.graph,
            states: &self.states,
            scope: &mask,
            budget,
            meter,
            renewal: self.afresh.then_some(Renewal { start: self.start, world: &self.started_at }),
        };
        let crew = walker::Crew { start: self.start, world: &self.started_at, jobs };
        let covered = crew.cover(&mut self.walker, &site);
        self.walker.limit(self.limit.as_ref());
        match covered {
            Ok(()) => Ok(Reach::Complete),
            Err(Halt::OverBudget) => Ok(Reach::OverBudget),
            Err(Halt::Interrupted) => Ok(Reach::Interrupted),
            Err(Halt::Failed(problem)) => Err(problem),
        }
    }

    /// The outcomes of one ordering's steps (of all tests or some), performing what is not known yet.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform(&mut self, steps: &[usize]) -> Result<Vec<Outcome>, ExploreError> {
        if let Some(known) = self.known(steps) {
            return Ok(known);
        }
        self.renew()?;
        let performed = self.walker.perform(&lines(self.scenario, steps))?;
        self.apart.record(steps, &performed);
        Ok(performed.into_iter().map(|step| step.outcome).collect())
    }
}

impl Explorer<'_> {
    /// Starts the interpreter anew, where every ordering has one of its own.
    fn renew(&mut self) -> Result<(), ExploreError> {
        if self.afresh {
            self.walker =
                Walker::renewed(self.scenario, Renewal { start: self.start, world: &self.started_at })?;
            self.walker.limit(self.limit.as_ref());
        }
        Ok(())
    }

    /// The world and the import system as setup left them.
    ///
    /// # Errors
    /// Where the interpreter is lost for good.
    pub fn inspect_start(&mut self) -> Result<(World, Inspection), ExploreError> {
        self.renew()?;
        Ok(self.walker.inspect()?)
    }

    /// Scripts rehearsed so far.
    pub fn rehearsals(&self) -> u64 {
        self.rehearsals
    }

    /// Performs a script from the state that setup left, showing each step; nothing is kept of it.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses, or `watch` asks it what it cannot tell.
    pub fn rehearse_watched(
        &mut self,
        script: &Script<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<(), ExploreError> {
        self.rehearsals += 1;
        self.renew()?;
        Ok(self.walker.watch(script, watch)?)
    }

    /// Performs a script from the state that setup left; nothing is kept of it.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn rehearse(&mut self, script: &Script<'_>) -> Result<Vec<Deed>, ExploreError> {
        self.rehearsals += 1;
        self.renew()?;
        Ok(self.walker.perform(script)?)
    }
}

/// Whether code of a scenario could read a modification time on this kind of interpreter; else only which of them are equal
/// can matter.
pub fn can_read_times(scenario: &Scenario, kind: Kind) -> bool {
    key::Times::for_scenario(scenario, kind) == key::Times::Exact
}

/// Steps to perform one after the other.
pub type Script<'s> = [Line<'s>];

/// One step of a script, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Line<'s> {
    /// The test whose step it is: once one of its steps has failed, the others are skipped. None for setup, and for
    /// steps that belong to no test.
    pub test: Option<usize>,
    /// Its number in the test or in setup, from 1.
    pub number: usize,
    /// The step.
    pub step: &'s Step,
}

/// The setup of a scenario as a script.
pub fn setup_lines(scenario: &Scenario) -> Vec<Line<'_>> {
    scenario.setup.iter().enumerate().map(|(at, step)| Line { test: None, number: at + 1, step }).collect()
}

/// The steps of an ordering, or of its beginning, as a script: `steps` names the test of each.
pub fn lines<'s>(scenario: &'s Scenario, steps: &[usize]) -> Vec<Line<'s>> {
    let mut done = vec![0; scenario.tests.len()];
    let line = |&test: &usize| {
        done[test] += 1;
        Line { test: Some(test), number: done[test], step: &scenario.tests[test].steps[done[test] - 1] }
    };
    steps.iter().map(line).collect()
}

/// Sees a step that was performed, what it came to, and the interpreter after it.
pub type Watch<'a> = dyn FnMut(&Line<'_>, &Performed, &mut dyn Interpreter) -> Result<(), NoOutcome> + 'a;

/// A performed step as it is remembered: without the world after it, of which a long script would leave as many as it has steps.
#[derive(Debug, Clone)]
pub struct Deed {
    /// What it did.
    pub outcome: Outcome,
    /// The instant at which it began.
    pub began: Time,
    /// What its code wrote to standard output and error.
    pub output: String,
    /// Whether its own code wrote files.
    pub wrote_files: bool,
}

impl Deed {
    fn of(step: &Performed) -> Self {
        let Performed { outcome, began, output, wrote_files, .. } = step;
        Self { outcome: outcome.clone(), began: *began, output: output.clone(), wrote_files: *wrote_files }
    }
}

/// One performed step.
#[derive(Debug, Clone)]
pub struct Performed {
    /// What it did.
    pub outcome: Outcome,
    /// The instant at which it began.
    pub began: Time,
    /// The world after it, the time that it took included.
    pub world: World,
    /// What its code wrote to standard output and error.
    pub output: String,
    /// Whether its own code wrote files.
    pub wrote_files: bool,
}
