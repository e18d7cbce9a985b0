//! What happens during a hunt, for whoever shows it. Nothing here decides anything.

use std::time::Duration;

use crate::suite::finding::{HuntFinding, HuntReport};
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// Something that happened during a hunt.
#[derive(Debug)]
#[non_exhaustive]
pub enum HuntEvent<'a> {
    /// pytest has collected the suite.
    Collected {
        /// How many tests.
        tests: usize,
        /// How long that took, in seconds.
        seconds: f64,
    },
    /// An order is about to run.
    Order {
        /// Its kind.
        kind: OrderKind,
        /// The modification times that it sees.
        timestamps: HuntClock,
        /// How many tests it has.
        tests: usize,
        /// How far the hunt is.
        so_far: HuntProgress,
    },
    /// The hunt looks into a test that changed its outcome.
    Suspicion {
        /// The test.
        test: &'a str,
        /// How far the hunt is.
        so_far: HuntProgress,
    },
    /// The hunt has made a finding.
    Found {
        /// What it found.
        finding: &'a HuntFinding,
        /// How far the hunt is, with this finding.
        so_far: HuntProgress,
    },
    /// Something that the user should know.
    Note {
        /// It, in a sentence.
        text: &'a str,
    },
}

/// How far a hunt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HuntProgress {
    /// Orders that have run.
    pub orders: usize,
    /// Findings so far.
    pub findings: usize,
    /// What is left of the budget; `None` if the budget is longer than any clock counts.
    pub time_left: Option<Duration>,
}

impl HuntProgress {
    /// Of a hunt with this report so far, which has just made one more finding.
    pub(super) fn with_one_more(report: &HuntReport, time_left: Option<Duration>) -> Self {
        let orders = report.orders.iter().map(|(_, count)| count).sum();
        Self { orders, findings: report.findings.len() + 1, time_left }
    }
}
