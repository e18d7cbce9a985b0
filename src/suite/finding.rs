//! What a hunt finds, as data. How it was found and how it is shown are elsewhere.

use serde::Serialize;

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::suite::files::changes::Change;
use crate::suite::runner::cell::{Cell, NotPutBack};
use crate::suite::runner::run::HuntClock;

/// How often something was seen, of how many tries. In JSON an array of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "(usize, usize)")]
pub struct Tally {
    /// How often it was seen.
    pub hits: usize,
    /// How often it could have been.
    pub tries: usize,
}

impl Tally {
    /// Before the first try.
    pub const NONE: Self = Self { hits: 0, tries: 0 };
    /// Seen once, at the first try.
    pub const ONCE: Self = Self { hits: 1, tries: 1 };

    /// With one more try.
    pub(super) fn with(self, is_hit: bool) -> Self {
        Self { hits: self.hits + usize::from(is_hit), tries: self.tries + 1 }
    }

    /// Whether every try was a hit.
    pub fn is_steady(self) -> bool {
        self.hits == self.tries
    }
}

impl From<Tally> for (usize, usize) {
    fn from(tally: Tally) -> Self {
        (tally.hits, tally.tries)
    }
}

/// What was seen when the answer was tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// How often the test did alone what it is said to do alone.
    pub alone: Tally,
    /// How often it did after the others what it is said to do after them.
    pub after: Tally,
}

/// Something that makes a victim pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HuntRemedy {
    /// What kind of remedy it is.
    pub kind: RemedyKind,
    /// What is done, before the victim.
    pub remedy: String,
    /// Whether the victim passed with it.
    pub verified: bool,
}

/// A way to see the finding without taster, run before it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reproduction {
    /// The command, to be run in the directory of the hunt.
    pub command: String,
    /// The files that were written: a scenario, an order file.
    pub files: Vec<String>,
    /// Whether it showed the finding when it was run.
    pub shows_it: bool,
}

/// One order-dependent test.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HuntFinding {
    /// What it is.
    pub finding: FindingKind,
    /// The test that changes its outcome.
    pub victim: String,
    /// For a victim: tests, in the order in which they have to run before it. For collection: files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polluters: Option<Vec<String>>,
    /// For a brittle test: the tests that make it pass, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_setters: Option<Vec<String>>,
    /// Tests that make the victim pass again when run in between.
    pub cleaners: Vec<String>,
    /// Whether there may be more cleaners than those listed.
    pub more_cleaners: bool,
    /// A stable code.
    pub cause: Cause,
    /// The modules that the cause is about: whose import alone does it, or the two ends of a circle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// The smallest state whose putting back decides the outcome.
    pub state: Vec<Cell>,
    /// Cells that could not be put back while the cause was sought: what they have to do with it is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_put_back: Vec<NotPutBack>,
    /// What was tried against it.
    pub remedies: Vec<HuntRemedy>,
    /// What the test said when it failed.
    pub message: String,
    /// The timestamps under which it happens.
    pub timestamps: HuntClock,
    /// Whether no test can be left out; false where the search was cut short.
    pub minimal: bool,
    /// Whether the order leaves a module or class and comes back, as ordinary runs never do.
    pub reenters: bool,
    /// How often it was seen again.
    pub confirmed: Confirmation,
    /// Whether it shows with the files as they were when the hunt ended; none if nobody changed them, or the hunt had to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds_after_changes: Option<bool>,
    /// Files that lay there before the hunt and hide it: without them it shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_by: Vec<String>,
    /// How to see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Reproduction>,
    /// Runs that it took to find.
    pub runs: usize,
    /// Seconds that it took.
    pub seconds: f64,
}

