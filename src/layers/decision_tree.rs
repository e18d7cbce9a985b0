//! Remembers the effects of steps: for each step a tree of decisions over the slots that it reads, those with
//! few contents first. A transition is a walk down that tree.

use rustc_hash::FxHashMap;

use super::error::LayersError;
use super::packing::{PackedKey, Packing, Patch};
use super::shared_effects::{Example, SharedEffects};
use crate::interpreter::NoOutcome;

/// The trees of all steps, each in one variant for each way in which time can pass.
#[derive(Debug, Default)]
pub(super) struct DecisionTrees<const W: usize> {
    nodes: Vec<Branch>,
    below: Vec<u32>,
    leaves: Vec<Leaf<W>>,
    known: FxHashMap<Leaf<W>, u32>,
    roots: Vec<u32>,
    /// How many of the shared effects are included.
    seen: usize,
    /// The greatest number of branches, of leaves and of entries.
    most: usize,
}

/// A decision by a slot: the subtree for each number that the slot may have.
#[derive(Debug, Clone, Copy)]
struct Branch {
    word: u32,
    shift: u32,
    mask: u64,
    /// The slot's place.
    place: u32,
    /// Where its entries begin in `below`.
    start: u32,
}

/// The effect of a step on the states that end at this leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Leaf<const W: usize> {
    /// The changes.
    pub(super) patch: Patch<W>,
    /// Whether it fails.
    pub(super) failed: bool,
    /// Whether some objects may have lost their last reference.
    pub(super) dropped: bool,
    /// Which of the distinct effects it is; 0 if the count does not tell them apart.
    pub(super) distinct: u32,
}

/// Nothing is known yet.
const UNKNOWN: u32 = 0;
/// The rest of the entry is a leaf.
const LEAF: u32 = 1 << 31;
/// The greatest number of branches, leaves and entries in a tree: their numbers have 31 bits.
const MOST: usize = 1 << 31;

impl<const W: usize> DecisionTrees<W> {
    /// Empty trees, `roots` in number.
    pub(super) fn new(roots: usize) -> Self {
        // Number 0 of nodes and leaves is never used: an entry of 0 means "unknown".
        Self {
            nodes: vec![Branch { word: 0, shift: 0, mask: 0, place: 0, start: 0 }],
            below: Vec::new(),
            leaves: Vec::new(),
            known: FxHashMap::default(),
            roots: vec![UNKNOWN; roots],
            seen: 0,
            most: MOST,
        }
    }

    /// The effect of the step on this state, if it is known.
    #[inline]
    pub(super) fn find(&self, root: usize, key: &PackedKey<W>) -> Option<&Leaf<W>> {
        let mut at = self.roots[root];
        loop {
            if at & LEAF != 0 {
                return Some(&self.leaves[(at & !LEAF) as usize]);
            }
            if at == UNKNOWN {
                return None;
            }
            let branch = &self.nodes[at as usize];
            let number = (key.0[branch.word as usize] >> branch.shift) & branch.mask;
            let number = usize::try_from(number).expect("a field has at most 31 bits");
            at = self.below[branch.start as usize + number];
        }
    }

    /// Adds the effects that workers have learned since the last call; returns whether there were any.
    pub(super) fn catch_up(
        &mut self,
        shared: &SharedEffects,
        packing: &Packing,
    ) -> Result<bool, LayersError> {
        let new = shared.since(packing.places(), self.seen);
        for example in new {
            self.learn(example, packing)?;
        }
        self.seen += new.len();
        Ok(!new.is_empty())
    }

