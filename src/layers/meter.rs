//! The progress of a count, shared by all workers: the number of states so far, and whether to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::error::{LayersError, WorkerError};
use super::figures::CountLimits;

/// The shared figures of all workers.
#[derive(Debug)]
pub(super) struct Meter {
    /// States of finished layers.
    states: AtomicU64,
    /// States of the previous layer, and of this one.
    sizes: [AtomicU64; 2],
    /// Whether some worker found a content that does not fit.
    is_too_narrow: AtomicBool,
}

impl Meter {
    /// A meter that starts at `states`.
    pub(super) fn new(states: u64) -> Self {
        Self {
            states: AtomicU64::new(states),
            sizes: [AtomicU64::new(0), AtomicU64::new(0)],
            is_too_narrow: AtomicBool::new(false),
        }
    }

    /// Makes all workers stop, because states need more room.
    pub(super) fn need_room(&self) -> WorkerError {
        self.is_too_narrow.store(true, Ordering::Relaxed);
        WorkerError::TooNarrow
    }

    /// Returns an error if the walk must stop; `found` is the size of the next layer so far.
    pub(super) fn check(&self, limits: &CountLimits, found: usize) -> Result<(), WorkerError> {
        if self.is_too_narrow.load(Ordering::Relaxed) {
            return Err(WorkerError::TooNarrow);
        }
        let states = self.states.load(Ordering::Relaxed) + found as u64;
        limits.budget.check_states(states).map_err(|stopped| LayersError::Stopped(stopped).into())
    }

    /// Records a finished layer, and the size of the next one.
    pub(super) fn layer_done(&self, states: u64) {
        self.states.fetch_add(states, Ordering::Relaxed);
        let before = self.sizes[1].swap(states, Ordering::Relaxed);
        self.sizes[0].store(before, Ordering::Relaxed);
    }

    /// Estimates how many states a layer of this size will lead to, assuming that layers continue to grow or
    /// shrink as they did. Used to reserve room.
    pub(super) fn expected(&self, size: usize) -> usize {
        let [before, now] = [0, 1].map(|at| self.sizes[at].load(Ordering::Relaxed).max(1));
        let guess = size as u64 * now.min(before * 4) / before;
        usize::try_from(guess).unwrap_or(size)
    }
}
