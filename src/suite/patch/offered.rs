//! What the search for a patch came to: a patch that was written, or why there is none.

use super::edits::{FileEdits, are_compatible};
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

    /// Whether it can be made beside other changes.
    pub(super) fn fits(&self, others: &FileEdits) -> bool {
        let mut own = self.edits.iter();
        own.all(|(path, edits)| others.get(path).is_none_or(|others| are_compatible(others, edits)))
    }

    pub(super) fn add_to(&self, others: &mut FileEdits) {
        for (path, edits) in &self.edits {
            others.entry(path.clone()).or_default().extend(edits.iter().cloned());
        }
    }

    /// The result with this patch, for the same group.
    pub(super) fn instead_of(self, other: &PatchResult) -> PatchResult {
        let (PatchResult::Offered { leaks, .. } | PatchResult::None { leaks, .. }) = other;
        PatchResult::Offered { file: self.file, what: self.what, tried: self.tried, leaks: leaks.clone() }
    }

    pub(super) fn result(self, group: &PatchGroup<'_>) -> PatchResult {
        let Self { file, what, tried, .. } = self;
        PatchResult::Offered { file, what, tried, leaks: group.leak() }
    }
}
