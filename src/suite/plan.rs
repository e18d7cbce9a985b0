//! What a search is to do, and how it can end. How it goes about it is `search`'s matter.

use std::time::{Duration, Instant};

use crate::suite::runner::run::HuntClock;

/// A kind of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OrderKind {
    /// As pytest collected it, or as `--order` says.
    Given,
    /// The same backwards.
    Reverse,
    /// Orders that have every ordered pair of tests as neighbours.
    Pairs,
    /// Random ones, until twenty in a row bring nothing new.
    Random,
}

impl OrderKind {
    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Reverse => "reverse",
            Self::Pairs => "pairs",
            Self::Random => "random",
        }
    }
}

/// What to search.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The order given, as numbers of tests.
    pub(crate) given: Vec<usize>,
    /// Look only for orders in which these change their outcome; none: all tests.
    pub(crate) victims: Vec<usize>,
    pub(crate) orders: Vec<OrderKind>,
    pub(crate) timestamps: HuntClock,
    /// Run the order given and its reverse under frozen timestamps too.
    pub(crate) frozen_pass: bool,
    pub(crate) seed: u64,
    /// How many orders may run at once.
    pub(crate) jobs: usize,
    /// Whether forks are to be compared with processes of their own.
    pub(crate) doubt_forks: bool,
    /// When the budget ends, for whoever shows the progress; `None` if no clock counts to its end.
    pub(crate) deadline: Option<Instant>,
}

impl Plan {
    /// Whether the search is about this test: all are meant where nobody named any.
    pub(crate) fn asks_for(&self, test: usize) -> bool {
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
    /// This test does something else in a fork than in a process of its own.
    ForksDiffer(usize),
}
