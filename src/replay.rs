//! One ordering, step by step: what each step did, and the world and the import system after it.

use crate::diagnose::Finding;
use crate::explore::{Lab, Script};
use crate::interpreter::{Identity, Inspection, Installation, Outcome};
use crate::ordering::Shape;
use crate::run::{RunError, meant_for};
use crate::scenario::{Scenario, Step, Timestamps};
use crate::world::{Time, World};

/// One ordering, step by step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Replay {
    /// The interpreter that performed it.
    pub interpreter: Identity,
    /// The clock.
    pub timestamps: Timestamps,
    /// Setup steps first.
    pub steps: Vec<ReplayedStep>,
}

/// One step of a replayed ordering.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReplayedStep {
    /// The test, as an index, or `None` for setup.
    pub test: Option<usize>,
    /// Its number in the test or in setup, from 1.
    pub number: usize,
    /// The step.
    pub step: Step,
    /// The virtual instant at which it began.
    pub began: Time,
    /// What it did.
    pub outcome: Outcome,
    /// What its code wrote to standard output and error.
    pub output: String,
    /// The world after it.
    pub world: World,
    /// The import system after it.
    pub inspection: Inspection,
}

/// The orderings of a finding: the failing one first, then the passing one, if one is known.
///
/// # Errors
/// Where an ordering could not be performed.
pub fn replay_finding(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    finding: &Finding,
) -> Result<(Replay, Option<Replay>), RunError> {
    let perform = |ordering: &[usize]| replay(scenario, installation, timestamps, ordering);
    let witness = perform(&finding.witness)?;
    Ok(match finding.neighbour.as_deref().map(perform).transpose()? {
        Some(neighbour) if !finding.kind.shows_by_failing() => (neighbour, Some(witness)),
        neighbour => (witness, neighbour),
    })
}

/// Performs one ordering (test indices: one per step under `permute = "steps"`, one per test otherwise).
///
/// # Errors
/// Where the ordering could not be performed.
pub fn replay(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    ordering: &[usize],
) -> Result<Replay, RunError> {
    meant_for(scenario, &installation.identity)?;
    let lab = Lab::new(scenario, installation, timestamps);
    let mut performer = lab.performer()?;
    let interpreter = performer.identity().clone();
    let script = Script::with_setup(scenario, &Shape::of(scenario).steps_of(ordering));
    let mut steps = Vec::with_capacity(script.len());
    performer.perform_watched(&lab.empty_world(), &script, &mut |line, performed, interpreter| {
        steps.push(ReplayedStep {
            test: line.test,
            number: line.number,
            step: line.step.clone(),
            began: performed.began,
            outcome: performed.outcome.clone(),
            output: performed.output.clone(),
            world: performed.world.clone(),
            inspection: interpreter.inspect()?,
        });
        Ok(())
    })?;
    Ok(Replay { interpreter, timestamps: timestamps.clone(), steps })
}
