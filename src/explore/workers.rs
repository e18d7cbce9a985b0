//! Several walkers on one graph: each has an interpreter of its own and goes where work is.

use std::time::Duration;

use super::lab::Lab;
use super::shared::{Shared, WalkError};
use super::walker::Walker;
use super::worker_limit::{WorkerLimit, WorkerPermit};

/// How long a second interpreter waits before it is started: small scenarios are done by then.
const HEAD_START: Duration = Duration::from_millis(60);

/// So many walkers, and where they start.
pub(super) struct Workers<'a> {
    pub(super) lab: Lab<'a>,
    pub(super) jobs: usize,
    /// The workers that others have a right to as well.
    pub(super) limit: &'a WorkerLimit,
}

impl Workers<'_> {
    /// Covers the scope with the walker at hand and, where it takes longer, with others.
    pub(super) fn cover(&self, first: &mut Walker, shared: &Shared<'_>) -> Result<(), WalkError> {
        shared.queue.join();
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.jobs).map(|_| scope.spawn(|| self.join_later(shared))).collect();
            first.limit(Some(shared.budget));
            let mut result = self.work(first, shared);
            for other in others {
                let ended = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                result = result.and(ended);
            }
            result
        })
    }

    fn join_later(&self, shared: &Shared<'_>) -> Result<(), WalkError> {
        let Some(_permit) = self.permit_until_over(shared) else { return Ok(()) };
        let mut walker = Walker::set_up(self.lab)?;
        walker.limit(Some(shared.budget));
        shared.queue.join();
        self.work(&mut walker, shared)
    }

    /// Waits until one more worker is worth while and free. Returns `None` if all is over before.
    fn permit_until_over(&self, shared: &Shared<'_>) -> Option<WorkerPermit> {
        while !shared.queue.is_over_within(HEAD_START) {
            if let Some(permit) = self.limit.take() {
                return Some(permit);
            }
        }
        None
    }

    /// Takes branches that nobody has taken until there are none and nobody is busy who could make one. Enters busy.
    fn work(&self, walker: &mut Walker, shared: &Shared<'_>) -> Result<(), WalkError> {
        while let Some((node, reserved)) = shared.queue.next(|| shared.reserve()) {
            if let Err(problem) = walker.walk_to(self.lab, shared, node, reserved) {
                shared.queue.end();
                return Err(problem);
            }
        }
        Ok(())
    }
}
