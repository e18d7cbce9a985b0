//! What a count may take, and what comes out of it.

use crate::budget::Budget;

/// Limits of a count.
#[derive(Debug, Clone)]
pub struct CountLimits {
    /// Workers.
    pub jobs: usize,
    /// Where it is used up, the count is given up.
    pub budget: Budget,
}

impl Default for CountLimits {
    fn default() -> Self {
        Self { jobs: 1, budget: Budget::default().with_states(100_000_000) }
    }
}

/// What all orderings of a scenario come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderingCounts {
    /// Orderings.
    pub total: u128,
    /// Those in which no test fails.
    pub clean: u128,
    /// Those in which each test fails, in the order of the file.
    pub failing_by_test: Vec<u128>,
    /// Distinct states met.
    pub states: u64,
    /// Steps performed between them.
    pub transitions: u64,
}

impl OrderingCounts {
    /// Orderings in which a test fails.
    pub fn failing(&self) -> u128 {
        self.total - self.clean
    }
}
