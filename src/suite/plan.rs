//! What a search is to do, what it tells meanwhile, and how it can end. How it goes about it is `search`'s matter.

use crate::suite::finding::HuntFinding;
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

/// What happens during a hunt, for whoever wants to show it.
#[derive(Debug)]
#[non_exhaustive]
pub enum HuntEvent<'a> {
    /// The suite is collected: tests, seconds.
    Collected(usize, f64),
    /// An order is about to run.
    Order(OrderKind, HuntClock, usize),
    /// A suspicion is being looked into.
    Suspicion(&'a str),
    /// A finding was made.
    Found(&'a HuntFinding),
    /// Something that the user should know.
    Note(&'a str),
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
}

/// How a search ended.
#[derive(Debug)]
pub(crate) enum SearchEnd {
    /// All orders were run.
    Complete,
    /// This test does something else in a fork than in a process of its own.
    ForksDiffer(usize),
}
