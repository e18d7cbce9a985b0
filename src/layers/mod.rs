//! Counts the orderings of a scenario on the model, layer by layer: all states after one step, after two, and
//! so on, each with the number of ways into it. The number of ways to complete an ordering from a state depends
//! only on the steps left, so two layers at a time are enough, and no ordering is ever listed. Counts are
//! exact, and refused if 128 bits cannot hold them.
//!
//! # An example
//!
//! Setup puts lib, an empty directory, on `sys.path`. Test A writes lib/m.py, test B imports m. Of the two
//! orderings A B and B A, B fails in the second. Timestamps are so coarse that no tick passes.
//!
//! **A state is a row of numbers.** It is divided into *slots* (`abstract_value`, `abstraction`), and the
//! contents of each slot are numbered in the order in which they are first found (`slots`). Number 0 is the
//! content of a slot that nobody has changed. Here, with the slots that matter:
//!
//! | slot | 0 | 1 | 2 |
//! |---|---|---|---|
//! | progress of A | nothing done | nothing done, failed | one step done |
//! | progress of B | nothing done | nothing done, failed | one step done |
//! | entry lib | absent | changed now | |
//! | entry lib/m.py | absent | the file, written now | |
//! | finder of lib | absent | in step with lib, lists nothing | in step with lib, lists m.py |
//! | module m | absent | the module | |
//!
//! Contents keep only the part of a time that a later step can still compare: whether a directory has the time that a
//! change made now would get ("now"), and whether a finder has the time of its directory ("in step"). When a tick of
//! the clock passes, "now" becomes "earlier" in every slot (`worker::time`). So states that differ only in the hour are
//! one state. If a step renames something, any two times may be compared, and all are kept exactly.
//!
//! **A row is packed into a key** of a few words (`packing`), each slot with the bits that its numbers need: 2,
//! 2, 1, 1, 2 and 1 bit here, one word. A content that does not fit stops the layer. It is then packed again in
//! wider fields, and walked again (`all_layers`, `dispatch`).
//!
//! **Layer 0** is the table `{ 0 0 1 0 0 0: 1 way }` (`table`; ways on which no test has failed are counted
//! separately).
//!
//! **A step is a walk down a tree of decisions** (`decision_tree`). The tree of B's step is empty at first. So the row
//! is made a concrete state again, the model performs the step on it, and reports what it read (`evaluator`): module m,
//! finder, lib, lib/m.py. These readings determine the effect; everything else in the state stays as it is. So the tree
//! decides by these slots, and the leaf for the numbers of this state says: finder := 1, and the test fails.
//!
//! ```text
//! step 1 of B:  module m? --0-- lib/m.py? --0-- lib? --1-- finder? --0-- leaf: finder := 1, fails
//!                                \--1-- (asked for when a state comes this way: finder := 2, module m := 1, passes)
//! ```
//!
//! Every later state that agrees in these four slots takes the same path, and no model runs for it. The other
//! workers reuse what one worker has learned (`shared_effects`).
//!
//! **Layer 1** has the results of the steps: `{ 2 0 1 1 0 0: 1 way }` by A, and by B `{ 0 2 1 0 1 0: 1 way }`.
//! In the latter B has failed, and the steps left can be put in order in one way (`completions`): 1 x 1 is
//! added to the orderings in which B fails. Two ways into one state would have been added up there.
//!
//! **Layer 2** is the end. Its states are not kept, only counted: two ways in all, one of them without a failure.
//!
//! # Who holds what
//!
//! `plan` never changes during a count, `meter` is shared by all workers, and `worker` has what each keeps for itself:
//! its trees, and its sums. With several workers, the hash of a state decides which worker owns it (`exchange`).

mod abstract_value;
mod abstraction;
mod all_layers;
mod completions;
mod decision_tree;
mod dispatch;
mod effect;
mod error;
mod evaluator;
mod exchange;
mod figures;
mod meter;
mod packing;
mod plan;
mod shared_effects;
mod slots;
mod table;
mod walk;
mod worker;

use std::sync::RwLock;

use abstract_value::{AbstractValue, Slot};
pub use error::LayersError;
use evaluator::Evaluator;
pub use figures::{CountLimits, OrderingCounts};
use plan::Start;

use crate::interpreter::model::{Memory, Rules, State, perform};
use crate::interpreter::{NoOutcome, Outcome};
use crate::ordering::Shape;
use crate::scenario::{Scenario, Step, Timestamps, Version};
use crate::world::{Nanos, Operation, World};

/// The greatest number of steps of all tests for counting completions when tests wait for others: each step is
/// one call deep.
const DEEPEST: usize = 2_000;

/// Counts the orderings of `scenario` under one clock on the model of this version.
///
/// # Errors
/// Returns an error if setup does not pass, the model refuses, a number outgrows 128 bits, or a limit is met.
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
    make_slots(&mut evaluator, scenario).map_err(LayersError::Interpreter)?;
    let mut numbers = evaluator.meet(&state, &world).map_err(LayersError::Interpreter)?;
    if let Some(clock) = evaluator.slots.find(&Slot::Clock) {
        numbers[clock] = evaluator
            .slots
            .number(clock, &AbstractValue::Clock(world.now()))
            .map_err(LayersError::Interpreter)?;
    }
    let start = Start { numbers, now: world.now(), tick: timestamps.tick };
    let mut completions = completions::Completions::new(&shape).ok_or(LayersError::Overflow)?;
    let total = completions.from(&mut vec![0; shape.tests()]).ok_or(LayersError::Overflow)?;
    let evaluator = RwLock::new(evaluator);
    if u64::try_from(total).is_ok() {
        all_layers::walk::<u64>(&evaluator, scenario, limits, &start)
    } else {
        all_layers::walk::<u128>(&evaluator, scenario, limits, &start)
    }
}

/// Progress comes first, so that a test's number is the place of its slot; then the clock, if it can differ
/// between states of one layer.
fn make_slots(evaluator: &mut Evaluator, scenario: &Scenario) -> Result<(), NoOutcome> {
    for (test, steps) in scenario.tests.iter().enumerate() {
        let place = evaluator.slots.place(&Slot::Progress(test));
        for content in abstract_value::progress(steps.steps.len()) {
            evaluator.slots.number(place, &content)?;
        }
    }
    let sleeps = |step: &Step| matches!(step, Step::World(Operation::Sleep(_)));
    if evaluator.exact || scenario.steps().any(sleeps) {
        evaluator.slots.place(&Slot::Clock);
    }
    Ok(())
}

/// Performs setup.
fn set_up(scenario: &Scenario, tick: Nanos, rules: &Rules) -> Result<(State, World), LayersError> {
    let mut state = State::default();
    let mut world = World::new(tick);
    for (at, step) in scenario.setup.iter().enumerate() {
        let outcome = match step {
            Step::World(operation) => match world.perform(operation) {
                Ok(()) => Outcome::Passed,
                Err(fault) => Outcome::failed(fault.errno.exception(), fault.to_string()),
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
