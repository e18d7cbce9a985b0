//! What a finding shows: the failing step and its outcome, and the polluting step, found by leaving steps out of the witness.

use super::Finding;
use super::experimenter::Suspect;
use super::outcomes::failure_in;
use crate::explore::{ExploreError, Explorer};
use crate::interpreter::Outcome;
use crate::remedy::StepPlace;

/// Fills in what the suspect's witness shows.
pub(super) fn describe(explorer: &mut Explorer<'_>, suspect: Suspect) -> Result<Finding, ExploreError> {
    let Suspect { kind, test, others, minimal, witness } = suspect;
    let mut finding = Finding::new(kind, test, Outcome::Passed, witness.word);
    (finding.others, finding.minimal) = (others, minimal);
    finding.neighbour = witness.neighbour;
    let Failing { number, outcome, output } = failing(explorer, &finding)?;
    (finding.outcome, finding.output) = (outcome, output);
    finding.failing_step = number.map(|step| StepPlace { test, step });
    finding.polluting_step = polluting_step(explorer, &finding)?;
    Ok(finding)
}

/// The step at which the test fails, and how, in the ordering in which it does.
fn failing(explorer: &mut Explorer<'_>, finding: &Finding) -> Result<Failing, ExploreError> {
    let word = finding.failing_word(explorer.scenario());
    let steps = explorer.shape().steps_of(&word);
    let outcomes = explorer.perform_remembered(&steps)?;
    let found = failure_in(&steps, &outcomes.iter().collect::<Vec<_>>(), finding.test);
    let Some((number, outcome)) = found else {
        return Ok(Failing { number: None, outcome: Outcome::Passed, output: String::new() });
    };
    let script = explorer.script(&steps);
    let performed = explorer.perform(&script)?;
    let printed = script.iter().zip(performed).find(|(line, _)| line.is_step(finding.test, number));
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
fn polluting_step(explorer: &mut Explorer<'_>, finding: &Finding) -> Result<Option<StepPlace>, ExploreError> {
    let steps = explorer.shape().steps_of(&finding.witness);
    let script = explorer.script(&steps);
    for (at, line) in script.iter().enumerate() {
        let Some(test) = line.test.filter(|test| finding.others.contains(test)) else { continue };
        let without = script.without(at);
        let performed = explorer.perform(&without)?;
        let victims = without.iter().zip(&performed).filter(|(line, _)| line.test == Some(finding.test));
        let fails = victims.map(|(_, step)| &step.outcome).any(Outcome::is_failure);
        if fails != finding.kind.shows_by_failing() {
            return Ok(Some(StepPlace { test, step: line.number }));
        }
    }
    Ok(None)
}
