//! The plan of a search, and how a search can end. `search` carries it out.

use std::time::{Duration, Instant};

use crate::suite::part::OwnPart;
use crate::suite::runner::run::HuntClock;

/// A kind of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OrderKind {
    /// As pytest collected it, or as `--order` says.
    Given,
    /// No orders: each test alone, what it leaves behind, and all others in states that tests leave.
    State,
    /// The same backwards.
    Reverse,
    /// Orders that have every ordered pair of tests as neighbours.
    Pairs,
    /// Random orders, until twenty in a row find nothing new.
    Random,
}

impl OrderKind {
    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::State => "state",
            Self::Reverse => "reverse",
            Self::Pairs => "pairs",
            Self::Random => "random",
        }
    }
}

/// The plan of a search.
#[derive(Debug, Clone)]
pub(crate) struct HuntPlan {
    /// The given order, as numbers of tests.
    pub(crate) given: Vec<usize>,
    /// If not empty: search only for orders in which these tests change their outcome.
    pub(crate) victims: Vec<usize>,
    /// What of the search is this machine's, if others do the rest.
    pub(crate) part: Option<OwnPart>,
    pub(crate) orders: Vec<OrderKind>,
    pub(crate) timestamps: HuntClock,
    /// Whether to run the given order and its reverse under frozen timestamps too.
    pub(crate) frozen_pass: bool,
    pub(crate) seed: u64,
    /// The number of orders that may run at once.
    pub(crate) jobs: usize,
    /// Whether to compare forks with processes of their own.
    pub(crate) doubt_forks: bool,
    /// The end of the budget, for the display of progress, or `None` if the clock cannot represent it.
    pub(crate) deadline: Option<Instant>,
}

impl HuntPlan {
    /// Whether the search is about this test; without named tests it is about all, or all of this machine's.
    pub(crate) fn asks_for(&self, test: usize) -> bool {
        self.is_named(test) && self.part.as_ref().is_none_or(|part| part.looks_into(test))
    }

    /// Whether this machine accounts for the pairs in which this test is the second.
    pub(crate) fn accounts_for(&self, test: usize) -> bool {
        self.is_named(test) && self.part.as_ref().is_none_or(|part| part.is_own(test))
    }

    fn is_named(&self, test: usize) -> bool {
        self.victims.is_empty() || self.victims.contains(&test)
    }

    /// What is left of the budget.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

/// How a search ended.
#[derive(Debug)]
pub(crate) enum SearchEnd {
    /// All orders were run.
    Complete,
    /// This test behaves differently in a fork and in a process of its own.
    ForksDiffer(usize),
}
