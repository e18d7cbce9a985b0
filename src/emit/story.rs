//! What a script retells: the steps of the failing ordering, each with the world that it meets, and the clock that they need.

use crate::diagnose::Finding;
use crate::explore::{Line, Performed};
use crate::scenario::{Scenario, Timestamps};
use crate::world::World;

/// What times a script brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// None: the finding needs no clock.
    Real,
    /// Times of what a step has changed are set after it.
    SetAfter,
    /// The same, and the import system sees them within a step too (CPython 3 only).
    SeenWithin,
}

/// One step of the failing ordering that is performed, with what it came to.
pub(super) struct Act<'s> {
    pub(super) line: Line<'s>,
    pub(super) performed: Performed,
    /// The world that it meets.
    pub(super) before: World,
    /// Whether it is the one at which the test fails.
    pub(super) fails: bool,
}

/// A story that a script tells.
pub(super) struct Story<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) finding: &'s Finding,
    pub(super) timestamps: &'s Timestamps,
    pub(super) acts: Vec<Act<'s>>,
}
