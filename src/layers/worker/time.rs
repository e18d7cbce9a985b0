//! The passing of time in a walk: the clock of a state, and the contents that a tick changes.

use super::{StepTime, TestProgress, Worker};
use crate::layers::abstract_value::AbstractValue;
use crate::layers::error::{LayersError, WorkerError};
use crate::layers::packing::PackedKey;
use crate::layers::slots::UNKNOWN;
use crate::scenario::Step;
use crate::world::{Nanos, Operation, Time};

impl<const W: usize> Worker<'_, W> {
    /// How time passes in a step. A skipped sleep takes no time, any other skipped step its own.
    pub(super) fn time(&mut self, key: &PackedKey<W>, at: TestProgress) -> StepTime {
        let now = match self.layout.clock {
            None => self.plan.instant(self.layer.depth),
            Some(place) => self.instant(place, self.layout.packing.number(key, place)),
        };
        let length = match &self.plan.tests[at.test].steps[at.step] {
            Step::World(Operation::Sleep(_)) if at.failed => Nanos(0),
            Step::World(Operation::Sleep(length)) => *length,
            _ => self.plan.step_time,
        };
        self.time_from(now, length)
    }

    pub(super) fn time_from(&self, now: Time, length: Nanos) -> StepTime {
        let later = now.saturating_add(length);
        StepTime { now, later, clock_step: self.plan.clock_step(now, later) }
    }

    /// Whether no state of a layer contains a time of the current tick, because a tick passed just before the layer.
    pub(super) fn is_calm(&self, depth: usize) -> bool {
        if self.layout.clock.is_some() || depth == 0 {
            return false;
        }
        self.plan.clock_step(self.plan.instant(depth - 1), self.plan.instant(depth)).tick
    }

    /// The instant for a number of the clock.
    fn instant(&mut self, place: usize, number: u32) -> Time {
        let at = number as usize;
        if at >= self.instants.len() {
            let evaluator = self.plan.evaluator();
            for content in evaluator.slots.contents(place).skip(self.instants.len()) {
                self.instants.push(match content {
                    AbstractValue::Clock(time) => *time,
                    // Number 0 of every slot is the unchanged content.
                    _ => self.plan.start,
                });
            }
        }
        self.instants[at]
    }

    pub(super) fn put_clock(&mut self, key: &mut PackedKey<W>, later: Time) -> Result<(), WorkerError> {
        let Some(place) = self.layout.clock else { return Ok(()) };
        let number = if let Some(&number) = self.ticking.get(&later.0) {
            number
        } else {
            let mut evaluator = self.plan.evaluator_mut();
            let number = evaluator.slots.number(place, &AbstractValue::Clock(later));
            let number = number.map_err(LayersError::Interpreter)?;
            self.fits(&evaluator)?;
            drop(evaluator);
            self.ticking.insert(later.0, number);
            number
        };
        self.put(key, place, number as usize);
        Ok(())
    }

    /// Lets a tick pass: contents of the current tick become earlier ones.
    pub(super) fn age(&mut self, key: &mut PackedKey<W>, second: bool) -> Result<(), WorkerError> {
        let Self { plan, layout, meter, .. } = *self;
        for &place in &layout.timed {
            let number = layout.packing.number(key, place);
            let known = &mut self.aged[usize::from(second)];
            if known.len() <= place {
                known.resize(place + 1, Vec::new());
            }
            let known = &mut known[place];
            if known.len() <= number as usize {
                known.resize(number as usize + 1, UNKNOWN);
            }
            if known[number as usize] == UNKNOWN {
                let mut evaluator = plan.evaluator_mut();
                let aged = evaluator.slots.aged(place, number, second);
                known[number as usize] = aged.map_err(LayersError::Interpreter)?;
                if !layout.fits(&evaluator) {
                    return Err(meter.need_room());
                }
            }
            let aged = known[number as usize] as usize;
            self.put(key, place, aged);
        }
        Ok(())
    }
}
