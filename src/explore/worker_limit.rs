//! How many workers may be at work at once, over everything that goes on side by side.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of workers. All clones are one: a worker taken from one is taken from all.
#[derive(Debug, Clone)]
pub struct WorkerLimit {
    free: Arc<AtomicUsize>,
}

impl Default for WorkerLimit {
    /// More than anybody takes.
    fn default() -> Self {
        Self::of(usize::MAX)
    }
}

/// The right of one worker to be at work, until it is dropped.
#[derive(Debug)]
#[must_use = "the worker may work as long as this lives"]
pub struct WorkerPermit {
    free: Arc<AtomicUsize>,
}

impl WorkerLimit {
    /// So many workers, all of them free.
    pub fn of(workers: usize) -> Self {
        Self { free: Arc::new(AtomicUsize::new(workers)) }
    }

    /// Takes a worker, or returns `None` if none is free now.
    pub fn take(&self) -> Option<WorkerPermit> {
        let taken = self.free.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |free| free.checked_sub(1));
        taken.ok().map(|_| WorkerPermit { free: Arc::clone(&self.free) })
    }
}

impl Drop for WorkerPermit {
    fn drop(&mut self) {
        self.free.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_free_again_when_its_permit_is_dropped() {
        let limit = WorkerLimit::of(2);
        let (first, second) = (limit.take(), limit.clone().take());
        assert!(first.is_some() && second.is_some());
        assert!(limit.take().is_none());
        drop(second);
        assert!(limit.take().is_some());
    }
}
