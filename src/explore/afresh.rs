//! Orderings performed again, nothing merged: many on one fresh interpreter, which perform what they have in common once, or one
//! on an interpreter of its own.

use super::error::ExploreError;
use super::explorer::Explorer;
use super::performer::Performer;
use super::script::{Script, ScriptLine};
use super::together::{Staged, StepStage, Together};
use super::walker::Walker;
use crate::budget::Budget;
use crate::interpreter::{Ask, Freshness, Keep, NoOutcome, Outcome};
use crate::world::World;

impl StepStage for &mut Performer {
    type Place = World;

    fn step(
        &mut self,
        line: &ScriptLine<'_>,
        skipped: bool,
        place: World,
        keep: Keep,
    ) -> Result<Staged<World>, NoOutcome> {
        let done = self.step_or_skip(line, skipped, place, Ask { keep, fingerprint: false })?;
        let (outcome, place) = (done.performed.outcome, done.performed.world);
        Ok(Staged { outcome, place, descended: done.descended })
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        Performer::ascend(self)
    }
}

impl Explorer<'_> {
    /// The outcomes of these orderings (the test of each step; sorted), on one fresh interpreter of its own, nothing merged. Where the budget
    /// is used up, those of the first of them. `progress` receives how many are done.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform_again(
        &mut self,
        orderings: &[Vec<usize>],
        freshness: Freshness,
        budget: &Budget,
        progress: &dyn Fn(usize),
    ) -> Result<Vec<Vec<Outcome>>, ExploreError> {
        self.rest();
        let mut walker = Walker::set_up(self.lab().with_freshness(freshness))?;
        let (performer, start) = walker.parts()?;
        let mut together = Together::new(performer, start.clone(), budget);
        Ok(together.perform_all(self.scenario(), orderings, progress)?)
    }

    /// The outcomes of one ordering on an interpreter of its own; none where the budget is used up.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform_alone(
        &self,
        steps: &[usize],
        budget: &Budget,
    ) -> Result<Option<Vec<Outcome>>, ExploreError> {
        if budget.check().is_err() {
            return Ok(None);
        }
        let mut walker = Walker::set_up(self.lab().with_freshness(Freshness::Process))?;
        walker.limit(Some(budget));
        match walker.perform(&Script::of_ordering(self.scenario(), steps)) {
            Ok(performed) => Ok(Some(performed.into_iter().map(|step| step.outcome).collect())),
            Err(NoOutcome::Interrupted) => Ok(None),
            Err(problem) => Err(problem.into()),
        }
    }
}
