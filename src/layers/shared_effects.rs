//! What steps were seen to do, for every worker and for walks with wider states: none evaluates what another one has.

use super::effect::Effect;

/// Effects that are kept, at some hundred bytes each; what goes beyond them every worker learns for itself.
const LIMIT: usize = 200_000;

/// Effects in the order in which they were learned.
#[derive(Debug, Default)]
pub(super) struct SharedEffects {
    /// How many slots there were: a step may read one that was made later.
    slots: usize,
    examples: Vec<Example>,
}

/// A step in a state, and what it does to all states like it.
#[derive(Debug)]
pub(super) struct Example {
    /// Which step, and how time passes.
    pub(super) root: usize,
    pub(super) numbers: Box<[u32]>,
    pub(super) effect: Effect,
}

impl SharedEffects {
    /// Keeps an example; those from before a slot was made are forgotten.
    pub(super) fn keep(&mut self, slots: usize, example: Example) {
        if self.slots != slots {
            self.examples.clear();
            self.slots = slots;
        }
        if self.examples.len() < LIMIT {
            self.examples.push(example);
        }
    }

    /// What was learned after the first so many, with so many slots.
    pub(super) fn since(&self, slots: usize, seen: usize) -> &[Example] {
        if self.slots == slots { self.examples.get(seen..).unwrap_or_default() } else { &[] }
    }
}
