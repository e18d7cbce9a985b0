//! Performs orderings that begin alike: what they have in common is performed once. A [`StepStage`] performs the steps, on one
//! interpreter or on several.

use super::script::{Script, ScriptLine};
use super::shared::KEPT;
use crate::budget::Budget;
use crate::interpreter::{Keep, NoOutcome, Outcome};
use crate::scenario::Scenario;

/// Performs steps, and returns to states that it has kept.
pub(super) trait StepStage {
    /// What a step begins from, beside the interpreters.
    type Place: Clone;

    /// Performs one step, or passes over it where its test has failed.
    fn step(
        &mut self,
        line: &ScriptLine<'_>,
        skipped: bool,
        place: Self::Place,
        keep: Keep,
    ) -> Result<Staged<Self::Place>, NoOutcome>;

    /// Returns to the state kept last.
    fn ascend(&mut self) -> Result<(), NoOutcome>;

    /// Whether nothing more is wanted after the last step.
    fn is_over(&self) -> bool {
        false
    }
}

/// A performed step.
pub(super) struct Staged<P> {
    pub(super) outcome: Outcome,
    pub(super) place: P,
    /// Whether interpreters descended in it.
    pub(super) descended: bool,
}

/// A state to which later orderings return.
struct Halfway<P> {
    /// Steps past.
    depth: usize,
    /// States that were kept when it was reached.
    kept: usize,
    place: P,
    failed: Vec<usize>,
}

/// What is performed on one stage, and where it stands.
pub(super) struct Together<'w, S: StepStage> {
    pub(super) stage: S,
    start: S::Place,
    budget: &'w Budget,
    halfway: Vec<Halfway<S::Place>>,
    kept: usize,
}

impl<'w, S: StepStage> Together<'w, S> {
    pub(super) fn new(stage: S, start: S::Place, budget: &'w Budget) -> Self {
        Self { stage, start, budget, halfway: Vec::new(), kept: 0 }
    }

    /// The outcomes of these orderings (the test of each step; sorted). Where the budget is used up, those of the first of them;
    /// where the stage wants no more, the last ordering lacks the steps after that. `progress` receives how many are done.
    pub(super) fn perform_all(
        &mut self,
        scenario: &Scenario,
        orderings: &[Vec<usize>],
        progress: &dyn Fn(usize),
    ) -> Result<Vec<Vec<Outcome>>, NoOutcome> {
        let mut outcomes: Vec<Vec<Outcome>> = Vec::with_capacity(orderings.len());
        for (at, steps) in orderings.iter().enumerate() {
            let known = outcomes.last().map_or(&[][..], Vec::as_slice);
            let script = Script::of_ordering(scenario, steps);
            match self.perform(&script, known, &returns(orderings, at)) {
                Ok(performed) => {
                    outcomes.push(performed);
                    progress(outcomes.len());
                }
                Err(NoOutcome::Interrupted) => break,
                Err(problem) => return Err(problem),
            }
            if self.stage.is_over() {
                break;
            }
        }
        Ok(outcomes)
    }

    /// Performs the part of an ordering that the one before it, whose outcomes are known, does not share.
    fn perform(
        &mut self,
        script: &[ScriptLine<'_>],
        known: &[Outcome],
        returns: &[usize],
    ) -> Result<Vec<Outcome>, NoOutcome> {
        let Halfway { depth, mut place, mut failed, .. } = self.go_back()?;
        let mut outcomes = known[..depth].to_vec();
        for (at, line) in script.iter().enumerate().skip(depth) {
            if self.budget.check().is_err() {
                return Err(NoOutcome::Interrupted);
            }
            self.come_to(at, returns, (&place, &failed));
            let skipped = line.test.is_some_and(|test| failed.contains(&test));
            // The state after setup is always needed: it is the start.
            let needed = self.kept == 0 || self.halfway.iter().any(|halfway| halfway.kept == self.kept);
            let keep = if needed { Keep::State } else { Keep::Nothing };
            let step = self.stage.step(line, skipped, place, keep)?;
            self.kept += usize::from(step.descended && needed);
            failed.extend(line.test.filter(|_| step.outcome.is_failure()));
            outcomes.push(step.outcome);
            place = step.place;
            if self.stage.is_over() {
                return Ok(outcomes);
            }
        }
        // Where the next ordering goes on from here.
        self.come_to(script.len(), returns, (&place, &failed));
        self.halfway.retain(|halfway| returns.contains(&halfway.depth));
        Ok(outcomes)
    }

    /// Keeps the state after so many steps, where later orderings return to it.
    fn come_to(&mut self, depth: usize, returns: &[usize], (place, failed): (&S::Place, &[usize])) {
        if returns.contains(&depth) && self.halfway.len() < KEPT {
            let (place, failed) = (place.clone(), failed.to_vec());
            self.halfway.push(Halfway { depth, kept: self.kept, place, failed });
        }
    }

    /// Returns to the deepest state that was kept for later; the start, where there is none.
    fn go_back(&mut self) -> Result<Halfway<S::Place>, NoOutcome> {
        let start = || Halfway { depth: 0, kept: 0, place: self.start.clone(), failed: Vec::new() };
        let halfway = self.halfway.pop().unwrap_or_else(start);
        while self.kept > halfway.kept {
            self.stage.ascend()?;
            self.kept -= 1;
        }
        Ok(halfway)
    }

    /// Returns to the start, and forgets all states on the way.
    pub(super) fn return_to_start(&mut self) -> Result<(), NoOutcome> {
        self.halfway.clear();
        self.go_back().map(|_| ())
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
