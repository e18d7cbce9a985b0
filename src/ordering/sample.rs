//! Random orderings, each equally likely: in a group connected by `after` every letter is drawn in proportion
//! to the completions behind it, and the groups are then shuffled.

use std::collections::VecDeque;

use num_bigint::BigUint;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::Counter;
use super::count::RelatedTests;

/// Draws orderings, uniformly, from one seed.
#[derive(Debug)]
pub struct Sampler<'a> {
    counter: &'a Counter,
    random: StdRng,
}

impl<'a> Sampler<'a> {
    /// A sampler of the orderings that `counter` counts. The same seed gives the same orderings.
    pub fn new(counter: &'a Counter, seed: u64) -> Self {
        Self { counter, random: StdRng::seed_from_u64(seed) }
    }

    /// One ordering.
    pub fn draw(&mut self) -> Vec<usize> {
        let groups = self.counter.groups();
        let mut words: Vec<VecDeque<usize>> =
            groups.iter().map(|group| draw_within(group, &mut self.random)).collect();
        let mut turns: Vec<usize> = groups
            .iter()
            .enumerate()
            .flat_map(|(at, group)| std::iter::repeat_n(at, group.length()))
            .collect();
        turns.shuffle(&mut self.random);
        turns.into_iter().filter_map(|group| words[group].pop_front()).collect()
    }
}

fn draw_within(group: &RelatedTests, random: &mut StdRng) -> VecDeque<usize> {
    let mut done = vec![0; group.tests.len()];
    let mut word = VecDeque::new();
    loop {
        let next = group.next(&done);
        let Some(&last) = next.last() else { return word };
        let ways: Vec<BigUint> =
            next.iter().map(|&member| with_one_more(&mut done, member, |done| group.ways(done))).collect();
        let mut ticket = below(&ways.iter().sum(), random);
        let mut chosen = last;
        for (member, ways) in next.into_iter().zip(ways) {
            if ticket < ways {
                chosen = member;
                break;
            }
            ticket -= ways;
        }
        done[chosen] += 1;
        word.push_back(group.tests[chosen]);
    }
}

fn with_one_more<T>(done: &mut [u16], member: usize, look: impl FnOnce(&[u16]) -> T) -> T {
    done[member] += 1;
    let seen = look(done);
    done[member] -= 1;
    seen
}

/// A number below `bound`, each equally likely: random bits, drawn again if they are too large.
fn below(bound: &BigUint, random: &mut StdRng) -> BigUint {
    let bits = bound.bits();
    let words = bits.div_ceil(32);
    loop {
        let digits = (0..words).map(|_| random.random::<u32>()).collect();
        let drawn = BigUint::new(digits) >> (words * 32 - bits);
        if drawn < *bound {
            return drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::tests::shape;
    use super::*;
    use crate::scenario::Permute;

    #[test]
    fn every_ordering_is_equally_likely() {
        let mut three = shape(&[2, 1, 1], Permute::Steps);
        three.after[2] = vec![1];
        let counter = Counter::new(&three, &[0, 1, 2]).unwrap();
        let mut sampler = Sampler::new(&counter, 7);
        let mut seen: HashMap<Vec<usize>, u32> = HashMap::new();
        for _ in 0..6_000 {
            *seen.entry(sampler.draw()).or_default() += 1;
        }
        assert_eq!(counter.total(), BigUint::from(seen.len()));
        assert!(seen.values().all(|&count| (850..1150).contains(&count)), "{seen:?}");
    }
}
