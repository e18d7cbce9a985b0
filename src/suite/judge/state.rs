//! The smallest state that decides what a test does after others, sought by runs of the test.

use super::repair;
use super::runs::Judge;
use super::suspicion::Suspicion;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::probe::RepairScope;
use crate::suite::runner::run::{Runner, RunnerError};

impl<R: Runner> Judge<'_, R> {
    /// The smallest state that decides, and how wide a look sees it: putting it back before the test must turn its outcome round.
    pub(super) fn smallest_state(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        most_singles: usize,
    ) -> Result<(RepairScope, Vec<Cell>), RunnerError> {
        let mut last = RepairScope::Near;
        let state = repair::proven(most_singles, |scope, repair| {
            last = scope;
            self.put_back(suspicion, before, scope, repair)
        })?;
        Ok((last, state))
    }
}
