//! The events of a hunt, for display. Nothing here decides anything.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::HuntReport;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::HuntClock;

/// An event of a hunt.
#[derive(Debug)]
#[non_exhaustive]
pub enum HuntEvent<'a> {
    /// pytest has collected the suite.
    Collected {
        /// The number of tests.
        tests: usize,
        /// The number of files that they are in.
        files: usize,
        /// That file, or the directory that holds all of the files.
        within: PathBuf,
        /// The version of Python.
        python: &'a str,
        /// The version of pytest.
        pytest: &'a str,
        /// How long that took, in seconds.
        seconds: f64,
    },
    /// An order is about to run.
    Order {
        /// Its kind.
        kind: OrderKind,
        /// The modification times that it sees.
        timestamps: HuntClock,
        /// The number of its tests.
        tests: usize,
        /// The progress of the hunt.
        so_far: HuntProgress,
    },
    /// The tests of a file are about to run, each on its own, with no other file collected.
    File {
        /// The file.
        file: &'a Path,
        /// The number of its tests.
        tests: usize,
        /// The progress of the hunt.
        so_far: HuntProgress,
    },
    /// The hunt looks into a test that changed its outcome.
    Suspicion {
        /// The test.
        test: &'a str,
        /// The progress of the hunt.
        so_far: HuntProgress,
    },
    /// The hunt has made a finding.
    Found {
        /// What it found.
        finding: &'a HuntFinding,
        /// The progress of the hunt, including this finding.
        so_far: HuntProgress,
    },
    /// The hunt seeks a patch.
    Patch {
        /// The test or file that it is for, or the first of several.
        test: &'a str,
        /// Which one of the patches that are sought, from 1 on.
        number: usize,
        /// How many are sought.
        of: usize,
        /// The progress of the hunt.
        so_far: HuntProgress,
    },
    /// Something that the user should know.
    Note {
        /// The note, as a sentence.
        text: &'a str,
    },
}

/// The progress of a hunt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HuntProgress {
    /// The number of orders that have run.
    pub orders: usize,
    /// The number of findings so far.
    pub findings: usize,
    /// The rest of the budget, or `None` if it is longer than any clock counts.
    pub time_left: Option<Duration>,
}

impl HuntProgress {
    /// The progress of a hunt with this report so far.
    pub(super) fn of(report: &HuntReport, time_left: Option<Duration>) -> Self {
        let orders = report.orders.iter().map(|(_, count)| count).sum();
        Self { orders, findings: report.findings.len(), time_left }
    }

    /// The same of a hunt that has just made one more finding.
    pub(super) fn with_one_more(report: &HuntReport, time_left: Option<Duration>) -> Self {
        let before = Self::of(report, time_left);
        Self { findings: before.findings + 1, ..before }
    }
}
