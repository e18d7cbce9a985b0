//! A test that changes state, in its source, and why it restores that.

use super::group::PatchGroup;
use super::reason;
use super::source::{FoundFunction, TestSource};

/// A polluter with its source.
#[derive(Clone, Copy)]
pub(super) struct Polluter<'a> {
    pub(super) group: &'a PatchGroup<'a>,
    pub(super) id: &'a str,
    pub(super) source: &'a TestSource,
    pub(super) found: FoundFunction<'a>,
}

impl Polluter<'_> {
    pub(super) fn name(&self) -> String {
        reason::said(self.id, self.id)
    }

    pub(super) fn reason(&self) -> String {
        reason::restored(&self.group.findings, self.id, "this test")
    }
}
