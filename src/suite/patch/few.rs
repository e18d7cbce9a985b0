//! What is known, while patches are tried, of suites that collect only few files: for which findings they serve, and when it is worth
//! while to ask them.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};

use super::group::PatchGroup;

/// The findings, by their places, and the files.
pub(super) type FewKey = (Vec<usize>, Vec<String>);

/// What is known of suites of few files.
#[derive(Debug, Default)]
pub(super) struct FewFiles {
    /// The findings, by their places, for which the last change did not cure: the next ones are not likely to either.
    failing: Mutex<Option<Vec<usize>>>,
    /// Whether these files show for these findings what the whole suite shows, and are collected much faster.
    pub(super) serve: Mutex<HashMap<FewKey, bool>>,
    /// Runs that nobody has counted yet.
    pub(super) runs: AtomicUsize,
}

impl FewFiles {
    /// Takes note of whether the last change for a group has failed to cure.
    pub(super) fn note(&self, group: &PatchGroup<'_>, failed: bool) {
        let failing = failed.then(|| group.places.clone());
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = failing;
    }

    pub(super) fn expects_failure(&self, group: &PatchGroup<'_>) -> bool {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&group.places)
    }
}
