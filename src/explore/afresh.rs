//! Orderings performed again, nothing merged: many on one fresh interpreter, which perform what they have in common once, or one
//! on an interpreter of its own.

use super::error::ExploreError;
use super::explorer::Explorer;
use super::performer::Performer;
use super::script::{Script, ScriptLine, StepPerformance};
use super::shared::KEPT;
use super::walker::Walker;
use crate::budget::Budget;
use crate::interpreter::{Ask, Freshness, Keep, NoOutcome, Outcome};
use crate::world::World;

/// A state to which later orderings return.
struct Halfway {
    /// Steps past.
    depth: usize,
    /// States that were kept when it was reached.
    kept: usize,
    world: World,
    failed: Vec<usize>,
}

/// What is performed on one interpreter, and where it stands.
struct Together<'w> {
    performer: &'w mut Performer,
    start: &'w World,
    budget: &'w Budget,
    halfway: Vec<Halfway>,
    kept: usize,
}

impl Explorer<'_> {
    /// The outcomes of these orderings (the test of each step; sorted), on one fresh interpreter of its own, nothing merged. Where the budget
    /// is used up, those of the first of them. `progress` receives how many are done.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform_again(
        &self,
        orderings: &[Vec<usize>],
        freshness: Freshness,
        budget: &Budget,
        progress: &dyn Fn(usize),
    ) -> Result<Vec<Vec<Outcome>>, ExploreError> {
        let mut walker = Walker::set_up(self.lab().with_freshness(freshness))?;
        let (performer, start) = walker.parts();
        let mut together = Together { performer, start, budget, halfway: Vec::new(), kept: 0 };
        let mut outcomes: Vec<Vec<Outcome>> = Vec::with_capacity(orderings.len());
        for (at, steps) in orderings.iter().enumerate() {
            let known = outcomes.last().map_or(&[][..], Vec::as_slice);
            let script = Script::of_ordering(self.scenario(), steps);
            match together.perform(&script, known, &returns(orderings, at)) {
                Ok(performed) => {
                    outcomes.push(performed);
                    progress(outcomes.len());
                }
                Err(NoOutcome::Interrupted) => break,
                Err(problem) => return Err(problem.into()),
            }
        }
        Ok(outcomes)
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

/// The depths at which later orderings leave the way of this one, deepest first.
fn returns(orderings: &[Vec<usize>], at: usize) -> Vec<usize> {
    let mut depths: Vec<usize> = Vec::new();
    let mut shared = usize::MAX;
    for pair in orderings[at..].windows(2) {
        shared = shared.min(in_common(&pair[0], &pair[1]));
        if shared == 0 {
            break;
        }
        if depths.last() != Some(&shared) {
            depths.push(shared);
        }
    }
    depths.push(0);
    depths
}

fn in_common(one: &[usize], other: &[usize]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

impl Together<'_> {
    /// Performs the part of an ordering that the one before it, whose outcomes are known, does not share.
    fn perform(
        &mut self,
        script: &[ScriptLine<'_>],
        known: &[Outcome],
        returns: &[usize],
    ) -> Result<Vec<Outcome>, NoOutcome> {
        let Halfway { depth, mut world, mut failed, .. } = self.go_back()?;
        let mut outcomes = known[..depth].to_vec();
        for (at, line) in script.iter().enumerate().skip(depth) {
            if self.budget.check().is_err() {
                return Err(NoOutcome::Interrupted);
            }
            if returns.contains(&at) && self.halfway.len() < KEPT {
                let (world, failed) = (world.clone(), failed.clone());
                self.halfway.push(Halfway { depth: at, kept: self.kept, world, failed });
            }
            let step = self.step(line, &failed, world)?;
            failed.extend(line.test.filter(|_| step.outcome.is_failure()));
            outcomes.push(step.outcome);
            world = step.world;
        }
        self.halfway.retain(|halfway| returns.contains(&halfway.depth));
        Ok(outcomes)
    }

    fn step(
        &mut self,
        line: &ScriptLine<'_>,
        failed: &[usize],
        world: World,
    ) -> Result<StepPerformance, NoOutcome> {
        let skipped = line.test.is_some_and(|test| failed.contains(&test));
        // The state after setup is always needed: it is the start.
        let needed = self.kept == 0 || self.halfway.iter().any(|halfway| halfway.kept == self.kept);
        let keep = if needed { Keep::State } else { Keep::Nothing };
        let done = self.performer.step_or_skip(line, skipped, world, Ask { keep, fingerprint: false })?;
        self.kept += usize::from(done.descended && needed);
        Ok(done.performed)
    }

    /// Returns to the deepest state that was kept for later; the start, where there is none.
    fn go_back(&mut self) -> Result<Halfway, NoOutcome> {
        let start = || Halfway { depth: 0, kept: 0, world: self.start.clone(), failed: Vec::new() };
        let halfway = self.halfway.pop().unwrap_or_else(start);
        while self.kept > halfway.kept {
            self.performer.ascend()?;
            self.kept -= 1;
        }
        Ok(halfway)
    }
}
