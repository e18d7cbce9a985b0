//! What steps do, remembered: for each step a tree of decisions over the slots that it reads, those with few contents first.
//! A transition is a walk down that tree.

use rustc_hash::FxHashMap;

use super::packing::{Key, Packing, Patch};
use super::shared_effects::{Example, SharedEffects};

/// The trees of all steps, each in one variant for each way in which time passes.
#[derive(Debug, Default)]
pub(super) struct DecisionTrees<const W: usize> {
    nodes: Vec<Branch>,
    below: Vec<u32>,
    leaves: Vec<Leaf<W>>,
    known: FxHashMap<Leaf<W>, u32>,
    roots: Vec<u32>,
    /// How much of what all workers learned is in here.
    seen: usize,
}

/// Where a tree looks at a slot: what lies below for each number that the slot may hold.
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

/// What a step does to states that end here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Leaf<const W: usize> {
    /// What it changes.
    pub(super) patch: Patch<W>,
    /// Whether it fails.
    pub(super) failed: bool,
    /// Whether objects may be left that nothing refers to.
    pub(super) dropped: bool,
}

/// Nothing is known yet.
const UNKNOWN: u32 = 0;
/// The rest of the entry is a leaf.
const LEAF: u32 = 1 << 31;

impl<const W: usize> DecisionTrees<W> {
    /// Empty trees for so many steps and variants.
    pub(super) fn new(roots: usize) -> Self {
        // Number 0 of nodes and leaves is never used: an entry of 0 means that nothing is known.
        Self {
            nodes: vec![Branch { word: 0, shift: 0, mask: 0, place: 0, start: 0 }],
            below: Vec::new(),
            leaves: Vec::new(),
            known: FxHashMap::default(),
            roots: vec![UNKNOWN; roots],
            seen: 0,
        }
    }

    /// What the step does to this state, where that is known.
    #[inline]
    pub(super) fn find(&self, root: usize, key: &Key<W>) -> Option<&Leaf<W>> {
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
            at = self.below[branch.start as usize + usize::try_from(number).unwrap_or(usize::MAX)];
        }
    }

    /// Takes over what workers learned since this was done last; whether that was anything.
    pub(super) fn catch_up(&mut self, learned: &SharedEffects, packing: &Packing) -> bool {
        let new = learned.since(packing.places(), self.seen);
        for example in new {
            self.learn(example, packing);
        }
        self.seen += new.len();
        !new.is_empty()
    }

    /// Remembers what a step does to states that hold what this one does in the slots that it reads. The way down goes
    /// through what the tree asks already, whether this step reads it or not, and then through what is left of the reads.
    pub(super) fn learn(&mut self, example: &Example, packing: &Packing) -> Leaf<W> {
        let Example { root, numbers, effect } = example;
        let patch = packing.patch(&effect.writes);
        let leaf = Leaf { patch, failed: effect.failed, dropped: effect.dropped };
        let mut left = effect.reads.clone();
        left.sort_by_key(|&place| std::cmp::Reverse(packing.field(place).bits));
        let mut at = None;
        loop {
            let mut node = self.entry(*root, at);
            if node & LEAF != 0 {
                return leaf;
            }
            if node == UNKNOWN {
                let Some(place) = left.pop() else { break };
                node = self.branch(packing, place);
                self.set(*root, at, node);
            }
            let branch = self.nodes[node as usize];
            left.retain(|&place| place != branch.place as usize);
            at = Some(branch.start as usize + numbers[branch.place as usize] as usize);
        }
        let next = u32::try_from(self.leaves.len()).unwrap_or(LEAF - 1);
        let number = *self.known.entry(leaf).or_insert(next);
        if number == next {
            self.leaves.push(leaf);
        }
        self.set(*root, at, LEAF | number);
        leaf
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

    fn branch(&mut self, packing: &Packing, place: usize) -> u32 {
        let field = packing.field(place);
        let place_number = u32::try_from(place).unwrap_or(u32::MAX);
        let start = u32::try_from(self.below.len()).unwrap_or(u32::MAX);
        let node = u32::try_from(self.nodes.len()).unwrap_or(LEAF - 1);
        self.below.resize(self.below.len() + (1 << field.bits), UNKNOWN);
        self.nodes.push(Branch {
            word: field.word,
            shift: field.shift,
            mask: field.mask(),
            place: place_number,
            start,
        });
        node
    }
}
