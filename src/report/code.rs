//! What reports call a step of a scenario, and where its own code (`exec`, `check`) failed in the scenario file. Labels of code that
//! begins alike are told apart.

use super::words::{self, Telling};
use crate::interpreter::Outcome;
use crate::remedy::StepPlace;
use crate::scenario::{Action, Scenario, Step};

/// Longest line of code that is shown, in characters.
const LONGEST_LINE: usize = 100;

/// The step of this number (from 1) of a test, or of setup: by its name if it has one, else as a reader would say it.
pub(super) fn numbered(scenario: &Scenario, test: Option<usize>, number: usize, telling: Telling) -> String {
    if let Some(name) = scenario.step_name(test, number) {
        return name.to_owned();
    }
    let steps = test.map_or(&scenario.setup, |test| &scenario.tests[test].steps);
    let step = number.checked_sub(1).and_then(|at| steps.get(at));
    step.map_or_else(String::new, |step| {
        words::step(step, telling) + &apart(scenario, test, number, &words::step(step, Telling::Brief))
    })
}

/// The same of a place.
pub(super) fn step_at(scenario: &Scenario, place: StepPlace) -> String {
    numbered(scenario, Some(place.test), place.step, Telling::Brief)
}

/// What a step did and, if its own code failed, on which line of the scenario's file, and that line.
pub(super) fn outcome(scenario: &Scenario, test: Option<usize>, number: usize, outcome: &Outcome) -> String {
    let told = outcome.to_string();
    let Some((place, code)) = failed_line(scenario, test, number, outcome) else { return told };
    let place = place.map_or_else(|| "its code".to_owned(), |place| format!("line {place}"));
    format!("{told} ({place}{})", code.map_or_else(String::new, |code| format!(": {code}")))
}

/// The same of the step at which a finding fails.
pub(super) fn outcome_at(scenario: &Scenario, place: Option<StepPlace>, outcome: &Outcome) -> String {
    let told = |place: StepPlace| self::outcome(scenario, Some(place.test), place.step, outcome);
    place.map_or_else(|| outcome.to_string(), told)
}

/// The line of the file on which the code of that step fails, if it is code that fails.
pub(super) fn line_at(scenario: &Scenario, place: Option<StepPlace>, outcome: &Outcome) -> Option<usize> {
    let place = place?;
    failed_line(scenario, Some(place.test), place.step, outcome)?.0
}

/// The line in the file, if its spelling tells it, and the code there, unless the outcome holds it already.
fn failed_line(
    scenario: &Scenario,
    test: Option<usize>,
    number: usize,
    outcome: &Outcome,
) -> Option<(Option<usize>, Option<String>)> {
    let (code, line, shows) = match (action(scenario, test, number)?, outcome) {
        (Action::Exec { code, .. }, Outcome::Failed { line: Some(line), .. }) => (code, *line, true),
        (Action::Evaluate(code), Outcome::Failed { .. }) => (code, 1, true),
        (Action::Evaluate(code), Outcome::Mismatched { .. }) => (code, 1, false),
        _ => return None,
    };
    let written = code.lines().nth(line.checked_sub(1)?)?.trim();
    let shown = shows.then(|| cut(written));
    let place = scenario.line_in_file(test, number, line);
    (place.is_some() || shown.is_some()).then_some((place, shown))
}

fn cut(line: &str) -> String {
    if line.chars().count() <= LONGEST_LINE {
        return line.to_owned();
    }
    line.chars().take(LONGEST_LINE - 3).chain("...".chars()).collect()
}

fn action(scenario: &Scenario, test: Option<usize>, number: usize) -> Option<&Action> {
    let steps =
        test.map_or(Some(&scenario.setup), |test| scenario.tests.get(test).map(|test| &test.steps))?;
    match steps.get(number.checked_sub(1)?)? {
        Step::Interpreter(action) => Some(action),
        Step::World(_) => None,
    }
}

/// What is to be added to the label of a step so that it is not that of another one: where its code begins in the file, or nothing.
fn apart(scenario: &Scenario, test: Option<usize>, number: usize, label: &str) -> String {
    let Some(own) = action(scenario, test, number) else { return String::new() };
    if !matches!(own, Action::Exec { .. } | Action::Evaluate(_)) {
        return String::new();
    }
    let is_other = |step: &&Step| !matches!(step, Step::Interpreter(action) if action == own);
    let is_alike = |step: &Step| words::step(step, Telling::Brief) == label;
    let begins = scenario.line_in_file(test, number, 1);
    match begins.filter(|_| scenario.steps().filter(is_other).any(is_alike)) {
        Some(line) => format!(" (line {line})"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::parse;

    const SCENARIO: &str = "title = 't'\n[[test]]\nname = 'a'\nsteps = [\n  { exec = '''\nimport registry, helpers\n\
                            registry.names.append(1)\n''' },\n  { exec = '''\nimport registry, helpers\n\
                            assert not registry.names\n''' },\n  { check = '1 == 2' },\n  { import = 'json' },\n]\n";

    fn failed(line: Option<usize>) -> Outcome {
        Outcome::Failed { exception: "AssertionError".into(), message: String::new(), line }
    }

    #[test]
    fn a_failure_names_and_shows_its_line() {
        let scenario = parse(Path::new("t.toml"), SCENARIO).unwrap();
        let told = |number: usize, outcome: &Outcome| self::outcome(&scenario, Some(0), number, outcome);
        assert_eq!(told(2, &failed(Some(2))), "AssertionError (line 11: assert not registry.names)");
        assert_eq!(told(3, &failed(None)), "AssertionError (line 13: 1 == 2)");
        let mismatched = Outcome::Mismatched { message: "1 == 2 is false".into() };
        assert_eq!(told(3, &mismatched), "mismatched: 1 == 2 is false (line 13)");
        assert_eq!(told(4, &failed(None)), "AssertionError");
        assert_eq!(told(2, &failed(None)), "AssertionError");
        assert_eq!(told(2, &failed(Some(9))), "AssertionError");
    }

    #[test]
    fn bodies_that_begin_alike_have_labels_of_their_own() {
        let scenario = parse(Path::new("t.toml"), SCENARIO).unwrap();
        let label = |number: usize| numbered(&scenario, Some(0), number, Telling::Brief);
        assert_eq!(label(1), r#"exec "import registry, help..." (line 6)"#);
        assert_eq!(label(2), r#"exec "import registry, help..." (line 10)"#);
        assert_eq!(label(3), r#"check "1 == 2""#);
    }
}
