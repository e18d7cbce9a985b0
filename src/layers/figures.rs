//! The limits of a count, what is wanted of chosen orderings, and the results of both.

use serde::{Deserialize, Serialize};

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

/// What is wanted of the orderings.
#[derive(Debug, Clone)]
pub struct ItineraryWish {
    /// The seed of all choices.
    pub seed: u64,
    /// States in which each effect is to be used.
    pub contexts: usize,
    /// Steps in all past which no further states are sought, and orderings are no longer completed; the first use of every effect
    /// does not depend on it.
    pub steps: usize,
    /// No further states are sought once it is used up.
    pub budget: Budget,
}

/// An ordering, or the beginning of one, and what it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedOrdering {
    /// The test of each step.
    pub steps: Vec<usize>,
    /// The effect of each step; `None` of a step that is skipped.
    pub uses: Vec<Option<EffectUse>>,
}

/// One use of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectUse {
    /// The effect, numbered in the order of their first uses.
    pub effect: u32,
    /// What stands for the whole state in which it was used: two states have two numbers, as far as 64 bits can tell.
    pub context: u64,
}

/// The figures of all orderings, and orderings that use every distinct effect.
#[derive(Debug, Clone)]
pub struct EffectsPlan {
    /// The figures.
    pub counts: OrderingCounts,
    /// The number of distinct effects: what a step read, and what it changed.
    pub effects: usize,
    /// Orderings that use all of them, some of them up to where they use something for the last time.
    pub orderings: Vec<PlannedOrdering>,
}

/// How far an interpreter confirmed what the model counted. An effect is a step, what it read, and what it changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedEffects {
    /// Distinct effects of all steps in all orderings.
    pub distinct: usize,
    /// Those that the interpreter performed as the model does.
    pub confirmed: usize,
    /// The least number of states in which one of them was performed.
    pub fewest_contexts: usize,
    /// The median of these numbers.
    pub median_contexts: usize,
    /// Steps performed for it.
    pub steps: u64,
}
