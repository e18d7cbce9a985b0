//! What the search for a patch came to: a patch that was written, or why there is none.

use super::edits::FileEdits;
use super::group::PatchGroup;
use super::result::PatchResult;

/// A patch that was written.
#[derive(Debug, Clone)]
pub(super) struct OfferedPatch {
    pub(super) file: String,
    pub(super) edits: FileEdits,
    pub(super) what: String,
    pub(super) tried: Vec<String>,
    /// The tests that it cures.
    pub(super) cures: Vec<String>,
    /// The places of the findings that it was tried on, in the report.
    pub(super) places: Vec<usize>,
}

/// Why a group has no patch.
#[derive(Debug)]
pub(super) struct NoPatch {
    pub(super) why: String,
    /// Tests that fail with changes that cure the group, and not without them.
    pub(super) uncovered: Vec<String>,
}

impl From<String> for NoPatch {
    fn from(why: String) -> Self {
        Self { why, uncovered: Vec::new() }
    }
}

/// The result for a group, with what a patch that is found later can change about it.
#[derive(Debug)]
pub(super) struct FirstResult {
    pub(super) result: PatchResult,
    pub(super) uncovered: Vec<String>,
    /// The number of patches that were known then.
    pub(super) offered: usize,
}

impl OfferedPatch {
    /// Whether it was tried on all findings of a group.
    pub(super) fn was_tried_on(&self, group: &PatchGroup<'_>) -> bool {
        group.places.iter().all(|place| self.places.contains(place))
    }

    pub(super) fn result(self, group: &PatchGroup<'_>) -> PatchResult {
        let Self { file, what, tried, .. } = self;
        PatchResult::Offered { file, what, tried, leaks: group.leak() }
    }
}
