//! One interpreter that walks the graph depth first, and several that share it. A branch is a kept state; the last branch of
//! a state that is the walker's own needs none. Whoever runs out of work takes the state with most steps left that has a
//! branch nobody has taken, and walks there again from the start.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::graph::{Arrival, Claim, Graph, NodeId};
use super::{Budget, ExploreError, Performed, Start, Watch, key};
use crate::interpreter::{Ask, Broken, Fingerprint, Identity, Interpreter, Keep, Outcome};
use crate::ordering::{Progress, Shape};
use crate::scenario::{Operation, Scenario, Step, Version};
use crate::world::{Fault, World};

/// How long a second interpreter waits before it is started: small scenarios are done by then.
const HEAD_START: Duration = Duration::from_millis(60);

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
}

/// Why a walk ended before it was complete.
pub(super) enum Halt {
    OverBudget,
    Interrupted,
    Failed(ExploreError),
}

impl From<Broken> for Halt {
    fn from(problem: Broken) -> Self {
        Self::Failed(problem.into())
    }
}

/// One interpreter, at the state that setup left.
pub(super) struct Walker {
    interpreter: Box<dyn Interpreter + Send>,
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
}

impl Walker {
    /// Performs the scenario's setup in a fresh interpreter.
    pub(super) fn set_up(
        scenario: &Scenario,
        world: &World,
        interpreter: Box<dyn Interpreter + Send>,
    ) -> Result<Self, ExploreError> {
        let acts = scenario
            .setup
            .iter()
            .any(|step| matches!(step, Step::Interpreter(_)));
        let untouched = Fingerprint {
            digest: [0; 32],
            finders: BTreeMap::new(),
        };
        let mut walker = Self {
            interpreter,
            world: world.clone(),
            fingerprint: (!acts).then_some(untouched),
        };
        for (at, step) in scenario.setup.iter().enumerate() {
            let last = !scenario.setup[at + 1..]
                .iter()
                .any(|step| matches!(step, Step::Interpreter(_)));
            let ask = Ask {
                keep: Keep::Nothing,
                fingerprint: last,
            };
            let world = walker.world.clone();
            let done = walker.do_step(scenario, step, &world, ask)?;
            if !done.performed.outcome.is_pass() {
                return Err(ExploreError::Setup {
                    step: at + 1,
                    outcome: done.performed.outcome,
                });
            }
            walker.fingerprint = done.fingerprint.or(walker.fingerprint.take());
            walker.world = done.performed.world;
        }
        Ok(walker)
    }

    pub(super) fn identity(&self) -> &Identity {
        self.interpreter.identity()
    }

    /// Performs one step that is not skipped.
    fn do_step(&mut self, scenario: &Scenario, step: &Step, world: &World, ask: Ask) -> Result<Done, Broken> {
        let began = world.now();
        let mut done = match step {
            Step::World(operation) => {
                let mut world = world.clone();
                let outcome = world.perform(operation).map_or_else(
                    |fault| exception_of(&fault, &self.interpreter.identity().version),
                    |()| Outcome::Passed,
                );
                Done::on_the_world(Performed {
                    outcome,
                    began,
                    world,
                    output: String::new(),
                    wrote_files: false,
                })
            }
            Step::Interpreter(action) => {
                let landing = self.interpreter.descend(action, world, ask)?;
                let performed = Performed {
                    outcome: landing.outcome,
                    began,
                    world: landing.world,
                    output: landing.output,
                    wrote_files: landing.wrote_files,
                };
                Done {
                    performed,
                    descended: true,
                    fingerprint: landing.fingerprint,
                }
            }
        };
        if !matches!(step, Step::World(Operation::Sleep(_))) {
            done.performed.world.advance(scenario.step_time);
        }
        done.performed.outcome = without_addresses(done.performed.outcome);
        Ok(done)
    }

    /// Performs the branch `test` of `here`, skipped steps included.
    fn branch(&mut self, scenario: &Scenario, here: Spot<'_>, test: usize, ask: Ask) -> Result<Done, Broken> {
        let step = &scenario.tests[test].steps[here.progress.done(test)];
        if !here.failed.contains(&test) {
            return self.do_step(scenario, step, here.world, ask);
        }
        let mut world = here.world.clone();
        if !matches!(step, Step::World(Operation::Sleep(_))) {
            world.advance(scenario.step_time);
        }
        let began = here.world.now();
        let outcome = Outcome::Skipped;
        Ok(Done::on_the_world(Performed {
            outcome,
            began,
            world,
            output: String::new(),
            wrote_files: false,
        }))
    }

