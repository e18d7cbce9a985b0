//! One replayed ordering for people: each step with its virtual time, its outcome, what its code printed, and what it changed.

use std::fmt::Write as _;

use super::changes::changes;
use super::code;
use super::layout::wrapped_below;
use super::words::Telling;
use crate::interpreter::Outcome;
use crate::replay::{Replay, ReplayedStep};
use crate::scenario::Scenario;

/// Columns before the step: its number and its virtual time.
const MARGIN: usize = 19;

/// The replayed ordering of `scenario` as text. Times are seconds since virtual time started.
pub fn replayed(scenario: &Scenario, replay: &Replay) -> String {
    let mut text = format!(
        "{}\non {}, timestamps {}\n\n",
        scenario.path.display(),
        replay.interpreter.label,
        replay.timestamps.written
    );
    let _ = writeln!(text, "  no.  virtual time  step");
    let mut number = 0;
    let mut before = None;
    for step in &replay.steps {
        number += usize::from(step.test.is_some());
        text += &told(scenario, step, number);
        for change in changes(before, step) {
            text += &lines(&format!("{:MARGIN$}~ ", ""), &change);
        }
        before = Some(step);
    }
    text.push('\n');
    text += &verdicts(scenario, replay);
    text
}

fn told(scenario: &Scenario, step: &ReplayedStep, number: usize) -> String {
    let place = if step.test.is_some() { number.to_string() } else { String::new() };
    let name = step.test.map_or("setup", |test| scenario.tests[test].name.as_str());
    let start = format!("{place:>5}  {}  ", step.began);
    let what = format!(
        "{name}: {} - {}",
        code::numbered(scenario, step.test, step.number, Telling::Whole),
        brief(&step.outcome)
    );
    let mut text = lines(&start, &what);
    if step.outcome.is_failure() {
        text +=
            &lines(&" ".repeat(MARGIN + 2), &code::outcome(scenario, step.test, step.number, &step.outcome));
    }
    for line in step.output.lines() {
        let _ = writeln!(text, "{:MARGIN$}| {line}", "");
    }
    text
}

/// The outcome in a word.
pub(super) fn brief(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Skipped => "skipped",
        _ => "FAILED",
    }
}

/// `text` in lines, the first of which starts with `first`.
pub(super) fn lines(first: &str, text: &str) -> String {
    wrapped_below(first, &" ".repeat(first.chars().count().max(MARGIN)), text)
}

/// The result of each test of the ordering.
fn verdicts(scenario: &Scenario, replay: &Replay) -> String {
    let mut told = Vec::new();
    for (index, test) in scenario.tests.iter().enumerate() {
        let mut steps = replay.steps.iter().filter(|step| step.test == Some(index)).peekable();
        if steps.peek().is_none() {
            continue;
        }
        let failed = steps.any(|step| step.outcome.is_failure());
        told.push(format!("{} {}", test.name, if failed { "FAILS" } else { "passes" }));
    }
    lines("", &(told.join(", ") + "."))
}

#[cfg(test)]
mod tests {
    use crate::report::samples;

    #[test]
    fn a_failing_ordering() {
        let (scenario, replay) = samples::replayed();
        insta::assert_snapshot!(super::replayed(&scenario, &replay));
    }
}
