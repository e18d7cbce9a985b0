//! Who of several walkers is busy, and how those that are not wait for work: until a state has a branch that nobody has taken,
//! or until all is over.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the walkers of one graph know of each other.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    /// Walkers without work. It is raised before one looks for work for the last time, and read after work was made, so that
    /// one of the two sees the other.
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct QueueState {
    busy: usize,
    over: bool,
}

impl Queue {
    /// One more walker is busy.
    pub(super) fn join(&self) {
        self.lock().busy += 1;
    }

    /// Waits so long, or until all is over. Returns whether all is over.
    pub(super) fn is_over_within(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.lock();
        while !state.over {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (state, _) = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// All is over: nobody looks for work any more.
    pub(super) fn end(&self) {
        self.lock().over = true;
        self.changed.notify_all();
    }

    /// There is work: a branch that nobody has taken.
    pub(super) fn announce(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            // Whoever looks for work holds the lock until it waits.
            drop(self.lock());
            self.changed.notify_one();
        }
    }

    /// What `look` finds. Where it finds nothing, a busy walker waits until somebody announces work; `None` once all is over,
    /// which it is when nobody is busy who could make work.
    pub(super) fn next<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        if self.lock().over {
            return None;
        }
        if let Some(found) = look() {
            return Some(found);
        }
        let mut state = self.lock();
        state.busy -= 1;
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let found = loop {
            if state.over {
                break None;
            }
            if let Some(found) = look() {
                break Some(found);
            }
            if state.busy == 0 {
                state.over = true;
                self.changed.notify_all();
                break None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.busy += 1;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        found
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