    /// Takes branches of `here`, and of all that they lead to, until none is left.
    fn visit(&mut self, site: &Site<'_>, here: &Here, mut reserved: Option<Claim>) -> Result<(), Halt> {
        loop {
            site.check()?;
            let Some((claim, progress, failed)) = site.claim(here.node, reserved.take()) else {
                return Ok(());
            };
            let alone = here.own && claim.last;
            let keep = if alone { Keep::Nothing } else { Keep::State };
            let leaf = site.shape.steps_left(&progress) == 1;
            let ask = Ask {
                keep,
                fingerprint: site.merge && !leaf,
            };
            let spot = Spot {
                progress: &progress,
                failed: &failed,
                world: &here.world,
            };
            let done = self.branch(site.scenario, spot, claim.test, ask)?;
            let kept = done.descended && keep == Keep::State;
            let fingerprint = if done.descended {
                done.fingerprint
            } else {
                here.fingerprint.clone()
            };
            let world = done.performed.world.clone();
            let to = site.connect(
                here.node,
                claim.test,
                Before { progress, failed },
                done.performed,
                fingerprint.as_ref(),
            );
            let there = Here {
                node: to,
                world,
                fingerprint,
                own: kept || alone,
            };
            let visited = if leaf {
                Ok(())
            } else {
                self.visit(site, &there, None)
            };
            if kept && !matches!(visited, Err(Halt::Failed(_))) {
                self.interpreter.ascend()?;
            }
            visited?;
        }
    }

    /// Walks from the start to `node` by the steps that first led to it, and takes its branches.
    fn walk_to(&mut self, site: &Site<'_>, node: NodeId, reserved: Claim) -> Result<(), Halt> {
        let path = site.lock().path_to(node);
        let mut seen = Vec::new();
        let want = site.merge;
        let kept = self.along(site.scenario, &path, want, &mut |_, _, performed, _| {
            seen.push(performed.world.clone());
            Ok(())
        })?;
        let world = seen.pop().unwrap_or_else(|| self.world.clone());
        let here = Here {
            node,
            world,
            fingerprint: kept.fingerprint,
            own: kept.kept,
        };
        let visited = self.visit(site, &here, Some(reserved));
        if kept.kept && !matches!(visited, Err(Halt::Failed(_))) {
            self.interpreter.ascend()?;
        }
        visited
    }

    /// Performs these steps from the start, in one kept state, and stays where they lead.
    fn along(
        &mut self,
        scenario: &Scenario,
        path: &[usize],
        fingerprint: bool,
        watch: &mut Watch<'_>,
    ) -> Result<Along, Broken> {
        let mut along = Along {
            kept: false,
            fingerprint: self.fingerprint.clone(),
        };
        let walked = self.along_from(scenario, path, fingerprint, (&mut along, watch));
        if let Err(problem) = walked {
            if along.kept {
                self.interpreter.ascend()?;
            }
            return Err(problem);
        }
        Ok(along)
    }

    fn along_from(
        &mut self,
        scenario: &Scenario,
        path: &[usize],
        fingerprint: bool,
        (along, watch): (&mut Along, &mut Watch<'_>),
    ) -> Result<(), Broken> {
        let mut progress = Shape::of(scenario).start();
        let mut failed = Vec::new();
        let mut world = self.world.clone();
        for &test in path {
            let keep = if along.kept { Keep::Nothing } else { Keep::State };
            let spot = Spot {
                progress: &progress,
                failed: &failed,
                world: &world,
            };
            let done = self.branch(scenario, spot, test, Ask { keep, fingerprint })?;
            if done.descended {
                *along = Along {
                    kept: true,
                    fingerprint: done.fingerprint,
                };
            }
            progress.step(test);
            if done.performed.outcome.is_failure() {
                failed.push(test);
            }
            watch(test, progress.done(test), &done.performed, &mut *self.interpreter)?;
            world = done.performed.world;
        }
        Ok(())
    }

    /// Performs these steps from the start, showing each, and returns to the start.
    pub(super) fn watch(
        &mut self,
        scenario: &Scenario,
        path: &[usize],
        watch: &mut Watch<'_>,
    ) -> Result<(), ExploreError> {
        let along = self.along(scenario, path, false, watch)?;
        if along.kept {
            self.interpreter.ascend()?;
        }
        Ok(())
    }

    /// Performs these steps from the start and returns to it.
    pub(super) fn perform(
        &mut self,
        scenario: &Scenario,
        path: &[usize],
    ) -> Result<Vec<Performed>, ExploreError> {
        let mut performed = Vec::with_capacity(path.len());
        self.watch(scenario, path, &mut |_, _, step, _| {
            performed.push(step.clone());
            Ok(())
        })?;
        Ok(performed)
    }
}

/// A performed step, whether the interpreter descended in it, and the fingerprint after it.
struct Done {
    performed: Performed,
    descended: bool,
    fingerprint: Option<Fingerprint>,
}

impl Done {
    fn on_the_world(performed: Performed) -> Self {
        Self {
            performed,
            descended: false,
            fingerprint: None,
        }
    }
}

/// What decides the next step of a test.
struct Spot<'a> {
    progress: &'a Progress,
    failed: &'a [usize],
    world: &'a World,
}

