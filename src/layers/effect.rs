//! What is learned of a step: what it does to all states that agree in what it reads.

/// What a step does to every state that agrees in what it reads.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// Slots it reads, in order.
    pub(super) reads: Vec<usize>,
    /// Slots it changes, with the numbers of the new contents.
    pub(super) writes: Vec<(usize, u32)>,
    /// Whether it failed.
    pub(super) failed: bool,
    /// Whether an object may no longer be referred to, which takes all of the state to tell.
    pub(super) dropped: bool,
}

/// Which ticks pass while a step is performed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClockStep {
    /// Changes after it give another time than changes in it.
    pub(super) tick: bool,
    /// And another second.
    pub(super) second: bool,
}
