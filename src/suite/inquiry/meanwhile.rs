//! Explains a first finding of each set of tests while others are still to be proven, once little time is left: why many tests fail is
//! worth more than one more of these tests.

use std::time::Duration;

use super::Inquiry;
use crate::suite::judge::prove::Proven;
use crate::suite::runner::run::{Runner, RunnerError};

/// Of the time that was left when proofs began, so much belongs to explanations too.
const PART: u32 = 2;

impl<R: Runner> Inquiry<'_, R> {
    /// Explains one finding of the set of tests that decides most outcomes, of those that explain nothing yet, if that much of the time
    /// is used up.
    pub(super) fn explain_in_time(&mut self, left_first: Option<Duration>) -> Result<(), RunnerError> {
        let left = self.plan.time_left().zip(left_first);
        if left.is_none_or(|(left, first)| left >= first / PART) {
            return Ok(());
        }
        let is_open = |proven: &Proven| {
            proven.finding.minimal && !self.explained.iter().any(|each| each.is_about(proven))
        };
        let decides = |place: &usize| self.judge.known.decided_by(&self.proven[*place].before);
        let open = (0..self.proven.len()).rev().filter(|&place| is_open(&self.proven[place]));
        let Some(place) = open.max_by_key(decides) else { return Ok(()) };
        let proven = self.proven.remove(place);
        self.explain_one(proven)
    }
}