/// How far each test had got, and which had failed, before a step.
struct Before {
    progress: Progress,
    failed: Vec<usize>,
}

/// Where `along` ended.
struct Along {
    kept: bool,
    fingerprint: Option<Fingerprint>,
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
        graph
            .claim(node, self.shape, self.scope)
            .map(|claim| (node, claim))
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

    fn claim(&self, node: NodeId, reserved: Option<Claim>) -> Option<(Claim, Progress, Vec<usize>)> {
        let mut graph = self.lock();
        let claim = reserved.or_else(|| graph.claim(node, self.shape, self.scope))?;
        let node = graph.node(node);
        Some((claim, node.progress.clone(), node.failed.clone()))
    }

    fn connect(
        &self,
        from: NodeId,
        test: usize,
        before: Before,
        performed: Performed,
        fingerprint: Option<&Fingerprint>,
    ) -> NodeId {
        let world = performed.world.clone();
        let arrival = arrival(self.shape, test, before, performed);
        let ended = self.shape.steps_left(&arrival.progress) == 0;
        let (key, unmergeable) = match fingerprint {
            _ if ended => (key::end(self.shape), false),
            _ if !self.merge => (key::unique(from, test), false),
            None => (key::unique(from, test), true),
            Some(known) => (
                key::state(&arrival.progress, &arrival.failed, &world, known, self.times),
                false,
            ),
        };
        let mut graph = self.lock();
        let to = graph.connect(
            from,
            test,
            key,
            Arrival {
                unmergeable,
                ..arrival
            },
        );
        self.states.store(graph.states(), Ordering::Relaxed);
        to
    }
}

fn arrival(shape: &Shape, test: usize, before: Before, performed: Performed) -> Arrival {
    let Before {
        mut progress,
        mut failed,
    } = before;
    progress.step(test);
    if performed.outcome.is_failure() {
        failed.push(test);
        failed.sort_unstable();
    }
    failed.retain(|&test| !shape.is_complete(&progress, test));
    let Performed {
        outcome, wrote_files, ..
    } = performed;
    Arrival {
        progress,
        failed,
        outcome,
        wrote_files,
        unmergeable: false,
    }
}

/// Records one ordering that was performed on its own: each of its states is new.
pub(super) fn record_unmerged(graph: &mut Graph, shape: &Shape, steps: &[usize], performed: Vec<Performed>) {
    let mut at = Graph::ROOT;
    for (&test, step) in steps.iter().zip(performed) {
        if let Some(known) = graph.edge(at, test) {
            at = known.to;
            continue;
        }
        let node = graph.node(at);
        let before = Before {
            progress: node.progress.clone(),
            failed: node.failed.clone(),
        };
        let arrival = arrival(shape, test, before, step);
        let ended = shape.steps_left(&arrival.progress) == 0;
        let key = if ended {
            key::end(shape)
        } else {
            key::unique(at, test)
        };
        graph.claim_for(at, test);
        at = graph.connect(at, test, key, arrival);
    }
}

/// A step on the world that cannot be done, as Python would put it.
fn exception_of(fault: &Fault, version: &Version) -> Outcome {
    let exception = if version.major < 3 {
        "OSError"
    } else {
        fault.errno.exception()
    };
    Outcome::Failed {
        exception: exception.to_owned(),
        message: fault.to_string(),
    }
}

/// The outcome without memory addresses, which differ from process to process: `<object at 0x…>`.
fn without_addresses(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Failed { exception, message } => Outcome::Failed {
            exception,
            message: masked(message),
        },
        Outcome::Mismatched { message } => Outcome::Mismatched {
            message: masked(message),
        },
        other => other,
    }
}

fn masked(message: String) -> String {
    const MARK: &str = " at 0x";
    if !message.contains(MARK) {
        return message;
    }
    let mut parts = message.split(MARK);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| {
        masked + MARK + "…" + part.trim_start_matches(|letter: char| letter.is_ascii_hexdigit())
    })
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
        let shift = Shift {
            busy: AtomicUsize::new(1),
            over: AtomicBool::new(false),
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.jobs)
                .map(|_| scope.spawn(|| self.join_later(site, &shift)))
                .collect();
            let mut result = shift.work(first, site);
            for other in others {
                let ended = other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
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
