//! Rewrites a scenario's declared findings: `rewrite` changes the file's text, `summary` finds the smallest set
//! of declarations that describes the observations. The caller makes the observations.

mod fields;
mod ranges;
mod rewrite;
mod summary;

pub use rewrite::{RewriteError, redeclare};
pub use summary::{Observation, Observed, declare};

use super::{Declaration, Scenario, Specifier};
use crate::cause::Cause;
use crate::kind::FindingKind;

/// A declaration as a file writes it, with names in place of indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The table it stands in.
    pub kind: FindingKind,
    /// The name of the victim, brittle, broken or flaky test.
    pub test: String,
    /// Names of polluters or state-setters; empty where the kind has none.
    pub others: Vec<String>,
    /// The cause, or `None` if it matches any.
    pub cause: Option<Cause>,
    /// Only under these timestamps; empty means all.
    pub timestamps: Vec<String>,
    /// Only on these versions, or `None` if on all.
    pub python: Option<Specifier>,
}

impl Declared {
    /// The content of `declaration`, which belongs to `scenario`.
    pub fn of(scenario: &Scenario, declaration: &Declaration) -> Self {
        let name = |&test: &usize| scenario.tests[test].name.clone();
        Self {
            kind: declaration.kind,
            test: name(&declaration.test),
            others: declaration.others.iter().map(name).collect(),
            cause: declaration.cause,
            timestamps: declaration.timestamps.clone(),
            python: declaration.python.clone(),
        }
    }

    /// Whether both describe the same finding, regardless of cause, clocks and versions.
    fn same_finding(&self, other: &Self) -> bool {
        self.kind == other.kind && self.test == other.test && same_set(&self.others, &other.others)
    }

    /// Whether both have the same content, in any order.
    fn says_the_same(&self, other: &Self) -> bool {
        self.same_finding(other)
            && self.cause == other.cause
            && self.python == other.python
            && same_set(&self.timestamps, &other.timestamps)
    }
}

fn same_set(some: &[String], others: &[String]) -> bool {
    some.len() == others.len() && some.iter().all(|one| others.contains(one))
}
