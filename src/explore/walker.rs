//! One interpreter that walks the graph depth first, and several that share it. A branch is a kept state; the last branch of
//! a state that is the walker's own needs none. Whoever runs out of work takes the state with most steps left that has a
//! branch nobody has taken, and walks there again from the start. So does who has kept as many states as may be: each is a
//! process, and the branches of deeper ones wait.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::graph::{Arrival, Claim, Graph, NodeId};
use super::stage::Stage;
use super::{Budget, Deed, ExploreError, Met, Meter, Performed, Script, Start, Watch, key, lines};
use crate::interpreter::{Ask, Fingerprint, Identity, Inspection, Interpreter, Keep, NoOutcome};
use crate::ordering::{Progress, Shape};
use crate::scenario::{Scenario, Step};
use crate::world::World;

/// How long a second interpreter waits before it is started: small scenarios are done by then.
const HEAD_START: Duration = Duration::from_millis(60);

/// States that a walker keeps at once: on a real interpreter each is a process.
pub(super) const KEPT: usize = 200;

/// Steps between two calls of the meter.
const METERED: u64 = 64;

/// What all walkers of one walk share.
pub(super) struct Site<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) shape: &'a Shape,
    pub(super) times: key::Times,
    pub(super) merge: bool,
    pub(super) graph: &'a Mutex<Graph>,
    pub(super) states: &'a AtomicU64,
    pub(super) scope: &'a [bool],
    pub(super) budget: &'a Budget,
    pub(super) meter: Meter<'a>,
    /// How an interpreter is started anew for every ordering, where states are not kept.
    pub(super) renewal: Option<Renewal<'a>>,
}

/// What it takes to start an interpreter anew.
#[derive(Clone, Copy)]
pub(super) struct Renewal<'a> {
    pub(super) start: Start<'a>,
    pub(super) world: &'a World,
}

/// Why a walk ended before it was complete.
pub(super) enum Halt {
    OverBudget,
    Interrupted,
    Failed(ExploreError),
}

impl From<ExploreError> for Halt {
    fn from(problem: ExploreError) -> Self {
        Self::Failed(problem)
    }
}

impl From<NoOutcome> for Halt {
    fn from(problem: NoOutcome) -> Self {
        Self::Failed(problem.into())
    }
}

/// One interpreter, at the state that setup left.
pub(super) struct Walker {
    stage: Stage,
    world: World,
    fingerprint: Option<Fingerprint>,
}

/// Where a walker stands.
struct Here {
    node: NodeId,
    world: World,
    fingerprint: Option<Fingerprint>,
    /// Whether nobody needs the interpreter's state once this node's branches are taken.
    own: bool,
    /// Whether one ascends from it.
    kept: bool,
    /// Whether the interpreter's state was given up: branches that are left are taken from the start.
    given_up: bool,
}

impl Walker {
    /// Performs the scenario's setup in a fresh interpreter.
    pub(super) fn set_up(
        scenario: &Scenario,
        world: &World,
        interpreter: Box<dyn Interpreter + Send>,
    ) -> Result<Self, ExploreError> {
        let acts = scenario.setup.iter().any(|step| matches!(step, Step::Interpreter(_)));
        let untouched = Fingerprint { digest: [0; 32], finders: BTreeMap::new() };
        let mut stage = Stage::new(scenario, interpreter);
        let mut fingerprint = (!acts).then_some(untouched);
        let mut world = world.clone();
        for (at, step) in scenario.setup.iter().enumerate() {
            let done =
                stage.step_or_skip(step, false, world, Ask { keep: Keep::Nothing, fingerprint: true })?;
            let Performed { outcome, world: after, .. } = done.performed;
            if !outcome.is_pass() {
                return Err(ExploreError::Setup { step: at + 1, outcome });
            }
            if done.descended {
                fingerprint = done.fingerprint;
            }
            world = after;
        }
        Ok(Self { stage, world, fingerprint })
    }

    pub(super) fn identity(&self) -> &Identity {
        self.stage.identity()
    }

    /// Takes branches of `here`, and of all that they lead to, until none is left.
    fn visit(&mut self, site: &Site<'_>, here: Here, reserved: Claim) -> Result<(), Halt> {
        let mut path = vec![here];
        let visited = self.take_branches(site, &mut path, reserved);
        let lost = matches!(visited, Err(Halt::Failed(ExploreError::Interpreter(NoOutcome::Lost { .. }))));
        let kept = path.iter().filter(|here| here.kept).count();
        for _ in 0..if lost { 0 } else { kept } {
            self.stage.ascend()?;
        }
        visited
    }

