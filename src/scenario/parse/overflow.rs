//! Whether virtual time lasts for all steps of a scenario.

use super::clock::ClockTable;
use super::reader::{Fields, Reader};
use super::step::Placed;
use crate::scenario::Step;
use crate::scenario::problem::Problem;
use crate::world::{Operation, Time};

/// Reports a problem if the steps, one after the other, would take longer than virtual time lasts.
pub(super) fn overflow(reader: &mut Reader, top: &Fields<'_>, clock: &ClockTable, steps: &[&Placed]) {
    let sleep = |placed: &Placed| match &placed.step {
        Step::World(Operation::Sleep(length)) => Some(*length),
        _ => None,
    };
    let awake = steps.iter().filter(|placed| sleep(placed).is_none()).count();
    let working = u128::from(clock.step_time.0) * awake as u128;
    let asleep: u128 =
        steps.iter().filter_map(|placed| sleep(placed)).map(|length| u128::from(length.0)).sum();
    let every_tick = clock.timestamps.iter().flatten().map(|timestamps| timestamps.tick.0);
    let tick = u128::from(every_tick.max().unwrap_or(0));
    if u128::from(Time::START.0) + working + asleep + tick <= u128::from(u64::MAX) {
        return;
    }
    let longest = steps.iter().max_by_key(|placed| sleep(placed));
    let span = match longest {
        Some(placed) if asleep >= working.max(tick) => placed.span.clone(),
        _ => top.get("clock").map_or(top.span.clone(), |field| field.span.clone()),
    };
    let message = "the steps take longer than virtual time lasts (until the year 2554)";
    reader.note(Problem::new(span, message).help("shorten the sleeps, the step time or the ticks"));
}
