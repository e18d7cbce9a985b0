//! A survey: tests each on its own, what they leave behind, and what other tests do in the state that they leave. What
//! is to be surveyed is for `survey` to say; `surveys` makes it run.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, whole_cell};
use super::outcome::TestResult;

/// How the tests of a request are surveyed. Without `then`, each runs on its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct SurveyOptions {
    /// Whether to look at what is left behind.
    pub(crate) look: bool,
    /// Whether all tests of the request make one state, one after the other, instead of one state each.
    pub(crate) together: bool,
    /// The tests that run in each state, each as if it were the first to run there.
    pub(crate) then: Vec<usize>,
    /// The test that runs after each of them, if one does: its results follow theirs.
    pub(crate) last: Option<usize>,
    /// Those of them that leave something behind.
    pub(crate) leaving: Vec<usize>,
    /// Those of them that fail on their own.
    pub(crate) fails: Vec<usize>,
    /// Those that run in a process in which no other of them has run: they leave what cannot be restored in one that goes
    /// on, or have ended one.
    pub(crate) lasting: Vec<usize>,
    /// The names of cells that tests are known to leave.
    pub(crate) known: Vec<String>,
    /// Cells that a state is to hold these values in, as texts, once its tests have run: what one of them leaves alone.
    pub(crate) as_alone: Vec<(String, String)>,
}

/// A cell that a test has left in another state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct LeftCell {
    #[serde(flatten, serialize_with = "whole_cell")]
    pub(crate) cell: Cell,
    /// What the value holds, as text; `None` if nobody can tell.
    pub(crate) held: Option<String>,
    /// Whether a process that goes on cannot restore it.
    #[serde(default)]
    pub(crate) lasts: bool,
    /// Whether the value is a number or a text that its text says all of, in a place that can be given another one.
    #[serde(default)]
    pub(crate) plain: bool,
}

/// The name of a cell, and what it holds, as text; `None` if nobody can tell.
pub(crate) type LeftToo = (String, Option<String>);

/// What was left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Leftovers {
    /// What only tests of the same file can find: fixtures that are torn down at its end.
    pub(crate) near: Vec<LeftCell>,
    pub(crate) cells: Vec<LeftCell>,
    /// Whether that is all that taster could have seen.
    pub(crate) all: bool,
    /// Whether files were written.
    pub(crate) wrote: bool,
}

/// A state, and what ran in it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(crate) struct SurveyedState {
    /// The tests that made it.
    pub(crate) tests: Vec<TestResult>,
    /// What they left behind, if somebody looked.
    pub(crate) left: Option<Leftovers>,
    /// The others, each in this state.
    pub(crate) then: Vec<TestResult>,
    /// Which of the others changed cells of the state, and which.
    pub(crate) changed: Vec<(usize, Vec<String>)>,
    /// Which of the others left cells that are not of the state, and which, with what they hold.
    pub(crate) left_too: Vec<(usize, Vec<LeftToo>)>,
    /// The names and texts in the code of those of the others that did something else than alone.
    pub(crate) reads: Vec<(usize, Vec<String>)>,
    /// Whether the tests that made it are through.
    pub(super) made: bool,
}

impl SurveyedState {
    /// Two tests that ran one after the other, at which nobody looked.
    pub(crate) fn of_pair(first: TestResult, then: TestResult) -> Self {
        Self { tests: vec![first], then: vec![then], ..Self::default() }
    }

    /// Adds the end of a test.
    pub(super) fn ended(&mut self, result: TestResult) {
        if self.made { self.then.push(result) } else { self.tests.push(result) }
    }

    /// Forgets the last of the others.
    pub(super) fn forget(&mut self, count: usize) {
        let gone = self.then.split_off(self.then.len().saturating_sub(count));
        let is_gone = |test: &usize| gone.iter().any(|ran| ran.test == *test);
        self.changed.retain(|(test, _)| !is_gone(test));
        self.left_too.retain(|(test, _)| !is_gone(test));
    }
}
