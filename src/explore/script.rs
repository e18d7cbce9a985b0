//! Scripts: steps to perform one after the other, and the records of performed ones. An ordering becomes a script here and
//! nowhere else; variants of it, with steps put in or left out, are made from that script.

use std::ops::Deref;

use crate::interpreter::Outcome;
use crate::scenario::{Scenario, Step};
use crate::world::{Time, World};

/// One step of a script, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct ScriptLine<'s> {
    /// The test whose step it is: once one of its steps has failed, the others are skipped. `None` for setup, and for
    /// steps that belong to no test.
    pub test: Option<usize>,
    /// Its number in the test or in setup, from 1.
    pub number: usize,
    /// The step.
    pub step: &'s Step,
}

impl ScriptLine<'_> {
    /// Whether it is the step of this number (from 1) of this test.
    pub fn is_step(&self, test: usize, number: usize) -> bool {
        self.test == Some(test) && self.number == number
    }
}

/// Steps to perform one after the other. It reads as a slice of its lines.
#[derive(Debug, Clone, Default)]
pub struct Script<'s>(Vec<ScriptLine<'s>>);

impl<'s> Script<'s> {
    /// The steps of an ordering, or of its beginning: `steps` names the test of each.
    pub fn of_ordering(scenario: &'s Scenario, steps: &[usize]) -> Self {
        let mut done = vec![0; scenario.tests.len()];
        let line = |&test: &usize| {
            done[test] += 1;
            ScriptLine {
                test: Some(test),
                number: done[test],
                step: &scenario.tests[test].steps[done[test] - 1],
            }
        };
        Self(steps.iter().map(line).collect())
    }

    /// The same after the scenario's setup, for a performer that starts from nothing.
    pub fn with_setup(scenario: &'s Scenario, steps: &[usize]) -> Self {
        let setup = scenario.setup.iter().enumerate();
        let mut lines: Vec<_> =
            setup.map(|(at, step)| ScriptLine { test: None, number: at + 1, step }).collect();
        lines.extend(Self::of_ordering(scenario, steps).0);
        Self(lines)
    }

    /// The place of the step of this number (from 1) of a test, or `None` if the script has no such step.
    pub fn place_of(&self, test: usize, number: usize) -> Option<usize> {
        self.0.iter().position(|line| line.is_step(test, number))
    }

    /// The same script with these steps put in before the line at `at`. They belong to no test: whether they fail or not,
    /// all other steps are performed.
    #[must_use = "the script itself stays as it is"]
    pub fn inserted(&self, at: usize, steps: &'s [Step]) -> Self {
        self.spliced(at, steps.iter().map(|step| ScriptLine { test: None, number: 0, step }))
    }

    /// The same script with whole tests put in before the line at `at`.
    #[must_use = "the script itself stays as it is"]
    pub fn with_tests(&self, at: usize, scenario: &'s Scenario, tests: &[usize]) -> Self {
        let lines = tests.iter().flat_map(|&test| {
            let steps = scenario.tests[test].steps.iter().enumerate();
            steps.map(move |(at, step)| ScriptLine { test: Some(test), number: at + 1, step })
        });
        self.spliced(at, lines)
    }

    /// The same script without the line at `at`.
    #[must_use = "the script itself stays as it is"]
    pub fn without(&self, at: usize) -> Self {
        Self([&self.0[..at], &self.0[at + 1..]].concat())
    }

    fn spliced(&self, at: usize, lines: impl Iterator<Item = ScriptLine<'s>>) -> Self {
        let mut script = self.clone();
        script.0.splice(at..at, lines);
        script
    }
}

impl<'s> Deref for Script<'s> {
    type Target = [ScriptLine<'s>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// One performed step.
#[derive(Debug, Clone)]
pub struct StepPerformance {
    /// What it did.
    pub outcome: Outcome,
    /// The instant at which it began.
    pub began: Time,
    /// The world after it, the time that it took included.
    pub world: World,
    /// What its code wrote to standard output and error.
    pub output: String,
    /// Whether its own code wrote files.
    pub wrote_files: bool,
}

/// A performed step as it is remembered: without the world after it, of which a long script would leave as many as it has steps.
#[derive(Debug, Clone)]
pub struct StepRecord {
    /// What it did.
    pub outcome: Outcome,
    /// The instant at which it began.
    pub began: Time,
    /// What its code wrote to standard output and error.
    pub output: String,
    /// Whether its own code wrote files.
    pub wrote_files: bool,
}

impl StepRecord {
    pub(super) fn of(step: &StepPerformance) -> Self {
        let StepPerformance { outcome, began, output, wrote_files, .. } = step;
        Self { outcome: outcome.clone(), began: *began, output: output.clone(), wrote_files: *wrote_files }
    }
}
