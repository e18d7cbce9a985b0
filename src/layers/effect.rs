//! The learned effect of a step, valid for all states that agree in what it reads.

/// The effect of a step on every state that agrees in what it reads.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// Slots it reads, in order.
    pub(super) reads: Vec<usize>,
    /// Slots it changes, with the numbers of the new contents.
    pub(super) writes: Vec<(usize, u32)>,
    /// Whether it failed.
    pub(super) failed: bool,
    /// Whether an object may have lost its last reference, which only the whole state can tell.
    pub(super) dropped: bool,
}

/// Which ticks pass during a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClockStep {
    /// Changes after it get another time than changes in it.
    pub(super) tick: bool,
    /// They also get another second.
    pub(super) second: bool,
}
