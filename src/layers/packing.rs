//! States as rows of bits: each slot has the bits that its contents need.

use std::hash::{Hash, Hasher};

use super::slots::Slots;

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedKey<const W: usize>(pub(super) [u64; W]);

impl<const W: usize> Hash for PackedKey<W> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for word in self.0 {
            state.write_u64(word);
        }
    }
}

/// The position of a slot in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedField {
    pub(super) word: u32,
    pub(super) shift: u32,
    pub(super) bits: u32,
}

impl PackedField {
    pub(super) fn mask(self) -> u64 {
        (1 << self.bits) - 1
    }
}

/// The position of each slot in a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Packing {
    fields: Vec<PackedField>,
    words: usize,
}

/// Changes to a key: the bits to clear, and the bits to set afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Patch<const W: usize> {
    clear: [u64; W],
    set: [u64; W],
}

impl Packing {
    /// A packing with room for all contents found so far, and some more.
    pub(super) fn of(slots: &Slots) -> Self {
        let mut packing = Self::default();
        let (mut word, mut used) = (0, 0);
        for place in 0..slots.len() {
            let bits = bits_for(slots.count(place));
            if used + bits > u64::BITS {
                word += 1;
                used = 0;
            }
            packing.fields.push(PackedField { word, shift: used, bits });
            used += bits;
        }
        packing.words = word as usize + 1;
        packing
    }

    /// The number of words of a key.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// The number of slots.
    pub(super) fn places(&self) -> usize {
        self.fields.len()
    }

    pub(super) fn field(&self, place: usize) -> PackedField {
        self.fields[place]
    }

    /// Whether all contents found so far fit.
    pub(super) fn fits(&self, slots: &Slots) -> bool {
        self.fields.len() == slots.len()
            && (0..slots.len()).all(|place| slots.count(place) <= 1 << self.fields[place].bits)
    }

    /// The key for these numbers.
    pub(super) fn pack<const W: usize>(&self, numbers: &[u32]) -> PackedKey<W> {
        let mut key = [0; W];
        for (field, &number) in self.fields.iter().zip(numbers) {
            key[field.word as usize] |= u64::from(number) << field.shift;
        }
        PackedKey(key)
    }

    /// The numbers in a key.
    pub(super) fn unpack<const W: usize>(&self, key: &PackedKey<W>) -> Vec<u32> {
        (0..self.fields.len()).map(|place| self.number(key, place)).collect()
    }

    /// The number in a slot.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a field has at most 31 bits")]
    pub(super) fn number<const W: usize>(&self, key: &PackedKey<W>, place: usize) -> u32 {
        let field = self.fields[place];
        ((key.0[field.word as usize] >> field.shift) & field.mask()) as u32
    }

    /// The patch that puts these numbers into their slots.
    pub(super) fn patch<const W: usize>(&self, writes: &[(usize, u32)]) -> Patch<W> {
        let mut patch = Patch { clear: [0; W], set: [0; W] };
        for &(place, number) in writes {
            let field = self.fields[place];
            patch.clear[field.word as usize] |= field.mask() << field.shift;
            patch.set[field.word as usize] |= u64::from(number) << field.shift;
        }
        patch
    }
}

impl<const W: usize> Patch<W> {
    #[inline]
    pub(super) fn apply(&self, key: &PackedKey<W>) -> PackedKey<W> {
        let mut changed = key.0;
        for (word, (clear, set)) in changed.iter_mut().zip(self.clear.iter().zip(&self.set)) {
            *word = (*word & !clear) | set;
        }
        PackedKey(changed)
    }
}

/// The bits for `count` numbers. Slots with many contents are likely to get more, so they have one bit to spare.
fn bits_for(count: usize) -> u32 {
    const MANY: usize = 8;
    let bits = (usize::BITS - count.saturating_sub(1).leading_zeros()).max(1);
    if count < MANY { bits } else { bits + 1 }
}
