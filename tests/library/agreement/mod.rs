//! Model and CPython side by side: the same steps on both. Outcomes, worlds and the times that finders recorded are
//! compared after each step, and all readable state at the end.

pub(crate) mod plan;

use std::fmt;

use taster::explore::different_state;
use taster::interpreter::choose::{built_in, choose};
use taster::interpreter::cpython::discover::Places;
use taster::interpreter::cpython::{CPython, Program};
use taster::interpreter::model::Model;
use taster::interpreter::{Ask, Installation, Interpreter, Keep, Kind, Landing, NoOutcome, Outcome};
use taster::scenario::{Action, Step, Version};
use taster::world::{Nanos, Operation, World};

/// A CPython and the model that is like it, both just started.
pub(crate) struct Pair {
    pub(crate) version: Version,
    real: CPython,
    model: Model,
    /// The times of listings are compared after each action, or after each of so many; at the end they always are.
    pub(crate) looks_every: usize,
}

/// A step, and the test that it belongs to.
pub(crate) type TestStep = (Option<usize>, Step);

/// Orderings of one scenario on their way.
struct Walk<'a> {
    orderings: &'a [&'a [TestStep]],
    step_time: Nanos,
    /// Actions that were performed.
    actions: usize,
    /// By ordering.
    compared: Vec<Compared>,
}

/// How far an ordering is.
#[derive(Clone)]
struct Reached {
    world: World,
    failed: Vec<usize>,
    outcomes: Vec<Outcome>,
}

impl Reached {
    fn start(world: World) -> Self {
        Self { world, failed: Vec::new(), outcomes: Vec::new() }
    }
}

impl Walk<'_> {
    fn note(&mut self, group: &[usize], reached: &Reached, refused: Option<&str>) {
        for &ordering in group {
            self.compared[ordering] = Compared {
                steps: reached.outcomes.len(),
                refused: refused.map(str::to_owned),
                outcomes: reached.outcomes.clone(),
            };
        }
    }
}

/// Where the two went different ways.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The step, and those before it.
    pub(crate) at: usize,
    /// What differs.
    pub(crate) what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at step {}: {}", self.at + 1, self.what)
    }
}

/// What a comparison came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Compared {
    /// Steps that both performed.
    pub(crate) steps: usize,
    /// Why the model refused, where it did.
    pub(crate) refused: Option<String>,
    /// What each step did.
    pub(crate) outcomes: Vec<Outcome>,
}

/// All `CPythons` of this machine that the model can be like.
pub(crate) fn installations() -> Vec<Installation> {
    let places = Places::from_variables(|name| std::env::var_os(name));
    let found = choose(&["all"], &places).unwrap_or_default();
    let modelled = |found: &Installation| {
        found.identity.kind == Kind::CPython
            && (6..=13).contains(&found.identity.version.minor)
            && found.identity.version.major == 3
    };
    found.into_iter().filter(modelled).collect()
}

impl Pair {
    /// Starts both.
    pub(crate) fn start(installation: &Installation, bytecode: bool) -> Result<Self, NoOutcome> {
        let program = Program { bytecode, ..Program::default() };
        let version = installation.identity.version;
        Ok(Self {
            version,
            real: CPython::start(installation, program)?,
            model: Model::start(&built_in(version).identity, bytecode)?,
            looks_every: 1,
        })
    }

    /// Performs the steps of one ordering on both, each with the test that it belongs to: once one of a test's steps has
    /// failed, its others are skipped. Afterwards both are as they were.
    pub(crate) fn compare(
        &mut self,
        steps: &[TestStep],
        tick: Nanos,
        step_time: Nanos,
    ) -> Result<Compared, Difference> {
        let mut compared =
            self.compare_all(&[steps], tick, step_time).map_err(|(_, difference)| difference)?;
        Ok(compared.remove(0))
    }

    /// The same with several orderings of one scenario, of which those that begin alike share that beginning. An error names the
    /// ordering.
    pub(crate) fn compare_all(
        &mut self,
        orderings: &[&[TestStep]],
        tick: Nanos,
        step_time: Nanos,
    ) -> Result<Vec<Compared>, (usize, Difference)> {
        let mut walk =
            Walk { orderings, step_time, actions: 0, compared: vec![Compared::default(); orderings.len()] };
        let all: Vec<usize> = (0..orderings.len()).collect();
        self.branch(&mut walk, &all, Reached::start(World::new(tick)))?;
        Ok(walk.compared)
    }

