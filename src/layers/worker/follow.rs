//! A single step of a worker from one state, outside of a count: which effect it has, and where it leads.

use super::{StepTime, TestProgress, Worker};
use crate::interpreter::NoOutcome;
use crate::layers::error::{LayersError, WorkerError};
use crate::layers::packing::PackedKey;

impl<const W: usize> Worker<'_, W> {
    /// Learns what other workers have learned.
    pub(in crate::layers) fn catch_up(&mut self) -> Result<(), LayersError> {
        let evaluator = self.plan.evaluator();
        self.trees.catch_up(&evaluator.shared_effects(), &self.layout.packing).map(|_| ())
    }

    /// Which of the distinct effects a test's next step has in a state of this depth, or `None` if it is skipped.
    pub(in crate::layers) fn effect(
        &mut self,
        (key, depth): (&PackedKey<W>, usize),
        test: usize,
    ) -> Result<Option<u32>, LayersError> {
        let (at, time) = self.before(key, depth, test);
        Ok(self.perform(key, at, time).map_err(known)?.distinct)
    }

    /// The state after a test's next step.
    pub(in crate::layers) fn follow(
        &mut self,
        (key, depth): (&PackedKey<W>, usize),
        test: usize,
    ) -> Result<PackedKey<W>, LayersError> {
        let (at, time) = self.before(key, depth, test);
        let step = self.perform(key, at, time).map_err(known)?;
        self.arrive(step, at, time).map_err(known)
    }

    fn before(&mut self, key: &PackedKey<W>, depth: usize, test: usize) -> (TestProgress, StepTime) {
        self.enter(depth);
        let number = self.layout.packing.number(key, test) as usize;
        let at = TestProgress { test, step: number / 2, failed: number % 2 == 1 };
        let time = self.layer.time.unwrap_or_else(|| self.time(key, at));
        (at, time)
    }
}

/// A count that is over has met every content.
fn known(problem: WorkerError) -> LayersError {
    match problem {
        WorkerError::Error(problem) => problem,
        WorkerError::TooNarrow => {
            let reason =
                "an ordering meets what the count of all orderings did not (a defect of taster)".to_owned();
            LayersError::Interpreter(NoOutcome::Lost { interpreter: "model".into(), reason })
        }
    }
}
