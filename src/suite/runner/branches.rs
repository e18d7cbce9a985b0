//! Branches of a run: tests that run at some of its places, each in a fork that the run does not notice.

use super::outcome::TestOutcome;

/// Tests that also run at some places of an order, each in a fork made there: the order continues as if nothing had
/// happened.
///
/// Later tests may see files that a branch writes, so a branch gives a lead and proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Branches {
    pub(crate) tests: Vec<usize>,
    /// The places: how many tests of the order have run there.
    pub(crate) places: Vec<usize>,
    /// The run ends with the first branch that has this outcome.
    pub(crate) until: Option<TestOutcome>,
}

/// The result of a test in a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct BranchResult {
    /// How many tests had run before.
    pub(crate) place: usize,
    pub(crate) test: usize,
    pub(crate) outcome: TestOutcome,
}