    /// The same, along a path that is empty at the end, or leads to what could not go on.
    fn take_branches(&mut self, site: &Site<'_>, path: &mut Vec<Here>, reserved: Claim) -> Result<(), Halt> {
        let mut reserved = Some(reserved);
        let mut kept = path.iter().filter(|here| here.kept).count();
        while let Some(here) = path.last_mut() {
            if let Err(halt) = site.check() {
                site.give_back(here.node, reserved);
                return Err(halt);
            }
            let claimed = if here.given_up { None } else { site.claim(here.node, reserved.take()) };
            let Some(claimed) = claimed else {
                if path.pop().is_some_and(|here| here.kept) {
                    kept -= 1;
                    self.stage.ascend()?;
                }
                continue;
            };
            let (there, leaf) = self.take_branch(site, here, claimed, kept < site.most_kept())?;
            if !leaf {
                kept += usize::from(there.kept);
                path.push(there);
            } else if there.kept {
                self.stage.ascend()?;
            }
        }
        Ok(())
    }

    /// Performs the step of a branch: where it leads, and whether all steps are past there.
    fn take_branch(
        &mut self,
        site: &Site<'_>,
        here: &mut Here,
        (claim, progress, failed): Claimed,
        may_keep: bool,
    ) -> Result<(Here, bool), Halt> {
        let alone = here.own && (claim.last || !may_keep);
        let keep = if alone { Keep::Nothing } else { Keep::State };
        let leaf = site.shape.steps_left(&progress) == 1;
        let ask = Ask { keep, fingerprint: site.merge && !leaf };
        let step = &site.scenario.tests[claim.test].steps[progress.done(claim.test)];
        let skipped = failed.contains(&claim.test);
        let done = self.stage.step_or_skip(step, skipped, here.world.clone(), ask)?;
        here.given_up |= alone;
        let kept = done.descended && keep == Keep::State;
        let fingerprint = if done.descended { done.fingerprint } else { here.fingerprint.clone() };
        let world = done.performed.world.clone();
        let before = Before { node: here.node, test: claim.test, progress, failed };
        let node = site.connect(before, done.performed, fingerprint.as_ref());
        let own = kept || alone;
        Ok((Here { node, world, fingerprint, own, kept, given_up: false }, leaf))
    }

    /// Walks from the start to `node` by the steps that first led to it, and takes its branches.
    fn walk_to(&mut self, site: &Site<'_>, node: NodeId, reserved: Claim) -> Result<(), Halt> {
        if let Some(renewal) = site.renewal {
            *self = Self::renewed(site.scenario, renewal)?;
            self.stage.limit(Some(site.budget));
        }
        let path = site.lock().path_to(node);
        let script = lines(site.scenario, &path);
        let along = self.stage.along(&self.world, &script, site.merge, &mut |_, _, _| Ok(()));
        let ended = match along {
            Err(NoOutcome::Interrupted) => {
                site.give_back(node, Some(reserved));
                return Err(site.check().err().unwrap_or(Halt::Interrupted));
            }
            ended => ended?,
        };
        let here = Here {
            node,
            world: ended.world.unwrap_or_else(|| self.world.clone()),
            fingerprint: if ended.kept { ended.fingerprint } else { self.fingerprint.clone() },
            own: ended.kept || site.renewal.is_some(),
            kept: ended.kept,
            given_up: false,
        };
        self.visit(site, here, reserved)
    }

    /// A walker with an interpreter of its own.
    pub(super) fn renewed(scenario: &Scenario, renewal: Renewal<'_>) -> Result<Self, ExploreError> {
        Self::set_up(scenario, renewal.world, (renewal.start)()?)
    }

    /// The stage, and the world at the start.
    pub(super) fn parts(&mut self) -> (&mut Stage, &World) {
        (&mut self.stage, &self.world)
    }

    /// From now on what is performed ends where this budget is used up.
    pub(super) fn limit(&mut self, budget: Option<&Budget>) {
        self.stage.limit(budget);
    }

    /// The world and the import system at the start.
    pub(super) fn inspect(&mut self) -> Result<(World, Inspection), NoOutcome> {
        Ok((self.world.clone(), self.stage.inspect()?))
    }

    /// Performs a script from the start and returns to it.
    pub(super) fn perform(&mut self, script: &Script<'_>) -> Result<Vec<Deed>, NoOutcome> {
        self.stage.perform(&self.world, script)
    }

    /// Performs a script from the start, showing each step, and returns to it.
    pub(super) fn watch(&mut self, script: &Script<'_>, watch: &mut Watch<'_>) -> Result<(), NoOutcome> {
        self.stage.watch(&self.world, script, watch)
    }
}

/// A branch that was taken: how far each test had got, and which had failed.
type Claimed = (Claim, Progress, Vec<usize>);

/// A step of a test about to be performed: how far each test had got, and which had failed.
struct Before {
    node: NodeId,
    test: usize,
    progress: Progress,
    failed: Vec<usize>,
}

