//! One finding of a hunt, as data.

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::suite::patch::PatchResult;
use crate::suite::reproduction::{FindingCommands, Reproduction};
use crate::suite::runner::cell::{Cell, NotPutBack};
use crate::suite::runner::run::HuntClock;
use crate::suite::runner::source_line::{GuiltyLine, SourceLine};

/// How often something was observed in a number of tries. In JSON an array of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(usize, usize)", from = "(usize, usize)")]
pub struct Tally {
    /// How often it was observed.
    pub hits: usize,
    /// How often it could have been observed.
    pub tries: usize,
}

impl Tally {
    /// Before the first try.
    pub const NONE: Self = Self { hits: 0, tries: 0 };
    /// Observed once, at the first try.
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

impl From<(usize, usize)> for Tally {
    fn from((hits, tries): (usize, usize)) -> Self {
        Self { hits, tries }
    }
}

impl From<Tally> for (usize, usize) {
    fn from(tally: Tally) -> Self {
        (tally.hits, tally.tries)
    }
}

/// The results of repeating a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// How often the test alone had the outcome that the finding claims.
    pub alone: Tally,
    /// How often the test after the others had the outcome that the finding claims.
    pub after: Tally,
}

/// A remedy that may make a victim pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HuntRemedy {
    /// The kind of remedy.
    pub kind: RemedyKind,
    /// What to do before the victim, or before another test.
    pub remedy: String,
    /// The test before which it helps, if that is not the victim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Whether the victim passed with it.
    pub verified: bool,
}

/// The use of a global generator of random numbers that a test's outcome depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomUse {
    /// The expression that reads the generator's state.
    pub generator: String,
    /// The line that seeded it last before the test, or `None` if no line was seen to.
    pub seeded_at: Option<SourceLine>,
    /// With how many of the seeds that were tried just before the test it passed.
    pub passed: Tally,
}

/// One order-dependent test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HuntFinding {
    /// The kind of the finding.
    pub finding: FindingKind,
    /// The test that changes its outcome.
    pub victim: String,
    /// The number of the findings that are about the same leak: the same tests before, and the same cells. `None` if it is about
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
    /// For a victim: the tests that must run before it, in order. For collection: files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polluters: Option<Vec<String>>,
    /// For a brittle test: the tests that make it pass, in order. For collection: files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_setters: Option<Vec<String>>,
    /// Tests that make the victim pass again when run in between.
    pub cleaners: Vec<String>,
    /// Whether there may be more cleaners than those listed.
    pub more_cleaners: bool,
    /// The cause.
    pub cause: Cause,
    /// The modules that the cause is about: those whose import alone is the cause, or the two ends of a circle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// The smallest set of cells whose restoration decides the outcome.
    pub state: Vec<Cell>,
    /// The use of random numbers, if that is the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random: Option<RandomUse>,
    /// Cells that could not be restored during the search for the cause; their role is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_put_back: Vec<NotPutBack>,
    /// The exception that ended taster's own look at the state; the cause may lie in what it did not see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_failed: Option<String>,
    /// The remedies tried.
    pub remedies: Vec<HuntRemedy>,
    /// Where the polluter changed the state that decides: the line of the suite's or the package's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guilty: Option<GuiltyLine>,
    /// Why that line is not known, if it was sought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guilty_unknown: Option<String>,
    /// Where the test fails: the innermost line of the suite's or the package's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub victim_at: Option<SourceLine>,
    /// The message of the failed test.
    pub message: String,
    /// The timestamps under which the finding occurs.
    pub timestamps: HuntClock,
    /// Whether no test can be left out; false if the search was cut short.
    pub minimal: bool,
    /// Whether the order leaves a module or class and returns, as ordinary runs never do.
    pub reenters: bool,
    /// How often it was confirmed.
    pub confirmed: Confirmation,
    /// Whether it shows with the files as they were when the hunt ended, or `None` if they were not changed, or the
    /// hunt had to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds_after_changes: Option<bool>,
    /// Files that existed before the hunt and hide the finding: it shows without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_by: Vec<String>,
    /// How to reproduce it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Reproduction>,
    /// Two commands that show it where they are pasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commands: Option<FindingCommands>,
    /// The change of the test code that cures it, or why there is none, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<PatchResult>,
    /// The number of runs that it took.
    pub runs: usize,
    /// The seconds that it took.
    pub seconds: f64,
}

impl HuntFinding {
    /// A finding with nothing known except how often it was observed.
    pub(crate) fn new(
        finding: FindingKind,
        victim: String,
        timestamps: HuntClock,
        confirmed: Confirmation,
    ) -> Self {
        Self {
            finding,
            victim,
            group: None,
            polluters: None,
            state_setters: None,
            cleaners: Vec::new(),
            more_cleaners: false,
            cause: Cause::NotSought,
            modules: Vec::new(),
            state: Vec::new(),
            random: None,
            not_put_back: Vec::new(),
            look_failed: None,
            remedies: Vec::new(),
            guilty: None,
            guilty_unknown: None,
            victim_at: None,
            message: String::new(),
            timestamps,
            minimal: false,
            reenters: false,
            confirmed,
            holds_after_changes: None,
            hidden_by: Vec::new(),
            reproduction: None,
            commands: None,
            patch: None,
            runs: 0,
            seconds: 0.0,
        }
    }

    /// The tests or files that must come before the victim.
    pub fn before(&self) -> &[String] {
        self.polluters.as_deref().or(self.state_setters.as_deref()).unwrap_or_default()
    }

    /// Whether a test needs other files to be collected.
    pub(crate) fn needs_files(&self) -> bool {
        self.finding == FindingKind::Collection && self.state_setters.is_some()
    }
}

/// The number of unrestored cells that a note names.
const MOST_NAMED: usize = 3;

impl HuntFinding {
    /// The notes about what taster could not see or restore.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.restored_in_part().into_iter().chain(self.unseen())
    }

    fn unseen(&self) -> Option<String> {
        let why = self.look_failed.as_ref()?;
        Some(format!("{}: taster's own look at the state failed: {why}", self.victim))
    }

    /// Where the cells that decide are known, what else could not be restored does not matter.
    fn restored_in_part(&self) -> Option<String> {
        if !self.state.is_empty() {
            return None;
        }
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
