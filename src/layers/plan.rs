//! The part of a count that is known before it begins and never changes: the steps, the clock, and the layout
//! of states.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::abstract_value::Slot;
use super::completions;
use super::effect::ClockStep;
use super::evaluator::Evaluator;
use super::figures::CountLimits;
use super::packing::Packing;
use crate::interpreter::model::second_of;
use crate::ordering::Shape;
use crate::scenario::{Permute, Scenario, Test};
use crate::world::{Nanos, Time};

/// The start of the walk.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) numbers: Vec<u32>,
    pub(super) now: Time,
    pub(super) tick: Nanos,
}

/// The constants of a count.
#[derive(Debug)]
pub(super) struct CountPlan<'a> {
    evaluator: &'a RwLock<Evaluator>,
    pub(super) limits: &'a CountLimits,
    pub(super) shape: Shape,
    pub(super) tests: &'a [Test],
    /// When the first step begins.
    pub(super) start: Time,
    pub(super) step_time: Nanos,
    tick: Nanos,
    /// The number of steps of an ordering.
    pub(super) depth: usize,
    /// For each test the index of its first step among all steps.
    pub(super) offsets: Vec<usize>,
    /// Whether times are kept exactly.
    exact: bool,
}

impl<'a> CountPlan<'a> {
    pub(super) fn new(
        evaluator: &'a RwLock<Evaluator>,
        scenario: &'a Scenario,
        limits: &'a CountLimits,
        start: &Start,
    ) -> Self {
        let shape = Shape::of(scenario);
        let (mut depth, mut offsets) = (0, Vec::with_capacity(shape.tests()));
        for length in &shape.lengths {
            offsets.push(depth);
            depth += length;
        }
        Self {
            evaluator,
            limits,
            shape,
            tests: &scenario.tests,
            start: start.now,
            step_time: scenario.step_time,
            tick: start.tick,
            depth,
            offsets,
            exact: scenario.compares_times_across(),
        }
    }

    pub(super) fn evaluator(&self) -> RwLockReadGuard<'_, Evaluator> {
        self.evaluator.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn evaluator_mut(&self) -> RwLockWriteGuard<'_, Evaluator> {
        self.evaluator.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a test's next step may be the next one of the ordering.
    pub(super) fn may_go_on(&self, test: usize, done: &[usize]) -> bool {
        if done[test] == self.shape.lengths[test] {
            return false;
        }
        if self.shape.permute == Permute::Steps && self.shape.after[test].is_empty() {
            return true;
        }
        completions::next(&self.shape, done).any(|other| other == test)
    }

    /// The ticks that pass between two instants.
    pub(super) fn clock_step(&self, now: Time, later: Time) -> ClockStep {
        if self.exact {
            return ClockStep { tick: false, second: false };
        }
        let (before, after) = (now.floor(self.tick), later.floor(self.tick));
        let second = second_of(before) != second_of(after);
        let bits = |time: Time| time.as_cpython_float().to_bits();
        ClockStep { tick: second || bits(before) != bits(after), second }
    }

    /// When the steps of a layer begin, if that is the same for all of them.
    pub(super) fn instant(&self, depth: usize) -> Time {
        Time(self.start.0.saturating_add(self.step_time.0.saturating_mul(depth as u64)))
    }
}

/// The layout of states, until a content does not fit.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) packing: Packing,
    /// The place of the clock in a state, if it can differ between states of a layer.
    pub(super) clock: Option<usize>,
    /// Slots whose contents change when time passes.
    pub(super) timed: Vec<usize>,
}

impl Layout {
    /// A layout with room for all contents found so far, and some more.
    pub(super) fn of(evaluator: &Evaluator) -> Self {
        let slots = &evaluator.slots;
        let is_timed = |slot: &Slot| matches!(slot, Slot::Entry(_) | Slot::Finder(_));
        Self { packing: Packing::of(slots), clock: slots.find(&Slot::Clock), timed: slots.places(is_timed) }
    }

    /// Whether all contents found so far fit.
    pub(super) fn fits(&self, evaluator: &Evaluator) -> bool {
        self.packing.fits(&evaluator.slots)
    }
}
