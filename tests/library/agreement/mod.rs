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
        })
    }

    /// Performs the steps of one ordering on both, each with the test that it belongs to: once one of a test's steps has
    /// failed, its others are skipped. Afterwards both are as they were.
    pub(crate) fn compare(
        &mut self,
        steps: &[(Option<usize>, Step)],
        tick: Nanos,
        step_time: Nanos,
    ) -> Result<Compared, Difference> {
        let mut kept = false;
        let compared = self.along(steps, tick, step_time, &mut kept).and_then(|compared| {
            let real = self.real.inspect().expect("the interpreter lives");
            let model = self.model.inspect().expect("the model lives");
            match different_state(&real, &model) {
                Some(different) => {
                    let (at, what) = (compared.outcomes.len().saturating_sub(1), format!("{different:#?}"));
                    Err(Difference { at, what })
                }
                None => Ok(compared),
            }
        });
        if kept {
            self.real.ascend().expect("the interpreter lives");
            self.model.ascend().expect("the model lives");
        }
        compared
    }

    fn along(
        &mut self,
        steps: &[(Option<usize>, Step)],
        tick: Nanos,
        step_time: Nanos,
        kept: &mut bool,
    ) -> Result<Compared, Difference> {
        let mut world = World::new(tick);
        let mut compared = Compared::default();
        let mut failed = Vec::new();
        for (at, (test, step)) in steps.iter().enumerate() {
            let skipped = test.is_some_and(|test| failed.contains(&test));
            let sleep = matches!(step, Step::World(Operation::Sleep(_)));
            let outcome = match step {
                _ if skipped => Outcome::Skipped,
                Step::World(operation) => match world.perform(operation) {
                    Ok(()) => Outcome::Passed,
                    Err(fault) => Outcome::Mismatched { message: fault.to_string() },
                },
                Step::Interpreter(action) => match self.both(action, &world, at, kept)? {
                    Ok(landing) => {
                        world = landing.world;
                        landing.outcome
                    }
                    Err(reason) => {
                        compared.refused = Some(reason);
                        return Ok(compared);
                    }
                },
            };
            failed.extend(test.filter(|_| outcome.is_failure()));
            compared.outcomes.push(outcome);
            compared.steps += 1;
            if !sleep {
                world.advance(step_time);
            }
        }
        Ok(compared)
    }

    /// Performs one action on both: what both did, or why the model refuses.
    fn both(
        &mut self,
        action: &Action,
        world: &World,
        at: usize,
        kept: &mut bool,
    ) -> Result<Result<Landing, String>, Difference> {
        let differ = |what: String| Difference { at, what };
        let ask = Ask { keep: if *kept { Keep::Nothing } else { Keep::State }, fingerprint: true };
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
