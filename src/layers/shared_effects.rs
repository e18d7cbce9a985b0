//! The learned effects of steps, shared between all workers and with walks of wider states: nobody evaluates a
//! step again.

use super::effect::Effect;
use super::uses::{DistinctEffects, FirstUses};

/// The number of effects kept, at some hundred bytes each; beyond it every worker learns for itself.
const LIMIT: usize = 200_000;

/// Effects in the order in which they were learned.
#[derive(Debug, Default)]
pub(super) struct SharedEffects {
    /// The number of slots then: a step may read a slot that was made later.
    slots: usize,
    examples: Vec<Example>,
    /// The distinct effects, if the count tells them apart.
    pub(super) distinct: Option<DistinctEffects>,
}

/// A step in a state, and its effect on all states like it.
#[derive(Debug)]
pub(super) struct Example {
    /// Which step, and how time passes.
    pub(super) root: usize,
    pub(super) numbers: Box<[u32]>,
    pub(super) effect: Effect,
    /// Which of the distinct effects it is; 0 if the count does not tell them apart.
    pub(super) distinct: u32,
}

impl SharedEffects {
    /// A step in a state with its effect, as an example.
    pub(super) fn example(&mut self, root: usize, numbers: Vec<u32>, effect: Effect) -> Example {
        let distinct = self.distinct.as_mut().map_or(0, |known| known.number(root, &numbers, &effect));
        Example { root, numbers: numbers.into(), effect, distinct }
    }

    /// Records the uses that a worker met, if the count tells effects apart.
    pub(super) fn join(&mut self, uses: &FirstUses) {
        if let Some(distinct) = &mut self.distinct {
            distinct.uses.join(uses);
        }
    }

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
