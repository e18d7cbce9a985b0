//! What a script with a repair in it does.

use super::scene::Scene;
use crate::explore::{ExploreError, Explorer, Script, ScriptLine};
use crate::interpreter::{NoOutcome, Outcome};
use crate::scenario::Step;

/// Whether the repair can be done, and the test passes then.
pub(super) fn passes_repaired(
    explorer: &mut Explorer<'_>,
    script: &Script<'_>,
    test: usize,
) -> Result<bool, ExploreError> {
    let outcomes = performed(explorer, script)?;
    let is_ours = |line: &ScriptLine<'_>| line.test.is_none() || line.test == Some(test);
    Ok(outcomes.is_some_and(|outcomes| {
        script.iter().zip(&outcomes).filter(|(line, _)| is_ours(line)).all(|(_, outcome)| outcome.is_pass())
    }))
}

/// Whether the repair can be done at the same step of the passing ordering, or there is none.
pub(super) fn is_to_repair(
    explorer: &mut Explorer<'_>,
    passing: Option<&Scene>,
    steps: &[Step],
) -> Result<bool, ExploreError> {
    let Some(passing) = passing else { return Ok(true) };
    let script = passing.script(explorer.scenario()).inserted(passing.at, steps);
    let outcomes = performed(explorer, &script)?;
    Ok(outcomes.is_none_or(|outcomes| {
        script.iter().zip(&outcomes).all(|(line, outcome)| line.test.is_some() || outcome.is_pass())
    }))
}

/// Whether the repair can be done, and the test fails then as it does in the failing ordering.
pub(super) fn fails_alike(
    explorer: &mut Explorer<'_>,
    script: &Script<'_>,
    failing: &Scene,
) -> Result<bool, ExploreError> {
    let outcomes = performed(explorer, script)?;
    Ok(outcomes.is_some_and(|outcomes| {
        let lines = || script.iter().zip(&outcomes);
        lines().all(|(line, outcome)| line.test.is_some() || outcome.is_pass())
            && lines().any(|(line, outcome)| line.test == Some(failing.test) && *outcome == failing.outcome)
    }))
}

/// The outcomes of a script, or `None` if the interpreter cannot evaluate a step of it.
fn performed(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
) -> Result<Option<Vec<Outcome>>, ExploreError> {
    match explorer.perform(script) {
        Err(ExploreError::Interpreter(NoOutcome::Refused { .. })) => Ok(None),
        performed => Ok(Some(performed?.into_iter().map(|step| step.outcome).collect())),
    }
}

/// Whether all steps of a test pass in a script that the interpreter can evaluate.
pub(in crate::diagnose) fn passes(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
    test: usize,
) -> Result<bool, ExploreError> {
    Ok(passes_if_evaluated(explorer, script, test)? == Some(true))
}

/// The same, or `None` if the interpreter cannot evaluate a step of the script.
pub(in crate::diagnose) fn passes_if_evaluated(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
    test: usize,
) -> Result<Option<bool>, ExploreError> {
    let outcomes = performed(explorer, script)?;
    Ok(outcomes.map(|outcomes| {
        let own = script.iter().zip(&outcomes).filter(|(line, _)| line.test == Some(test));
        own.map(|(_, outcome)| outcome).all(Outcome::is_pass)
    }))
}
