//! How far a count is, for all workers to read and add to: how many states there were, and whether it must stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::error::{LayerStop, LayersError};
use super::figures::CountLimits;

/// What workers count together.
#[derive(Debug)]
pub(super) struct Meter {
    /// States of layers that are done.
    states: AtomicU64,
    /// States of the layer before this one, and of this one.
    sizes: [AtomicU64; 2],
    /// Whether some worker met a content that has no room.
    is_too_narrow: AtomicBool,
}

impl Meter {
    /// A meter that begins with so many states.
    pub(super) fn new(states: u64) -> Self {
        Self {
            states: AtomicU64::new(states),
            sizes: [AtomicU64::new(0), AtomicU64::new(0)],
            is_too_narrow: AtomicBool::new(false),
        }
    }

    /// Makes all workers stop, since states need more room.
    pub(super) fn need_room(&self) -> LayerStop {
        self.is_too_narrow.store(true, Ordering::Relaxed);
        LayerStop::TooNarrow
    }

    /// Whether to go on, with so many states in the next layer so far.
    pub(super) fn check(&self, limits: &CountLimits, found: usize) -> Result<(), LayerStop> {
        if self.is_too_narrow.load(Ordering::Relaxed) {
            return Err(LayerStop::TooNarrow);
        }
        let states = self.states.load(Ordering::Relaxed) + found as u64;
        limits.budget.check_states(states).map_err(|stopped| LayersError::Stopped(stopped).into())
    }

    /// A layer is done, and the next one has so many states.
    pub(super) fn layer_done(&self, states: u64) {
        self.states.fetch_add(states, Ordering::Relaxed);
        let before = self.sizes[1].swap(states, Ordering::Relaxed);
        self.sizes[0].store(before, Ordering::Relaxed);
    }

    /// How many states a layer of this size will lead to, if layers go on growing or shrinking as they did: a guess, by which
    /// room is made beforehand.
    pub(super) fn expected(&self, size: usize) -> usize {
        let [before, now] = [0, 1].map(|at| self.sizes[at].load(Ordering::Relaxed).max(1));
        let guess = size as u64 * now.min(before * 4) / before;
        usize::try_from(guess).unwrap_or(size)
    }
}