    /// Goes on with orderings that are at the same place, from the state in which both are now.
    fn branch(
        &mut self,
        walk: &mut Walk<'_>,
        group: &[usize],
        reached: Reached,
    ) -> Result<(), (usize, Difference)> {
        let mut kept = false;
        let done = self.along(walk, group, reached, &mut kept);
        if kept {
            self.real.ascend().expect("the interpreter lives");
            self.model.ascend().expect("the model lives");
        }
        done
    }

    fn along(
        &mut self,
        walk: &mut Walk<'_>,
        group: &[usize],
        mut reached: Reached,
        kept: &mut bool,
    ) -> Result<(), (usize, Difference)> {
        let orderings = walk.orderings;
        let first = group[0];
        loop {
            let at = reached.outcomes.len();
            let Some((test, step)) = orderings[first].get(at) else { break };
            let (together, apart): (Vec<usize>, Vec<usize>) =
                group.iter().partition(|&&ordering| orderings[ordering][at].0 == *test);
            if !apart.is_empty() {
                self.branch(walk, &together, reached.clone())?;
                return self.branch(walk, &apart, reached);
            }
            let skipped = test.is_some_and(|test| reached.failed.contains(&test));
            let sleep = matches!(step, Step::World(Operation::Sleep(_)));
            let outcome = match step {
                _ if skipped => Outcome::Skipped,
                Step::World(operation) => match reached.world.perform(operation) {
                    Ok(()) => Outcome::Passed,
                    Err(fault) => Outcome::Mismatched { message: fault.to_string() },
                },
                Step::Interpreter(action) => {
                    let looks = walk.actions.is_multiple_of(self.looks_every);
                    walk.actions += 1;
                    let ask =
                        Ask { keep: if *kept { Keep::Nothing } else { Keep::State }, fingerprint: looks };
                    let done = self.both(action, &reached.world, (at, ask), kept);
                    match done.map_err(|difference| (first, difference))? {
                        Ok(landing) => {
                            reached.world = landing.world;
                            landing.outcome
                        }
                        Err(reason) => {
                            walk.note(group, &reached, Some(&reason));
                            return Ok(());
                        }
                    }
                }
            };
            reached.failed.extend(test.filter(|_| outcome.is_failure()));
            reached.outcomes.push(outcome);
            if !sleep {
                reached.world.advance(walk.step_time);
            }
        }
        let (real, model) = (self.real.inspect(), self.model.inspect());
        let (real, model) = (real.expect("the interpreter lives"), model.expect("the model lives"));
        if let Some(different) = different_state(&real, &model) {
            let (at, what) = (reached.outcomes.len().saturating_sub(1), format!("{different:#?}"));
            return Err((first, Difference { at, what }));
        }
        walk.note(group, &reached, None);
        Ok(())
    }

    /// Performs one action on both: what both did, or why the model refuses.
    fn both(
        &mut self,
        action: &Action,
        world: &World,
        (at, ask): (usize, Ask),
        kept: &mut bool,
    ) -> Result<Result<Landing, String>, Difference> {
        let differ = |what: String| Difference { at, what };
        let model = match self.model.descend(action, world, ask) {
            Ok(landing) => landing,
            Err(NoOutcome::Refused { reason }) => return Ok(Err(reason)),
            Err(problem) => return Err(differ(problem.to_string())),
        };
        let real = self.real.descend(action, world, ask).map_err(|problem| differ(problem.to_string()))?;
        *kept = true;
        if !real.outcome.agrees(&model.outcome) {
            return Err(differ(format!("CPython {:?}\n      the model {:?}", real.outcome, model.outcome)));
        }
        if real.world != model.world {
            return Err(differ(format!(
                "CPython leaves {:#?}\n      the model {:#?}",
                real.world, model.world
            )));
        }
        if let (Some(real), Some(model)) = (&real.fingerprint, &model.fingerprint)
            && real.finders != model.finders
        {
            return Err(differ(format!(
                "CPython's finders {:?}\n      the model's {:?}",
                real.finders, model.finders
            )));
        }
        Ok(Ok(real))
    }
}
