//! The limits of a count, and its results.

use crate::budget::Budget;

/// Limits of a count.
#[derive(Debug, Clone)]
pub struct CountLimits {
    /// The number of workers.
    pub jobs: usize,
    /// The count stops when it is used up.
    pub budget: Budget,
}

impl Default for CountLimits {
    fn default() -> Self {
        Self { jobs: 1, budget: Budget::default().with_states(100_000_000) }
    }
}

/// The figures of all orderings of a scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderingCounts {
    /// All orderings.
    pub total: u128,
    /// Orderings in which no test fails.
    pub clean: u128,
    /// Orderings in which each test fails, in the order of the file.
    pub failing_by_test: Vec<u128>,
    /// Distinct states.
    pub states: u64,
    /// Steps between them.
    pub transitions: u64,
}

impl OrderingCounts {
    /// Orderings in which a test fails.
    pub fn failing(&self) -> u128 {
        self.total - self.clean
    }
}
