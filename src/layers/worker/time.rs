//! How time goes on in a walk: the clock of a state, and what of its contents a passing tick changes.

use super::{StepTime, TestProgress, Worker};
use crate::layers::abstract_value::AbstractValue;
use crate::layers::error::LayerStop;
use crate::layers::packing::Key;
use crate::layers::slots::UNKNOWN;
use crate::scenario::Step;
use crate::world::{Nanos, Operation, Time};

impl<const W: usize> Worker<'_, W> {
    /// How the clock goes on. A skipped sleep takes no time, any other skipped step its own.
    pub(super) fn going(&mut self, key: &Key<W>, at: TestProgress) -> StepTime {
        let now = match self.walk.clock {
            None => self.walk.instant(self.layer.depth),
            Some(place) => self.instant(self.walk.packing.number(key, place)),
        };
        let length = match &self.walk.tests[at.test].steps[at.step] {
            Step::World(Operation::Sleep(_)) if at.failed => Nanos(0),
            Step::World(Operation::Sleep(length)) => *length,
            _ => self.walk.step_time,
        };
        self.going_from(now, length)
    }

    pub(super) fn going_from(&self, now: Time, length: Nanos) -> StepTime {
        let later = now.checked_add(length).unwrap_or(Time(u64::MAX));
        StepTime { now, later, passing: self.walk.passing(now, later) }
    }

    /// The instant that a number of the clock stands for.
    pub(super) fn instant(&mut self, number: u32) -> Time {
        let at = number as usize;
        if at >= self.instants.len() {
            let evaluator = self.walk.evaluator();
            let place = self.walk.clock.unwrap_or(0);
            for number in self.instants.len()..evaluator.slots.count(place) {
                let instant = match evaluator.slots.content(place, u32::try_from(number).unwrap_or(0)) {
                    AbstractValue::Clock(time) => *time,
                    _ => self.walk.begun,
                };
                self.instants.push(instant);
            }
        }
        self.instants[at]
    }

    pub(super) fn put_clock(&mut self, key: &mut Key<W>, later: Time) -> Result<(), LayerStop> {
        let Some(place) = self.walk.clock else { return Ok(()) };
        let number = if let Some(&number) = self.ticking.get(&later.0) {
            number
        } else {
            let mut evaluator = self.walk.evaluator_mut();
            let number = evaluator.slots.number(place, &AbstractValue::Clock(later));
            self.walk.fits(&evaluator)?;
            drop(evaluator);
            self.ticking.insert(later.0, number);
            number
        };
        self.put(key, place, number as usize);
        Ok(())
    }

    /// A tick passes: what was of the current one no longer is.
    pub(super) fn age(&mut self, key: &mut Key<W>, second: bool) -> Result<(), LayerStop> {
        for &place in &self.walk.timed {
            let number = self.walk.packing.number(key, place);
            let known = &mut self.aged[usize::from(second)];
            if known.len() <= place {
                known.resize(place + 1, Vec::new());
            }
            let known = &mut known[place];
            if known.len() <= number as usize {
                known.resize(number as usize + 1, UNKNOWN);
            }
            if known[number as usize] == UNKNOWN {
                let mut evaluator = self.walk.evaluator_mut();
                known[number as usize] = evaluator.slots.aged(place, number, second);
                self.walk.fits(&evaluator)?;
            }
            let aged = known[number as usize] as usize;
            self.put(key, place, aged);
        }
        Ok(())
    }
}
