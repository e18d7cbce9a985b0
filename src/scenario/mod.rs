//! What a scenario is, as plain values that satisfy every rule of the format. `parse` reads one from TOML;
//! `problem` describes what can be wrong with one.

mod bodies;
mod carried;
mod copied;
pub mod edit;
mod files;
mod limits;
mod parse;
mod problem;
mod real_code;
mod repair;
mod schema;
mod spelled;
mod step;
mod version;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use bodies::{BodyKind, PythonBody, ScenarioWithBodies, SyntaxFault, read_with_bodies};
pub use carried::CarriedScenario;
pub use files::{files_in, read_file};
pub use limits::Limits;
pub use parse::{DurationError, PRESETS, ReadError, parse, read};
pub use problem::{Problem, Problems, Style};
pub use real_code::{RealCode, Requirement};
pub use repair::{LOCKS_MARK, PieceValue, Repair};
pub use schema::schema;
pub use step::{Action, Check, Invalidation, Literal, Position, Step};
pub use version::{Specifier, Version};

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::world::{Nanos, Operation};

/// A checked scenario: the setup, the tests to put in every order, the clocks to try, the known findings.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Scenario {
    /// The file it was read from, as the caller named it.
    pub path: PathBuf,
    /// One sentence that says what the scenario shows.
    pub title: String,
    /// Where the story comes from, usually an address.
    pub source: Option<String>,
    /// What is permuted.
    pub permute: Permute,
    /// The Python versions it is meant for, or `None` if for all.
    pub python: Option<Specifier>,
    /// Whether the interpreter may write bytecode files.
    pub bytecode: bool,
    /// The real code that steps can import.
    pub real: RealCode,
    /// Steps performed once, in order, before every ordering.
    pub setup: Vec<Step>,
    /// The names of those among them that have one.
    pub setup_names: StepNames,
    /// Where the code of those stands that have code.
    pub setup_lines: CodeLines,
    /// The tests, in the order of the file.
    pub tests: Vec<Test>,
    /// The clocks to try.
    pub timestamps: Vec<Timestamps>,
    /// Virtual time that each step other than a sleep takes.
    pub step_time: Nanos,
    /// Whether probabilities are of steps that take what they took on the interpreter and machine at hand.
    pub measures_steps: bool,
    /// The real time that one step may take.
    pub step_timeout: Duration,
    /// How much the code of steps may use.
    pub limits: Limits,
    /// Findings that are known, in the order of the file.
    pub declarations: Vec<Declaration>,
}

/// What is permuted between orderings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permute {
    /// Whole tests.
    Tests,
    /// Steps of different tests interleave.
    Steps,
}

/// A named sequence of steps that always run in that order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Test {
    /// Its name, unique in the scenario.
    pub name: String,
    /// Indices of the tests that must be complete before this one starts, as the file names them.
    pub after: Vec<usize>,
    /// Its steps; at least one.
    pub steps: Vec<Step>,
    /// The names of those among them that have one.
    pub step_names: StepNames,
    /// Where the code of those stands that have code.
    pub code_lines: CodeLines,
}

/// What reports call steps, by their number from 1.
pub type StepNames = BTreeMap<usize, String>;

/// The lines of the file on which the lines of a step's code (`exec`, `check`) begin, all from 1, by the step's number from 1.
pub type CodeLines = BTreeMap<usize, Vec<usize>>;

/// One granularity of modification times.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timestamps {
    /// As the file writes it: a duration or the name of a preset.
    pub written: String,
    /// The length of a tick.
    pub tick: Nanos,
}

/// A declared finding: taster checks that it is still there.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Declaration {
    /// The kind of the finding.
    pub kind: FindingKind,
    /// The victim, brittle, broken or flaky test, as an index.
    pub test: usize,
    /// Polluters or state-setters, as indices in the order of the file; empty where the kind has none.
    pub others: Vec<usize>,
    /// The cause, or `None` if it matches any.
    pub cause: Option<Cause>,
    /// Only under these timestamps (as written in `clock.timestamps`); empty means all.
    pub timestamps: Vec<String>,
    /// Only on these versions, or `None` if on all.
    pub python: Option<Specifier>,
}

impl Declaration {
    /// Whether it applies to this version under these timestamps.
    pub fn applies(&self, version: &Version, timestamps: &str) -> bool {
        let clock = self.timestamps.is_empty() || self.timestamps.iter().any(|name| name == timestamps);
        clock && self.python.as_ref().is_none_or(|specifier| specifier.contains(version))
    }
}

