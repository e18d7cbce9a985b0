//! What a finding shows: the failing step and its outcome, and the polluting step, found by leaving steps out of the witness.

use super::Finding;
use super::outcomes::failure_in;
use super::search::Suspect;
use crate::explore::{ExploreError, Explorer};
use crate::interpreter::Outcome;
use crate::kind::FindingKind;
use crate::remedy::StepPlace;

/// Fills in what the suspect's witness shows.
pub(super) fn describe(explorer: &mut Explorer<'_>, suspect: Suspect) -> Result<Finding, ExploreError> {
    let Failing { number, outcome, output } = failing(explorer, &suspect)?;
    let polluting_step = polluting_step(explorer, &suspect)?;
    let Suspect { kind, test, others, minimal, witness } = suspect;
    let mut finding = Finding::new(kind, test, outcome, witness.word);
    (finding.others, finding.minimal, finding.output) = (others, minimal, output);
    finding.neighbour = witness.neighbour;
    finding.polluting_step = polluting_step;
    finding.failing_step = number.map(|step| StepPlace { test, step });
    Ok(finding)
}

/// The step at which the test fails, and how: in the witness, or for a brittle test in the neighbour, or else alone.
fn failing(explorer: &mut Explorer<'_>, suspect: &Suspect) -> Result<Failing, ExploreError> {
    let word = match (suspect.kind, &suspect.witness.neighbour) {
        (FindingKind::Brittle, Some(neighbour)) => neighbour.clone(),
        (FindingKind::Brittle, None) => {
            let alone = explorer.scenario().closure(&[suspect.test]);
            let within = suspect.witness.word.iter().copied().filter(|test| alone.contains(test));
            within.collect()
        }
        _ => suspect.witness.word.clone(),
    };
    let steps = explorer.shape().steps_of(&word);
    let outcomes = explorer.perform_remembered(&steps)?;
    let found = failure_in(&steps, &outcomes.iter().collect::<Vec<_>>(), suspect.test);
    let Some((number, outcome)) = found else {
        return Ok(Failing { number: None, outcome: Outcome::Passed, output: String::new() });
    };
    let script = explorer.script(&steps);
    let performed = explorer.perform(&script)?;
    let printed = script.iter().zip(performed).find(|(line, _)| line.is_step(suspect.test, number));
    let output = printed.map(|(_, step)| step.output).unwrap_or_default();
    Ok(Failing { number: Some(number), outcome, output })
}

/// How a test fails: at which step (from 1), and what its code wrote until then.
struct Failing {
    number: Option<usize>,
    outcome: Outcome,
    output: String,
}

/// The first step of one of the others without which the witness shows nothing.
fn polluting_step(explorer: &mut Explorer<'_>, suspect: &Suspect) -> Result<Option<StepPlace>, ExploreError> {
    let steps = explorer.shape().steps_of(&suspect.witness.word);
    let script = explorer.script(&steps);
    let wanted = suspect.kind != FindingKind::Brittle;
    for (at, line) in script.iter().enumerate() {
        let Some(test) = line.test.filter(|test| suspect.others.contains(test)) else { continue };
        let without = script.without(at);
        let performed = explorer.perform(&without)?;
        let victims = without.iter().zip(&performed).filter(|(line, _)| line.test == Some(suspect.test));
        let fails = victims.map(|(_, step)| &step.outcome).any(Outcome::is_failure);
        if fails != wanted {
            return Ok(Some(StepPlace { test, step: line.number }));
        }
    }
    Ok(None)
}
