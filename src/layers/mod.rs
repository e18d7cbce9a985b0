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
//!
//! # Effects
//!
//! A leaf of a tree is an effect: this step, what it read, what it changed. If asked to, a count tells the distinct effects
//! apart and keeps where each is used first (`uses`), for which every state keeps the first way into it (`trail`). A
//! `follower` then goes along single orderings by the trees, and the `itinerary` chooses orderings that use every effect.

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
mod follower;
mod itinerary;
mod meter;
mod packing;
mod plan;
mod shared_effects;
mod slots;
mod table;
mod trail;
mod uses;
mod walk;
mod worker;

use std::sync::RwLock;

use abstract_value::{AbstractValue, Slot};
pub use error::LayersError;
use evaluator::Evaluator;
pub use figures::{
    ConfirmedEffects, CountLimits, EffectUse, EffectsPlan, ItineraryWish, OrderingCounts, PlannedOrdering,
};
use follower::Follower;
use itinerary::Itinerary;
use meter::Meter;
use plan::{CountPlan, Layout, Start};
use table::Traced;
use uses::DistinctEffects;

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
    let begun = Begun::new(scenario, timestamps, version)?;
    let plan = CountPlan::new(&begun.evaluator, scenario, limits, &begun.start);
    if u64::try_from(begun.total).is_ok() {
        all_layers::walk::<u64>(&plan, &begun.start)
    } else {
        all_layers::walk::<u128>(&plan, &begun.start)
    }
}

/// Counts the same, tells the distinct effects of the steps apart, and chooses orderings that use all of them.
///
/// # Errors
/// Returns an error in the same cases as [`count`], and if 128 bits cannot hold an ordering.
pub fn plan_effects(
    scenario: &Scenario,
    timestamps: &Timestamps,
    version: Version,
    limits: &CountLimits,
    wish: &ItineraryWish,
) -> Result<EffectsPlan, LayersError> {
    let begun = Begun::new(scenario, timestamps, version)?;
    let plan = CountPlan::new(&begun.evaluator, scenario, limits, &begun.start);
    if !trail::can_hold(&plan.shape) {
        return Err(LayersError::Overflow);
    }
    plan.evaluator().shared_effects().distinct = Some(DistinctEffects::default());
    let counts = if u64::try_from(begun.total).is_ok() && trail::can_hold_in_half(&plan.shape) {
        all_layers::walk::<Traced<u64>>(&plan, &begun.start)?
    } else {
        all_layers::walk::<Traced<u128>>(&plan, &begun.start)?
    };
    let (layout, meter) = (Layout::of(&plan.evaluator()), Meter::new(0));
    let (first, mut follower) = followed(&plan, (&layout, &meter), &begun.start)?;
    let orderings = Itinerary::choose(&mut follower, wish, &first)?;
    Ok(EffectsPlan { counts, effects: first.len(), orderings })
}

/// The steps up to the first use of each distinct effect of a count that is over, and who goes along its orderings.
fn followed<'a>(
    plan: &'a CountPlan<'a>,
    room: (&'a Layout, &'a Meter),
    start: &Start,
) -> Result<(Vec<Vec<usize>>, Follower<'a>), LayersError> {
    let used = plan.evaluator().shared_effects().distinct.as_ref().map(|distinct| distinct.uses.in_order());
    let used = used.unwrap_or_default();
    let most = used.iter().map(|&(number, ..)| number as usize + 1).max().unwrap_or(0);
    let mut ranks = vec![None; most];
    for (rank, &(number, ..)) in (0..).zip(&used) {
        ranks[number as usize] = Some(rank);
    }
    let tests = plan.shape.tests();
    let first = used.iter().map(|&(_, steps, word)| trail::steps_of(word, steps, tests)).collect();
    Ok((first, Follower::new(plan, room, start, ranks)?))
}

/// A count that has begun.
struct Begun {
    evaluator: RwLock<Evaluator>,
    start: Start,
    /// All orderings.
    total: u128,
}

impl Begun {
    /// Performs setup.
    fn new(scenario: &Scenario, timestamps: &Timestamps, version: Version) -> Result<Self, LayersError> {
        let shape = Shape::of(scenario);
        let constrained = shape.after.iter().any(|after| !after.is_empty());
        if constrained && shape.lengths.iter().sum::<usize>() > DEEPEST {
            return Err(LayersError::Overflow);
        }
        let rules = Rules::of(version, scenario.bytecode)?;
        let (state, world) = set_up(scenario, timestamps.tick, &rules)?;
        let mut evaluator = Evaluator::new(scenario, timestamps.tick, rules);
        make_slots(&mut evaluator, scenario)?;
        let mut numbers = evaluator.meet(&state, &world)?;
        if let Some(clock) = evaluator.slots.find(&Slot::Clock) {
            numbers[clock] = evaluator.slots.number(clock, &AbstractValue::Clock(world.now()))?;
        }
        let start = Start { numbers, now: world.now(), tick: timestamps.tick };
        let mut completions = completions::Completions::new(&shape).ok_or(LayersError::Overflow)?;
        let total = completions.from(&mut vec![0; shape.tests()]).ok_or(LayersError::Overflow)?;
        Ok(Self { evaluator: RwLock::new(evaluator), start, total })
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
