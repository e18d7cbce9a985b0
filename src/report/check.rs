//! What `taster check` says of a scenario without mistakes.

use super::words::counted;
use crate::scenario::Scenario;

/// The file, and how many tests and steps it has.
pub fn checked(scenario: &Scenario) -> String {
    let tests = &scenario.tests;
    let steps = tests.iter().map(|test| test.steps.len()).sum();
    let counts = format!("{}, {}", counted(tests.len(), "test"), counted(steps, "step"));
    format!("{}: good, {counts}\n", scenario.path.display())
}
