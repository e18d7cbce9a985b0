//! A test, or a whole file, that does one thing with everything collected and another with its file alone.

use std::path::Path;

use crate::suite::runner::run::OrderRun;
use crate::suite::runner::suite::UncollectedFile;

/// What the other files do to a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OthersEffect {
    /// They make it fail.
    Poison,
    /// They make it pass.
    Prepare,
}

/// A test, or a whole file, that fails with everything collected, or passes only then.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) id: String,
    pub(super) is_test: bool,
    pub(super) file: String,
    pub(super) message: String,
    pub(super) others: OthersEffect,
}

impl Doubt {
    /// The doubt about a file or class that pytest could not collect.
    pub(super) fn about(root: &str, each: &UncollectedFile) -> Self {
        let path = each.id.split("::").next().unwrap_or_default();
        let file = Path::new(root).join(path).to_string_lossy().into_owned();
        let (id, message) = (each.id.clone(), each.text.clone());
        Self { id, is_test: false, file, message, others: OthersEffect::Poison }
    }
}

/// The outcome of a doubtful test or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum DoubtOutcome {
    Passes,
    Fails,
    /// It was skipped, or does not exist.
    Neither,
}

impl DoubtOutcome {
    pub(super) fn of(run: &OrderRun, test: usize) -> Self {
        if run.fails(test) {
            Self::Fails
        } else if run.passes(test) {
            Self::Passes
        } else {
            Self::Neither
        }
    }
}
