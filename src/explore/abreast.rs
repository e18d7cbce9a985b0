//! A real interpreter and the model side by side, along many orderings: after each step, everything that both know of it is
//! compared. Where they differ, the ordering is made as short as can be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::compare::Disagreement;
use super::error::ExploreError;
use super::performer::Performer;
use super::pieces::{DifferentPiece, different_result, different_state};
use super::script::ScriptLine;
use super::together::{Staged, StepStage, Together};
use super::walker::Walker;
use crate::budget::Budget;
use crate::interpreter::{Ask, Keep, NoOutcome, Outcome};
use crate::ordering::Shape;
use crate::scenario::Scenario;
use crate::world::World;

/// Orderings that a worker takes at a time: those that begin alike stay together.
const BLOCK: usize = 48;

/// Two interpreters that have performed the scenario's setup.
pub struct Abreast {
    real: Walker,
    model: Walker,
}

impl std::fmt::Debug for Abreast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Abreast").field("real", self.real.identity()).finish_non_exhaustive()
    }
}

impl Abreast {
    /// Performs the scenario's setup on both, from an empty world.
    ///
    /// # Errors
    /// Where a setup step does not pass, or gives no outcome.
    pub fn set_up(
        scenario: &Scenario,
        empty: &World,
        [real, model]: [Performer; 2],
    ) -> Result<Self, ExploreError> {
        let real = Walker::with_performer(scenario, real, empty.clone())?;
        Ok(Self { real, model: Walker::with_performer(scenario, model, empty.clone())? })
    }
}

/// Makes a pair of interpreters for a worker.
pub type AbreastMaker<'a> = &'a (dyn Fn() -> Result<Abreast, ExploreError> + Sync);

/// What a comparison along orderings came to.
#[derive(Debug, Default)]
pub struct ComparedOrderings {
    /// The outcomes of the orderings that were compared to their ends, by the test of each step; sorted.
    pub outcomes: Vec<(Vec<usize>, Vec<Outcome>)>,
    /// Steps that were compared.
    pub steps: u64,
    /// The first steps of an ordering on which the two agree but for the last, or `None` if they never differ.
    pub disagreement: Option<Disagreement>,
}

