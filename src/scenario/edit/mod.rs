//! Rewriting a scenario's declared findings: `rewrite` changes the file's text, `summary` finds the smallest set of
//! declarations that says what was observed. What is observed is for the caller to find out.

mod fields;
mod rewrite;
mod summary;

pub use rewrite::{NotRewritten, redeclare};
pub use summary::{Observation, Observed, declare};

use super::{Declaration, DeclarationKind, Scenario, Specifier};

/// A declaration in plain words, as a file writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The table it stands in.
    pub kind: DeclarationKind,
    /// The name of the victim, brittle, broken or flaky test.
    pub test: String,
    /// Names of polluters or state-setters; empty where the kind has none.
    pub others: Vec<String>,
    /// The stable code of the cause; none matches any cause.
    pub cause: Option<String>,
    /// Only under these timestamps; empty means all.
    pub timestamps: Vec<String>,
    /// Only on these versions; none means all.
    pub python: Option<Specifier>,
}

impl Declared {
    /// What `declaration`, which is one of `scenario`'s, says.
    pub fn of(scenario: &Scenario, declaration: &Declaration) -> Self {
        let name = |&test: &usize| scenario.tests[test].name.clone();
        Self {
            kind: declaration.kind,
            test: name(&declaration.test),
            others: declaration.others.iter().map(name).collect(),
            cause: declaration.cause.clone(),
            timestamps: declaration.timestamps.clone(),
            python: declaration.python.clone(),
        }
    }

    /// Whether both speak of the same finding, whatever they say of its cause, clocks and versions.
    fn same_finding(&self, other: &Self) -> bool {
        self.kind == other.kind && self.test == other.test && same_set(&self.others, &other.others)
    }

    /// Whether both say the same, in whatever order.
    fn says_the_same(&self, other: &Self) -> bool {
        self.same_finding(other)
            && self.cause == other.cause
            && self.python == other.python
            && same_set(&self.timestamps, &other.timestamps)
    }
}

impl DeclarationKind {
    /// The key of the table that it stands in.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Poisoning => "poisoning",
            Self::Brittle => "brittle",
            Self::Broken => "broken",
            Self::FlakyAlone => "flaky-alone",
            Self::Nondeterministic => "nondeterministic",
        }
    }
}

fn same_set(some: &[String], others: &[String]) -> bool {
    some.len() == others.len() && some.iter().all(|one| others.contains(one))
}