impl Scenario {
    /// Whether the scenario is meant for this version.
    pub fn is_for(&self, version: &Version) -> bool {
        self.python.as_ref().is_none_or(|specifier| specifier.contains(version))
    }

    /// Whether an interpreter may compare the times of two different entries: after a rename, a directory can
    /// lie where another one was listed. Otherwise a time is compared only with other times of the same entry
    /// and with the time that a change made now would get, so states may forget everything else about it.
    pub(crate) fn compares_times_across(&self) -> bool {
        self.steps().any(|step| matches!(step, Step::World(Operation::Rename { .. })))
    }

    /// Whether a time or a path of a step depends on more than the order of changes: a modification time that a step
    /// gives can equal any other, now or later; links, relative entries of `sys.path` and changes of the working directory
    /// lead to directories by more than one path.
    pub(crate) fn sets_times(&self) -> bool {
        self.gives_mtimes() || self.steps().any(is_by_path)
    }

    /// Whether a step gives a modification time of its own instead of now.
    pub(crate) fn gives_mtimes(&self) -> bool {
        self.steps().any(|step| matches!(step, Step::World(operation) if operation.sets_time()))
    }

    /// The index of the test with this name.
    pub fn test_named(&self, name: &str) -> Option<usize> {
        self.tests.iter().position(|test| test.name == name)
    }

    /// `tests` with all their prerequisites, transitively, in the order of the file.
    pub fn closure(&self, tests: &[usize]) -> Vec<usize> {
        let mut wanted = vec![false; self.tests.len()];
        let mut left = tests.to_vec();
        while let Some(test) = left.pop() {
            if !std::mem::replace(&mut wanted[test], true) {
                left.extend(&self.tests[test].after);
            }
        }
        (0..self.tests.len()).filter(|&test| wanted[test]).collect()
    }

    /// The scenario with only these tests and their prerequisites, and the declarations that name no other test.
    #[must_use = "the scenario itself stays whole"]
    pub fn restricted(&self, tests: &[usize]) -> Self {
        let kept = self.closure(tests);
        let place = |test: &usize| kept.iter().position(|other| other == test);
        let moved = |tests: &[usize]| tests.iter().map(place).collect::<Option<Vec<_>>>();
        let mut restricted = self.clone();
        restricted.tests = kept
            .iter()
            .map(|&test| {
                let after = self.tests[test].after.iter().filter_map(place).collect();
                Test { after, ..self.tests[test].clone() }
            })
            .collect();
        restricted.declarations = self
            .declarations
            .iter()
            .filter_map(|declared| {
                let (test, others) = (place(&declared.test)?, moved(&declared.others)?);
                Some(Declaration { test, others, ..declared.clone() })
            })
            .collect();
        restricted
    }

    /// What reports call the step of this number (from 1) of a test, or of setup if it is of none.
    pub fn step_name(&self, test: Option<usize>, number: usize) -> Option<&str> {
        let names = match test {
            Some(test) => self.tests.get(test).map(|test| &test.step_names)?,
            None => &self.setup_names,
        };
        names.get(&number).map(String::as_str)
    }

    /// The line of the file on which a line (from 1) of the code of this step stands.
    pub fn line_in_file(&self, test: Option<usize>, number: usize, line: usize) -> Option<usize> {
        let lines = match test {
            Some(test) => self.tests.get(test).map(|test| &test.code_lines)?,
            None => &self.setup_lines,
        };
        lines.get(&number)?.get(line.checked_sub(1)?).copied()
    }

    /// All steps, those of `setup` first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.setup.iter().chain(self.tests.iter().flat_map(|test| &test.steps))
    }
}

/// Whether a step leads to directories by another path than their own, or runs code that may.
fn is_by_path(step: &Step) -> bool {
    const MOVES: &str = "chdir";
    match step {
        Step::World(Operation::Link { .. })
        | Step::Interpreter(Action::SysPathText { .. } | Action::ChangeDirectory(_)) => true,
        Step::World(Operation::Write { text, .. }) => text.contains(MOVES),
        Step::World(Operation::Copy { source, .. }) => {
            let mut contents = source.entries.iter().filter_map(|(_, content)| content.as_deref());
            contents.any(|bytes| bytes.windows(MOVES.len()).any(|window| window == MOVES.as_bytes()))
        }
        Step::Interpreter(Action::Exec { code, .. }) => code.contains(MOVES),
        _ => false,
    }
}