impl HuntFinding {
    /// A finding of which nothing is known but how often it was seen.
    pub(crate) fn new(
        finding: FindingKind,
        victim: String,
        timestamps: HuntClock,
        confirmed: Confirmation,
    ) -> Self {
        Self {
            finding,
            victim,
            polluters: None,
            state_setters: None,
            cleaners: Vec::new(),
            more_cleaners: false,
            cause: Cause::NotSought,
            modules: Vec::new(),
            state: Vec::new(),
            not_put_back: Vec::new(),
            remedies: Vec::new(),
            message: String::new(),
            timestamps,
            minimal: false,
            reenters: false,
            confirmed,
            holds_after_changes: None,
            hidden_by: Vec::new(),
            reproduction: None,
            runs: 0,
            seconds: 0.0,
        }
    }

    /// The tests or files that have to come before the victim.
    pub fn before(&self) -> &[String] {
        self.polluters.as_deref().or(self.state_setters.as_deref()).unwrap_or_default()
    }
}

/// How many cells a note names that could not be put back.
const MOST_NAMED: usize = 3;

impl HuntFinding {
    /// The note about cells that could not be put back, if there are any.
    pub(crate) fn note(&self) -> Option<String> {
        let named: Vec<String> = self
            .not_put_back
            .iter()
            .take(MOST_NAMED)
            .map(|each| format!("{} ({})", each.cell, each.why))
            .collect();
        let more = match self.not_put_back.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!named.is_empty()).then(|| {
            format!(
                "{}: could not put back {}{more}: taster does not know whether that is part of the cause",
                self.victim,
                named.join(", ")
            )
        })
    }
}

/// A test that fails in every order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenTest {
    /// The test, or the file that cannot be collected.
    pub test: String,
    /// `failed`, `crashed`, `timed out` or `not collected`.
    pub outcome: &'static str,
    /// What it said.
    pub message: String,
    /// Files that lay there before the hunt and are why: without them it passes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken_by: Vec<String>,
}

/// A test that was seen failing in an order, and not looked into before the search ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SeenFailing {
    /// The test.
    pub test: String,
    /// `failed`, `crashed` or `timed out`.
    pub outcome: &'static str,
    /// What it said.
    pub message: String,
    /// The timestamps under which it was seen.
    pub timestamps: HuntClock,
    /// How many tests had run before it in the same process.
    pub after: usize,
    /// These and the test, in order; none where so many tests were seen failing that their orders would fill a disk.
    pub order: Option<Vec<String>>,
}

/// The suite that was hunted in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct About {
    /// Tests collected.
    pub tests: usize,
    /// pytest's root directory.
    pub root: String,
    /// The version of Python.
    pub python: String,
    /// The interpreter.
    pub executable: String,
    /// The version of pytest.
    pub pytest: String,
    /// Whether bytecode is written: where it is not, stale bytecode cannot be found.
    pub bytecode: bool,
    /// Whether orders ran in forks of one process.
    pub forks: bool,
    /// `private`: each run had a view of the files of its own; `in-place`: runs share the files with everybody.
    pub isolation: &'static str,
    /// Why runs were in place, where they were.
    pub in_place_because: Option<String>,
}

/// All of a hunt.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HuntReport {
    /// The suite.
    pub about: About,
    /// Findings, in the order in which they were made.
    pub findings: Vec<HuntFinding>,
    /// Tests that fail in every order.
    pub broken: Vec<BrokenTest>,
    /// Tests that were seen failing and not looked into.
    pub seen_failing: Vec<SeenFailing>,
    /// Tests that fail on their own where modification times stand still, and pass otherwise.
    pub frozen_only: Vec<String>,
    /// What somebody did to the suite's files while the hunt ran.
    pub changed_meanwhile: Vec<Change>,
    /// What the user should know of how the search went.
    pub notes: Vec<String>,
    /// Orders run, by kind.
    pub orders: Vec<(String, usize)>,
    /// Ordered pairs of tests that ran as neighbours, of how many.
    pub neighbours: (usize, usize),
    /// The seed of the random orders.
    pub seed: u64,
    /// Runs in all.
    pub runs: usize,
    /// Seconds in all.
    pub seconds: f64,
    /// Seconds until the last finding was complete.
    pub last_finding: f64,
    /// Why the search ended before it was complete, if it did.
    pub halted: Option<String>,
}
