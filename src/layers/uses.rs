//! The distinct effects of a count, and where each of them is used first.

use rustc_hash::FxHashMap;

use super::effect::Effect;

/// What makes an effect: the step, how time passes, and the contents that it read and that somebody had put there. What a step
/// reads next depends on what it has read before, so one step with the same contents reads the same.
type EffectKey = (usize, Box<[(usize, u32)]>);

/// The distinct effects so far, each with a number.
#[derive(Debug, Default)]
pub(super) struct DistinctEffects {
    numbers: FxHashMap<EffectKey, u32>,
    pub(super) uses: FirstUses,
}

impl DistinctEffects {
    /// The number of the effect that a step has in a state.
    pub(super) fn number(&mut self, root: usize, state: &[u32], effect: &Effect) -> u32 {
        let number = |&place: &usize| (place, state.get(place).copied().unwrap_or(0));
        let mut reads: Vec<_> = effect.reads.iter().map(number).filter(|&(_, number)| number != 0).collect();
        reads.sort_unstable();
        let next = u32::try_from(self.numbers.len()).expect("each takes some hundred bytes");
        *self.numbers.entry((root, reads.into())).or_insert(next)
    }
}

/// For each effect where it is used first: the number of steps up to it, and the first ordering that begins so.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstUses {
    /// Apart from the orderings, because every step of a count looks here, and few look there.
    steps: Vec<usize>,
    words: Vec<u128>,
}

/// The number of steps of an effect that is not used.
const UNUSED: usize = usize::MAX;

impl FirstUses {
    /// Whether an effect that is used in the last of so many steps is not used in fewer.
    #[inline]
    pub(super) fn may_be_first(&self, effect: u32, steps: usize) -> bool {
        self.steps.get(effect as usize).is_none_or(|&first| steps <= first)
    }

    /// Records that an effect is used in the last of so many steps.
    pub(super) fn record(&mut self, effect: u32, steps: usize, word: u128) {
        let at = effect as usize;
        if at >= self.steps.len() {
            self.steps.resize(at + 1, UNUSED);
            self.words.resize(at + 1, 0);
        }
        if (steps, word) < (self.steps[at], self.words[at]) {
            (self.steps[at], self.words[at]) = (steps, word);
        }
    }

    /// Records all uses that another worker met.
    pub(super) fn join(&mut self, other: &Self) {
        for (effect, steps, word) in other.used() {
            self.record(effect, steps, word);
        }
    }

    /// The effects that are used, in the order of their first uses: number, steps, word.
    pub(super) fn in_order(&self) -> Vec<(u32, usize, u128)> {
        let mut used: Vec<_> = self.used().collect();
        used.sort_unstable_by_key(|&(_, steps, word)| (steps, word));
        used
    }

    fn used(&self) -> impl Iterator<Item = (u32, usize, u128)> {
        let firsts = (0..).zip(self.steps.iter().zip(&self.words));
        firsts
            .filter(|(_, (steps, _))| **steps != UNUSED)
            .map(|(effect, (steps, word))| (effect, *steps, *word))
    }
}
