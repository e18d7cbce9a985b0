//! When to stop. A [`Budget`] says how long something may take and how many states it may meet; an [`Interruption`] is the
//! wish of somebody outside that it end early. Whoever works or waits asks [`Budget::check`] on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Exit status of a process that a second Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// What a second Ctrl-C leaves for directories to be removed and children to be reaped.
const GRACE: Duration = Duration::from_millis(500);

/// A request to end early. All clones are one: what is requested of one is requested of all.
#[derive(Debug, Clone, Default)]
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// One that the first Ctrl-C (SIGTERM, SIGHUP) requests. The second one ends the process with status 130. Where a handler is
    /// installed already, no signal requests it.
    pub fn on_ctrl_c() -> Self {
        let interruption = Self::default();
        let handled = interruption.clone();
        let handler = move || {
            if handled.request() {
                std::thread::sleep(GRACE);
                std::process::exit(INTERRUPTED);
            }
        };
        // An error means that somebody else handles signals in this process; they decide what a signal does.
        let _ = ctrlc::set_handler(handler);
        interruption
    }

    /// Requests it. Returns whether it had been requested before.
    pub fn request(&self) -> bool {
        self.0.swap(true, Ordering::SeqCst)
    }

    /// Whether it was requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Why something ended before it was complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StopReason {
    /// Somebody requested it.
    #[error("interrupted")]
    Interrupted,
    /// The time is used up.
    #[error("the time is used up")]
    OutOfTime,
    /// There are more states than the budget allows.
    #[error("there are more than {0} states")]
    TooManyStates(u64),
}

/// How much something may take. [`Budget::default`] has no limit.
#[derive(Debug, Clone)]
pub struct Budget {
    until: Option<Instant>,
    max_states: u64,
    interruption: Interruption,
    /// The wish that just this end early.
    unwanted: Interruption,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(Interruption::default())
    }
}

impl Budget {
    /// No limit but an interruption.
    pub fn of(interruption: Interruption) -> Self {
        Self { until: None, max_states: u64::MAX, interruption, unwanted: Interruption::default() }
    }

    /// The same with so much time from now on.
    #[must_use = "the budget itself stays as it is"]
    pub fn with_time(self, time: Duration) -> Self {
        self.with_time_since(Instant::now(), time)
    }

    /// The same with so much time since some instant. A time so long that no clock counts to its end is no limit.
    #[must_use = "the budget itself stays as it is"]
    pub fn with_time_since(self, began: Instant, time: Duration) -> Self {
        Self { until: began.checked_add(time), ..self }
    }

    /// The same with at most so many states.
    #[must_use = "the budget itself stays as it is"]
    pub fn with_states(self, max_states: u64) -> Self {
        Self { max_states, ..self }
    }

    /// The same with at most so much time from now on.
    #[must_use = "the budget itself stays as it is"]
    pub fn with_at_most(self, time: Duration) -> Self {
        let earliest = Instant::now().checked_add(time).into_iter().chain(self.until).min();
        Self { until: earliest, ..self }
    }

    /// The same with at least so much time from now on.
    #[must_use = "the budget itself stays as it is"]
    pub fn with_at_least(self, time: Duration) -> Self {
        let until = self.until.and_then(|until| Some(until.max(Instant::now().checked_add(time)?)));
        Self { until, ..self }
    }

    /// The same for something that is interrupted too once this is requested.
    #[must_use = "the budget itself stays as it is"]
    pub fn unless(self, unwanted: Interruption) -> Self {
        Self { unwanted, ..self }
    }

    /// States that it allows.
    pub fn max_states(&self) -> u64 {
        self.max_states
    }

    /// The instant at which the time is used up, or `None` if there is no limit.
    pub fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// What is left of the time, or `None` if there is no limit.
    pub fn time_left(&self) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// Whether to go on: nobody requested an end, and there is time left.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), StopReason> {
        if self.interruption.is_requested() || self.unwanted.is_requested() {
            return Err(StopReason::Interrupted);
        }
        match self.until {
            Some(until) if Instant::now() >= until => Err(StopReason::OutOfTime),
            _ => Ok(()),
        }
    }

    /// The same for something that has met so many states.
    ///
    /// # Errors
    /// Why not to go on.
    pub fn check_states(&self, states: u64) -> Result<(), StopReason> {
        self.check()?;
        if states > self.max_states { Err(StopReason::TooManyStates(self.max_states)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_stops_and_an_interruption_comes_first() {
        let interruption = Interruption::default();
        let budget = Budget::of(interruption.clone()).with_states(3);
        assert_eq!(budget.check_states(3), Ok(()));
        assert_eq!(budget.check_states(4), Err(StopReason::TooManyStates(3)));
        assert_eq!(budget.check(), Ok(()), "states are asked about where they are counted");
        let late = budget.clone().with_at_most(Duration::ZERO);
        assert_eq!(late.check_states(4), Err(StopReason::OutOfTime));
        assert!(!interruption.request(), "nobody requested it before");
        assert_eq!(late.check(), Err(StopReason::Interrupted));
        assert!(interruption.request(), "and it stays requested");
        let (unwanted, whole) = (Interruption::default(), Budget::default());
        let part = whole.clone().unless(unwanted.clone());
        unwanted.request();
        assert_eq!((part.check(), whole.check()), (Err(StopReason::Interrupted), Ok(())));
    }

    #[test]
    fn time_is_cut_and_granted() {
        let hour = Duration::from_hours(1);
        let short = Budget::default().with_time(hour).with_at_most(Duration::ZERO);
        assert_eq!(short.check(), Err(StopReason::OutOfTime));
        assert_eq!(short.with_at_least(hour).check(), Ok(()));
        let long = Budget::default().with_time(Duration::MAX);
        assert_eq!(long.time_left(), None, "no clock counts so far");
        assert_eq!(long.with_at_least(Duration::ZERO).time_left(), None, "and no limit is no limit still");
    }
}