/// Compares two interpreters along these orderings (the test of each step; sorted), with so many workers. It ends where they differ,
/// or where the budget is used up; `progress` receives how many orderings are done.
///
/// # Errors
/// Where an interpreter is lost for good, or refuses.
pub fn compare_along(
    scenario: &Scenario,
    make: AbreastMaker<'_>,
    orderings: &[Vec<usize>],
    (jobs, budget): (usize, &Budget),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<ComparedOrderings, ExploreError> {
    let blocks: Vec<&[Vec<usize>]> = orderings.chunks(BLOCK).collect();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let compared = Mutex::new(ComparedOrderings::default());
    let work = || -> Result<(), ExploreError> {
        let mut pair = make()?;
        while let Some(block) = blocks.get(next.fetch_add(1, Ordering::SeqCst)) {
            let announce = |_| progress(done.fetch_add(1, Ordering::SeqCst) + 1);
            let found = pair.compare(scenario, block, budget, &announce)?;
            let ends = found.disagreement.is_some() || found.outcomes.len() < block.len();
            compared.lock().unwrap_or_else(PoisonError::into_inner).join(found);
            if ends {
                next.store(blocks.len(), Ordering::SeqCst);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (1..jobs.min(blocks.len())).map(|_| scope.spawn(work)).collect();
        let first = work();
        workers.into_iter().fold(first, |result, worker| {
            result.and(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    })?;
    let mut compared = compared.into_inner().unwrap_or_else(PoisonError::into_inner);
    compared.outcomes.sort_unstable();
    Ok(compared)
}

/// The same disagreement after as few steps as can be: steps are left out as long as the two still differ. It is performed by two
/// interpreters that nobody has used; where these agree, the disagreement stays as it is.
///
/// # Errors
/// Where an interpreter is lost for good, or refuses.
pub fn shorten(
    scenario: &Scenario,
    make: AbreastMaker<'_>,
    disagreement: Disagreement,
    budget: &Budget,
) -> Result<Disagreement, ExploreError> {
    let (mut pair, shape) = (make()?, Shape::of(scenario));
    let mut shortest = disagreement;
    let mut at = shortest.steps.len();
    while at > 0 && budget.check().is_ok() {
        at -= 1;
        let mut fewer = shortest.steps.clone();
        fewer.remove(at);
        if !begins_an_ordering(&shape, &fewer) {
            continue;
        }
        let compared = pair.compare(scenario, &[fewer], budget, &|_| {})?;
        if let Some(found) = compared.disagreement {
            at = found.steps.len();
            shortest = found;
        }
    }
    Ok(shortest)
}

/// Whether an ordering can begin with the steps of these tests.
fn begins_an_ordering(shape: &Shape, steps: &[usize]) -> bool {
    let mut progress = shape.start();
    steps.iter().all(|&test| {
        let may = shape.next(&progress).any(|next| next == test);
        if may {
            progress.step(test);
        }
        may
    })
}

impl ComparedOrderings {
    /// Adds what another worker compared. Of two disagreements the shorter one stays, or the first by letters.
    fn join(&mut self, other: Self) {
        self.outcomes.extend(other.outcomes);
        self.steps += other.steps;
        let both = self.disagreement.take().into_iter().chain(other.disagreement);
        self.disagreement = both.min_by_key(|one| (one.steps.len(), one.steps.clone()));
    }
}

impl Abreast {
    /// Compares along orderings that begin alike, from the start, and returns to it.
    fn compare(
        &mut self,
        scenario: &Scenario,
        orderings: &[Vec<usize>],
        budget: &Budget,
        progress: &dyn Fn(usize),
    ) -> Result<ComparedOrderings, ExploreError> {
        let ((real, here), (model, there)) = (self.real.parts()?, self.model.parts()?);
        let start = (here.clone(), there.clone());
        let stage = Both { real, model, different: None, steps: 0 };
        let mut together = Together::new(stage, start, budget);
        let outcomes = together.perform_all(scenario, orderings, progress)?;
        together.return_to_start()?;
        let Both { different, steps, .. } = together.stage;
        let mut outcomes: Vec<_> = orderings.iter().cloned().zip(outcomes).collect();
        let disagreement = different.and_then(|piece| {
            let (steps, performed) = outcomes.pop()?;
            Some(Disagreement { steps: steps[..performed.len()].to_vec(), different: piece })
        });
        Ok(ComparedOrderings { outcomes, steps, disagreement })
    }
}

/// Both interpreters, and the first piece in which they differ.
struct Both<'a> {
    real: &'a mut Performer,
    model: &'a mut Performer,
    different: Option<DifferentPiece>,
    steps: u64,
}

impl StepStage for Both<'_> {
    type Place = (World, World);

    fn step(
        &mut self,
        line: &ScriptLine<'_>,
        skipped: bool,
        (here, there): (World, World),
        keep: Keep,
    ) -> Result<Staged<Self::Place>, NoOutcome> {
        let ask = Ask { keep, fingerprint: false };
        let real = self.real.step_or_skip(line, skipped, here, ask)?;
        let model = self.model.step_or_skip(line, skipped, there, ask)?;
        let descended = real.descended;
        let (real, model) = (real.performed, model.performed);
        self.steps += 1;
        self.different = different_result((&real.outcome, &real.world), (&model.outcome, &model.world));
        if self.different.is_none() && descended {
            self.different = different_state(&self.real.inspect()?, &self.model.inspect()?);
        }
        Ok(Staged { outcome: real.outcome, place: (real.world, model.world), descended })
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        self.real.ascend()?;
        self.model.ascend()
    }

    fn is_over(&self) -> bool {
        self.different.is_some()
    }
}
