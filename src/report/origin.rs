//! Where a finding was made: of which scenario, on which interpreter, under which clock.

use crate::interpreter::Identity;
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::Verdict;

/// Where a finding was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct FindingOrigin<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) interpreter: &'a Identity,
    pub(super) timestamps: &'a Timestamps,
}

impl<'a> FindingOrigin<'a> {
    pub(super) fn of(verdict: &'a Verdict) -> Self {
        let Verdict { scenario, interpreter, timestamps, .. } = verdict;
        Self { scenario, interpreter, timestamps }
    }
}
