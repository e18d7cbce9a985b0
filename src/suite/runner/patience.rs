//! How long a test may be at work: so long as `--test-timeout` says at first, and less once all tests have run in one order and took
//! much less. A test that waits for what another one took away would else use up the time of the hunt, and nobody would hear of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::message::Message;
use super::run::{OrderRun, TestRunOptions};

/// How long a test of a watched run may take at most: it is slow, but not worth a long wait.
const WATCHED: Duration = Duration::from_secs(30);
/// A test that takes so long is left alone, whatever others took.
const NEVER_LESS: Duration = Duration::from_secs(10);
/// The same for a test that nobody has waited for before.
const NEVER_LESS_AGAIN: Duration = Duration::from_secs(2);
/// A test may take so many times as long as the longest so far.
const TIMES: u32 = 4;

/// What is known of how long tests take, in all processes of a hunt.
#[derive(Debug, Default)]
pub(crate) struct Patience(Mutex<KnownTimes>);

#[derive(Debug, Default)]
struct KnownTimes {
    longest: Duration,
    /// Whether all tests of the suite have run in one order.
    all_have_run: bool,
    /// Tests that somebody has waited for in vain after that.
    given_up: BTreeSet<usize>,
}

impl Patience {
    fn known(&self) -> MutexGuard<'_, KnownTimes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownTimes {
    /// How long a test may take that may take so long `at_most`.
    fn limit(&self, test: Option<usize>, at_most: Duration) -> Duration {
        if !self.all_have_run {
            return at_most;
        }
        let again = test.is_some_and(|test| self.given_up.contains(&test));
        let never_less = if again { NEVER_LESS_AGAIN } else { NEVER_LESS };
        self.longest.saturating_mul(TIMES).max(never_less).min(at_most)
    }
}

/// How long one run may be silent while a test is at work.
#[derive(Debug)]
pub(super) struct Silence {
    at_most: Duration,
    /// What is known; a run that is slowed down takes no part in it.
    patience: Option<Arc<Patience>>,
    /// The number of tests of the whole suite, if the run may have them all.
    tests: Option<usize>,
}

impl Silence {
    /// For a run; `tests` if its process has collected the whole suite.
    pub(super) fn of(
        patience: &Arc<Patience>,
        how: &TestRunOptions,
        at_most: Duration,
        tests: Option<usize>,
    ) -> Self {
        match how.trace {
            Some(_) => Self { at_most: at_most.min(WATCHED), patience: None, tests },
            None => Self { at_most, patience: Some(Arc::clone(patience)), tests },
        }
    }

    /// For this test, if one has begun.
    pub(super) fn limit(&self, test: Option<usize>) -> Duration {
        // Elsewhere tests have other numbers.
        let test = test.filter(|_| self.tests.is_some());
        self.patience.as_ref().map_or(self.at_most, |patience| patience.known().limit(test, self.at_most))
    }

    /// Learns that this test was at work for longer.
    pub(super) fn is_over(&self, test: Option<usize>) {
        if let Some((patience, test)) = self.patience.as_ref().zip(test).filter(|_| self.tests.is_some()) {
            patience.known().given_up.insert(test);
        }
    }

    /// Learns from a message, and from what has run by then.
    pub(super) fn learn(&self, message: &Message, began: &mut Instant, run: &OrderRun) {
        let all_have_run = || self.tests.is_some_and(|tests| run.tests.len() >= tests);
        match (message, &self.patience) {
            (Message::Start { .. }, _) => *began = Instant::now(),
            (Message::End { .. }, Some(patience)) => {
                let mut known = patience.known();
                known.longest = known.longest.max(began.elapsed());
            }
            (Message::Done, Some(patience)) if all_have_run() => patience.known().all_have_run = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KnownTimes;
    use std::time::Duration;

    #[test]
    fn a_test_may_take_less_once_all_have_run_and_took_less() {
        let [second, minute] = [1, 60].map(Duration::from_secs);
        let mut known = KnownTimes { longest: second, ..KnownTimes::default() };
        assert_eq!(known.limit(Some(1), minute), minute);
        known.all_have_run = true;
        assert_eq!(known.limit(Some(1), minute), 10 * second);
        assert_eq!(known.limit(None, second), second);
        known.given_up.insert(1);
        assert_eq!([Some(1), Some(2)].map(|test| known.limit(test, minute)), [4 * second, 10 * second]);
        known.longest = 5 * second;
        assert_eq!(known.limit(Some(1), minute), 20 * second);
        known.longest = minute;
        assert_eq!(known.limit(Some(2), minute), minute);
    }
}
