//! The report of a hunt, as data: the suite, the findings, and what else is to be told.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::files::changes::Change;
use super::finding::HuntFinding;
use super::runner::run::HuntClock;
use crate::shard::{Shard, Whole};

/// A test that fails in every order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenTest {
    /// The test, or the file that cannot be collected.
    pub test: String,
    /// `failed`, `crashed`, `timed out` or `not collected`.
    pub outcome: Cow<'static, str>,
    /// Its message.
    pub message: String,
    /// Files that existed before the hunt and cause the failure: the test passes without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken_by: Vec<String>,
}

/// A test that failed in an order, and was not looked into before the search ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SeenFailing {
    /// The test.
    pub test: String,
    /// `failed`, `crashed` or `timed out`.
    pub outcome: Cow<'static, str>,
    /// Its message.
    pub message: String,
    /// The timestamps under which it failed.
    pub timestamps: HuntClock,
    /// The number of tests that had run before it in the same process.
    pub after: usize,
    /// These tests and the failing one, in order, or `None` if the orders of all failed tests would be too long to
    /// store.
    pub order: Option<Vec<String>>,
}

/// The suite of the hunt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether the interpreter writes bytecode; if not, stale bytecode cannot be found.
    pub bytecode: bool,
    /// Whether orders ran in forks of one process.
    pub forks: bool,
    /// `private`: each run had a view of the files of its own; `in-place`: runs share the files with everybody.
    pub isolation: Cow<'static, str>,
    /// Why runs were in place, if they were.
    pub in_place_because: Option<String>,
}

/// What a hunt knows of all ordered pairs of tests: whether the second does something else after the first than alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairAccount {
    /// All pairs; those with a named test as the second, if tests were named.
    pub total: usize,
    /// Pairs that ran: the second test directly after the first.
    pub ran: usize,
    /// Further pairs that follow from state: the first leaves nothing that taster can see, or the second ran where all of
    /// it was, possibly with what other tests leave.
    pub by_state: usize,
    /// Pairs of which nothing is known.
    pub left: usize,
    /// Pairs that followed from state and then ran all the same.
    pub checked: usize,
    /// Whether all of these came out as they should.
    pub claim_holds: bool,
}

impl PairAccount {
    /// Whether every pair is accounted for, and what follows from state came out so wherever it ran.
    pub fn is_complete(&self) -> bool {
        self.left == 0 && self.claim_holds
    }
}

/// The report of a hunt.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HuntReport {
    /// The suite.
    pub about: About,
    /// Findings: those that are about the same leak stand together, and the leak that concerns most tests comes first.
    pub findings: Vec<HuntFinding>,
    /// What looks like findings in taster's own runs, and plain pytest refutes: it ran the same tests in the same order, and the test did
    /// the other thing.
    pub unconfirmed: Vec<HuntFinding>,
    /// Tests that fail in every order.
    pub broken: Vec<BrokenTest>,
    /// Tests that failed and were not looked into.
    pub seen_failing: Vec<SeenFailing>,
    /// Tests that fail on their own only if modification times stand still.
    pub frozen_only: Vec<String>,
    /// Changes to the suite's files by others during the hunt.
    pub changed_meanwhile: Vec<Change>,
    /// Notes on the search for the user.
    pub notes: Vec<String>,
    /// Orders run, by kind.
    pub orders: Vec<(String, usize)>,
    /// The number of ordered pairs of tests that ran as neighbours, and of all pairs.
    pub neighbours: (usize, usize),
    /// What is known of all ordered pairs.
    pub pairs: PairAccount,
    /// The seed of the random orders.
    pub seed: u64,
    /// The number of runs.
    pub runs: usize,
    /// The duration in seconds.
    pub seconds: f64,
    /// Seconds until the last finding was complete.
    pub last_finding: f64,
    /// Why the search ended before it was complete, if it did.
    pub halted: Option<String>,
    /// Which part of the search it is, if other machines do the rest.
    pub shard: Option<ShardOfHunt>,
}

/// A shard of a hunt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShardOfHunt {
    /// Which one.
    pub shard: Shard,
    /// Of what.
    pub whole: Whole,
    /// The number of ordered pairs that ran as neighbours in orders that every shard runs.
    pub shared_neighbours: usize,
    /// The number of those that ran in orders of this shard alone, each counted by one shard.
    pub own_neighbours: usize,
}

impl ShardOfHunt {
    /// This one, with the two numbers of neighbours: shared and own ones.
    pub fn new(shard: Shard, whole: Whole, (shared_neighbours, own_neighbours): (usize, usize)) -> Self {
        Self { shard, whole, shared_neighbours, own_neighbours }
    }
}

#[cfg(test)]
impl HuntReport {
    /// Of a hunt that found nothing, for tests.
    pub(crate) fn nothing() -> Self {
        Self {
            about: About {
                tests: 1_200,
                root: "/home/someone/project".to_owned(),
                python: "3.11.7".to_owned(),
                executable: "/usr/bin/python3.11".to_owned(),
                pytest: "8.3.5".to_owned(),
                bytecode: true,
                forks: true,
                isolation: "private".into(),
                in_place_because: None,
            },
            findings: Vec::new(),
            unconfirmed: Vec::new(),
            broken: Vec::new(),
            seen_failing: Vec::new(),
            frozen_only: Vec::new(),
            changed_meanwhile: Vec::new(),
            notes: Vec::new(),
            orders: vec![("given".to_owned(), 1), ("reverse".to_owned(), 1), ("pairs".to_owned(), 1_199)],
            neighbours: (1_438_800, 1_438_800),
            pairs: PairAccount {
                total: 1_438_800,
                ran: 28_776,
                by_state: 1_410_024,
                left: 0,
                checked: 71_940,
                claim_holds: true,
            },
            seed: 0,
            runs: 1_201,
            seconds: 61.25,
            last_finding: 12.5,
            halted: None,
            shard: None,
        }
    }
}
