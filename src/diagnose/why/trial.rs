//! What a script with a repair in it does, as far as that matters: a script ends where its answer is known.

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
    let is_ours = |line: &ScriptLine<'_>| line.test.is_none() || line.test == Some(test);
    let outcomes = performed(explorer, script, is_ours, |outcome| !outcome.is_pass())?;
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
    let is_repair = |line: &ScriptLine<'_>| line.test.is_none();
    let outcomes = performed(explorer, &script, is_repair, |outcome| !outcome.is_pass())?;
    Ok(outcomes.is_none_or(|outcomes| {
        script.iter().zip(&outcomes).all(|(line, outcome)| !is_repair(line) || outcome.is_pass())
    }))
}

/// Whether the repair can be done, and the test fails then as it does in the failing ordering.
pub(super) fn fails_alike(
    explorer: &mut Explorer<'_>,
    script: &Script<'_>,
    failing: &Scene,
) -> Result<bool, ExploreError> {
    let matters = |line: &ScriptLine<'_>| line.test.is_none() || line.test == Some(failing.test);
    let outcomes = performed(explorer, script, matters, |_| false)?;
    Ok(outcomes.is_some_and(|outcomes| {
        let lines = || script.iter().zip(&outcomes);
        lines().all(|(line, outcome)| line.test.is_some() || outcome.is_pass())
            && lines().any(|(line, outcome)| line.test == Some(failing.test) && *outcome == failing.outcome)
    }))
}

/// The outcomes of a script up to the last line that matters, or the first whose outcome decides; `None` if the interpreter cannot
/// evaluate a step of these.
fn performed(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
    matters: impl Fn(&ScriptLine<'_>) -> bool,
    decides: impl Fn(&Outcome) -> bool,
) -> Result<Option<Vec<Outcome>>, ExploreError> {
    let wanted = script.iter().rposition(&matters).map_or(0, |last| last + 1);
    let enough = |line: &ScriptLine<'_>, outcome: &Outcome| matters(line) && decides(outcome);
    match explorer.outcomes_until(&script[..wanted], &enough) {
        Err(ExploreError::Interpreter(NoOutcome::Refused { .. })) => Ok(None),
        outcomes => outcomes.map(Some),
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
    let is_own = |line: &ScriptLine<'_>| line.test == Some(test);
    let outcomes = performed(explorer, script, is_own, |outcome| !outcome.is_pass())?;
    Ok(outcomes.map(|outcomes| {
        let own = script.iter().zip(&outcomes).filter(|(line, _)| is_own(line));
        own.map(|(_, outcome)| outcome).all(Outcome::is_pass)
    }))
}