impl Site<'_> {
    fn lock(&self) -> MutexGuard<'_, Graph> {
        self.graph.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a branch of a state that has one nobody has taken.
    fn reserve(&self, whole: bool) -> Option<(NodeId, Claim)> {
        let mut graph = self.lock();
        let open = if whole {
            graph.pop_open(self.shape, self.scope)
        } else {
            graph.find_open(self.shape, self.scope)
        };
        let node = open?;
        graph.claim(node, self.shape, self.scope).map(|claim| (node, claim))
    }

    fn check(&self) -> Result<(), Halt> {
        if self.budget.interrupted.load(Ordering::Relaxed) {
            return Err(Halt::Interrupted);
        }
        let late = self.budget.until.is_some_and(|until| Instant::now() >= until);
        if late || self.states.load(Ordering::Relaxed) > self.budget.states {
            return Err(Halt::OverBudget);
        }
        Ok(())
    }

    /// States that a walker may keep at once.
    fn most_kept(&self) -> usize {
        if self.renewal.is_some() { 0 } else { KEPT }
    }

    /// A branch that was taken and not performed is there for others.
    fn give_back(&self, node: NodeId, claim: Option<Claim>) {
        if let Some(claim) = claim {
            self.lock().give_back(node, claim);
        }
    }

    fn claim(&self, node: NodeId, reserved: Option<Claim>) -> Option<Claimed> {
        let mut graph = self.lock();
        let claim = reserved.or_else(|| graph.claim(node, self.shape, self.scope))?;
        let node = graph.node(node);
        Some((claim, node.progress.clone(), node.failed.clone()))
    }

    fn connect(&self, before: Before, performed: Performed, fingerprint: Option<&Fingerprint>) -> NodeId {
        let world = performed.world.clone();
        let (from, test) = (before.node, before.test);
        let arrival = arrival(self.shape, before, performed);
        let ended = self.shape.steps_left(&arrival.progress) == 0;
        let (key, unmergeable) = match fingerprint {
            _ if ended => (key::end(self.shape), false),
            _ if !self.merge => (key::unique(from, test), false),
            None => (key::unique(from, test), true),
            Some(known) => (key::state(&arrival.progress, &arrival.failed, &world, known, self.times), false),
        };
        let mut graph = self.lock();
        let to = graph.connect(from, test, key, Arrival { unmergeable, ..arrival });
        self.states.store(graph.states(), Ordering::Relaxed);
        let met = Met { states: graph.states(), transitions: graph.transitions() };
        drop(graph);
        if met.transitions.is_multiple_of(METERED) {
            (self.meter)(met);
        }
        to
    }
}

fn arrival(shape: &Shape, before: Before, performed: Performed) -> Arrival {
    let Before { test, mut progress, mut failed, .. } = before;
    progress.step(test);
    if performed.outcome.is_failure() {
        failed.push(test);
        failed.sort_unstable();
    }
    failed.retain(|&test| !shape.is_complete(&progress, test));
    let Performed { outcome, wrote_files, .. } = performed;
    Arrival { progress, failed, outcome, wrote_files, unmergeable: false }
}

/// Several walkers on one site.
pub(super) struct Crew<'a> {
    pub(super) start: Start<'a>,
    pub(super) world: &'a World,
    pub(super) jobs: usize,
}

/// What the walkers of a crew know of each other.
#[derive(Default)]
struct Shift {
    busy: AtomicUsize,
    over: AtomicBool,
}

impl Crew<'_> {
    /// Covers the site with the walker at hand and, where it takes longer, with others.
    pub(super) fn cover(&self, first: &mut Walker, site: &Site<'_>) -> Result<(), Halt> {
        let shift = Shift { busy: AtomicUsize::new(1), over: AtomicBool::new(false) };
        std::thread::scope(|scope| {
            let others: Vec<_> =
                (1..self.jobs).map(|_| scope.spawn(|| self.join_later(site, &shift))).collect();
            first.limit(Some(site.budget));
            let mut result = shift.work(first, site);
            for other in others {
                let ended = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                result = result.and(ended);
            }
            result
        })
    }

    fn join_later(&self, site: &Site<'_>, shift: &Shift) -> Result<(), Halt> {
        let begin = Instant::now() + HEAD_START;
        while Instant::now() < begin {
            if shift.over.load(Ordering::SeqCst) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let started = (self.start)().map_err(ExploreError::from);
        let ready = started.and_then(|interpreter| Walker::set_up(site.scenario, self.world, interpreter));
        let mut walker = ready.map_err(Halt::Failed)?;
        walker.limit(Some(site.budget));
        shift.busy.fetch_add(1, Ordering::SeqCst);
        shift.work(&mut walker, site)
    }
}

impl Shift {
    /// Takes open states until there are none and nobody is busy who could make one. Enters busy.
    fn work(&self, walker: &mut Walker, site: &Site<'_>) -> Result<(), Halt> {
        let result = self.take_turns(walker, site);
        if result.is_err() {
            self.over.store(true, Ordering::SeqCst);
        }
        result
    }

    fn take_turns(&self, walker: &mut Walker, site: &Site<'_>) -> Result<(), Halt> {
        let whole = site.scope.iter().all(|&within| within);
        while !self.over.load(Ordering::SeqCst) {
            if let Some((node, reserved)) = site.reserve(whole) {
                walker.walk_to(site, node, reserved)?;
                continue;
            }
            if self.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.over.store(true, Ordering::SeqCst);
                return Ok(());
            }
            std::thread::sleep(Duration::from_micros(300));
            self.busy.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}
