//! Counts the orderings of a scenario on the model, layer by layer: all states after one step, after two, and so on, each
//! with the number of ways into it. In how many ways an ordering goes on from a state depends on the steps left alone, so
//! that two layers at a time are enough, and no ordering is ever listed. Counts are exact, and refused where 128 bits do not
//! hold them.

mod abstract_value;
mod abstraction;
mod completions;
mod decision_tree;
mod dispatch;
mod error;
mod evaluator;
mod exchange;
mod packing;
mod shared_effects;
mod slots;
mod table;
mod walk;
mod worker;

use std::sync::RwLock;

use abstract_value::{AbstractValue, Slot};
pub use error::LayersError;
use evaluator::Evaluator;

use crate::budget::Budget;
use crate::interpreter::model::{Memory, Rules, State, perform};
use crate::interpreter::{NoOutcome, Outcome};
use crate::ordering::Shape;
use crate::scenario::{Scenario, Step, Timestamps, Version};
use crate::world::{Nanos, Operation, Time, World};

/// Steps of all tests past which ways on are not counted where tests wait for others: one call deep for each.
const DEEPEST: usize = 2_000;

/// Limits of a count.
#[derive(Debug, Clone)]
pub struct CountLimits {
    /// Workers.
    pub jobs: usize,
    /// Where it is used up, the count is given up.
    pub budget: Budget,
}

impl Default for CountLimits {
    fn default() -> Self {
        Self { jobs: 1, budget: Budget::default().with_states(100_000_000) }
    }
}

/// What all orderings of a scenario come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderingCounts {
    /// Orderings.
    pub total: u128,
    /// Those in which no test fails.
    pub clean: u128,
    /// Those in which each test fails, in the order of the file.
    pub failing_by_test: Vec<u128>,
    /// Distinct states met.
    pub states: u64,
    /// Steps performed between them.
    pub transitions: u64,
}

impl OrderingCounts {
    /// Orderings in which a test fails.
    pub fn failing(&self) -> u128 {
        self.total - self.clean
    }
}

/// Where the walk begins.
struct Start {
    numbers: Vec<u32>,
    now: Time,
    tick: Nanos,
}

/// Counts the orderings of `scenario` under one clock on the model of this version.
///
/// # Errors
/// Where setup does not pass, the model refuses, a number outgrows 128 bits, or a limit is met.
pub fn count(
    scenario: &Scenario,
    timestamps: &Timestamps,
    version: Version,
    limits: &CountLimits,
) -> Result<OrderingCounts, LayersError> {
    let shape = Shape::of(scenario);
    let constrained = shape.after.iter().any(|after| !after.is_empty());
    if constrained && shape.lengths.iter().sum::<usize>() > DEEPEST {
        return Err(LayersError::Overflow);
    }
    let rules = Rules::of(version, scenario.bytecode).map_err(LayersError::Interpreter)?;
    let (state, world) = set_up(scenario, timestamps.tick, &rules)?;
    let mut evaluator = Evaluator::new(scenario, timestamps.tick, rules);
    make_slots(&mut evaluator, scenario);
    let mut numbers = evaluator.meet(&state, &world).map_err(LayersError::Interpreter)?;
    if let Some(clock) = evaluator.slots.find(&Slot::Clock) {
        numbers[clock] = evaluator.slots.number(clock, &AbstractValue::Clock(world.now()));
    }
    let begun = Start { numbers, now: world.now(), tick: timestamps.tick };
    let mut completions = completions::Completions::new(&shape).ok_or(LayersError::Overflow)?;
    let total = completions.from(&mut vec![0; shape.tests()]).ok_or(LayersError::Overflow)?;
    let evaluator = RwLock::new(evaluator);
    if u64::try_from(total).is_ok() {
        walk::walk::<u64>(&evaluator, scenario, limits, &begun)
    } else {
        walk::walk::<u128>(&evaluator, scenario, limits, &begun)
    }
}

/// Progress comes first, so that a test's number is its slot's place; then the clock, where states of one layer can differ in
/// it.
fn make_slots(evaluator: &mut Evaluator, scenario: &Scenario) {
    for (test, steps) in scenario.tests.iter().enumerate() {
        let place = evaluator.slots.place(&Slot::Progress(test));
        for content in walk::progress(steps.steps.len()) {
            evaluator.slots.number(place, &content);
        }
    }
    let sleeps = |step: &Step| matches!(step, Step::World(Operation::Sleep(_)));
    if evaluator.exact || scenario.steps().any(sleeps) {
        evaluator.slots.place(&Slot::Clock);
    }
}

/// Performs setup.
fn set_up(scenario: &Scenario, tick: Nanos, rules: &Rules) -> Result<(State, World), LayersError> {
    let mut state = State::default();
    let mut world = World::new(tick);
    for (at, step) in scenario.setup.iter().enumerate() {
        let outcome = match step {
            Step::World(operation) => match world.perform(operation) {
                Ok(()) => Outcome::Passed,
                Err(fault) => Outcome::Failed {
                    exception: fault.errno.exception().to_owned(),
                    message: fault.to_string(),
                },
            },
            Step::Interpreter(action) => {
                let mut memory = Memory::new(state, world);
                let performed = perform(&mut memory, rules, action);
                (state, world, _) = memory.into_parts();
                performed.map_err(LayersError::Interpreter)?.0
            }
        };
        if !outcome.is_pass() {
            return Err(LayersError::Setup { step: at + 1, outcome });
        }
        if !matches!(step, Step::World(Operation::Sleep(_))) {
            world.advance(scenario.step_time);
        }
    }
    Ok((state, world))
}

impl From<NoOutcome> for LayersError {
    fn from(problem: NoOutcome) -> Self {
        Self::Interpreter(problem)
    }
}
