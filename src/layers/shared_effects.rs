//! The learned effects of steps, shared between all workers and with walks of wider states: nobody evaluates a
//! step again.

use super::effect::Effect;

/// The number of effects kept, at some hundred bytes each; beyond it every worker learns for itself.
const LIMIT: usize = 200_000;

/// Effects in the order in which they were learned.
#[derive(Debug, Default)]
pub(super) struct SharedEffects {
    /// The number of slots then: a step may read a slot that was made later.
    slots: usize,
    examples: Vec<Example>,
}

/// A step in a state, and its effect on all states like it.
#[derive(Debug)]
pub(super) struct Example {
    /// Which step, and how time passes.
    pub(super) root: usize,
    pub(super) numbers: Box<[u32]>,
    pub(super) effect: Effect,
}

impl SharedEffects {
    /// Adds an example. Examples from before the last slot was made are dropped.
    pub(super) fn keep(&mut self, slots: usize, example: Example) {
        if self.slots != slots {
            self.examples.clear();
            self.slots = slots;
        }
        if self.examples.len() < LIMIT {
            self.examples.push(example);
        }
    }

    /// The examples after the first `seen`, if the number of slots is still `slots`.
    pub(super) fn since(&self, slots: usize, seen: usize) -> &[Example] {
        if self.slots == slots { self.examples.get(seen..).unwrap_or_default() } else { &[] }
    }
}