    /// Remembers the effect of a step on all states that agree with this one in the slots that it reads. The
    /// path first follows the existing decisions of the tree, whether this step reads their slots or not, and
    /// then decides by the remaining reads.
    pub(super) fn learn(&mut self, example: &Example, packing: &Packing) -> Result<Leaf<W>, LayersError> {
        let Example { root, numbers, effect, distinct } = example;
        let patch = packing.patch(&effect.writes);
        let leaf = Leaf { patch, failed: effect.failed, dropped: effect.dropped, distinct: *distinct };
        let mut left = effect.reads.clone();
        left.sort_by_key(|&place| std::cmp::Reverse(packing.field(place).bits));
        let mut at = None;
        loop {
            let mut node = self.entry(*root, at);
            if node & LEAF != 0 {
                return Ok(leaf);
            }
            if node == UNKNOWN {
                let Some(place) = left.pop() else { break };
                node = self.branch(packing, place)?;
                self.set(*root, at, node);
            }
            let branch = self.nodes[node as usize];
            left.retain(|&place| place != branch.place as usize);
            at = Some(branch.start as usize + numbers[branch.place as usize] as usize);
        }
        let next = self.next(self.leaves.len())?;
        let number = *self.known.entry(leaf).or_insert(next);
        if number == next {
            self.leaves.push(leaf);
        }
        self.set(*root, at, LEAF | number);
        Ok(leaf)
    }

    fn entry(&self, root: usize, at: Option<usize>) -> u32 {
        at.map_or(self.roots[root], |at| self.below[at])
    }

    fn set(&mut self, root: usize, at: Option<usize>, entry: u32) {
        match at {
            None => self.roots[root] = entry,
            Some(at) => self.below[at] = entry,
        }
    }

    /// The number of the next element of a list of this length.
    fn next(&self, length: usize) -> Result<u32, LayersError> {
        let next = u32::try_from(length).ok().filter(|_| length < self.most);
        next.ok_or_else(|| {
            let reason = format!("steps do more than {} different things, too many to count", self.most);
            LayersError::Interpreter(NoOutcome::Refused { reason })
        })
    }

    fn branch(&mut self, packing: &Packing, place: usize) -> Result<u32, LayersError> {
        let field = packing.field(place);
        let start = self.next(self.below.len())?;
        let node = self.next(self.nodes.len())?;
        self.below.resize(self.below.len() + (1 << field.bits), UNKNOWN);
        self.nodes.push(Branch {
            word: field.word,
            shift: field.shift,
            mask: field.mask(),
            place: u32::try_from(place).expect("a key of 32 words has at most 2,048 places"),
            start,
        });
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::abstract_value::{AbstractValue, Slot};
    use crate::layers::effect::Effect;
    use crate::layers::slots::Slots;

    /// A packing of one slot that holds one of four contents.
    fn packing() -> Packing {
        let mut slots = Slots::default();
        let place = slots.place(&Slot::Progress(0));
        for done in 0..4 {
            slots.number(place, &AbstractValue::Progress { done, failed: false }).unwrap();
        }
        Packing::of(&slots)
    }

    /// A step that reads the slot and sets it to the next content.
    fn example(number: u32) -> Example {
        let effect =
            Effect { reads: vec![0], writes: vec![(0, (number + 1) % 4)], failed: false, dropped: false };
        Example { root: 0, numbers: [number].into(), effect, distinct: 0 }
    }

    #[test]
    fn a_way_down_leads_to_what_was_learned() {
        let (packing, mut trees) = (packing(), DecisionTrees::<1>::new(1));
        let key = |number| packing.pack::<1>(&[number]);
        let leaf = trees.learn(&example(2), &packing).unwrap();
        assert_eq!(trees.find(0, &key(2)), Some(&leaf));
        assert_eq!(trees.find(0, &key(1)), None);
        assert_eq!(leaf.patch.apply(&key(2)), key(3));
    }

    #[test]
    fn more_effects_than_have_numbers_are_refused() {
        let (packing, mut trees) = (packing(), DecisionTrees::<1> { most: 2, ..DecisionTrees::new(1) });
        trees.learn(&example(0), &packing).unwrap();
        trees.learn(&example(1), &packing).unwrap();
        let refused = trees.learn(&example(2), &packing).unwrap_err();
        assert!(refused.to_string().contains("more than 2 different things"), "{refused}");
    }
}
