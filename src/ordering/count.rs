//! Counts the orderings, exactly. Groups of tests that are not connected by `after` interleave freely, so each
//! group is counted alone, and a multinomial gives the number of ways to shuffle the groups. Within a group the
//! counter remembers, for each partial order (the progress of each test), the number of completions from there.
//!
//! An example: `b` must come after `a`, and `c` is free, one step each. The groups are {a, b} with 1 ordering and {c} with 1, and
//! (2 + 1)! / (2! · 1!) = 3 shuffles: `abc`, `acb`, `cab`.

use std::collections::HashMap;

use num_bigint::BigUint;

use super::Shape;

/// The memory for a group's remembered counts, in bytes; beyond it counting is refused.
const MEMORY: usize = 200_000_000;

/// Counting was given up: the constraints allow too many partial orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many orderings to count: `after` allows more than {partial_orders} partial orders")]
pub struct CounterError {
    /// The number of partial orders counted until then.
    pub partial_orders: usize,
}

/// Counts the orderings of some of a scenario's tests.
#[derive(Debug)]
pub struct Counter {
    groups: Vec<RelatedTests>,
}

/// Tests connected by `after`, and the number of completions for each of their progresses in letters.
#[derive(Debug)]
pub(super) struct RelatedTests {
    pub(super) tests: Vec<usize>,
    letters: Vec<usize>,
    after: Vec<Vec<usize>>,
    ways: HashMap<Vec<u16>, BigUint>,
}

impl Counter {
    /// A counter for the orderings of these tests (which include all their prerequisites).
    ///
    /// # Errors
    /// Returns an error if there are too many to count.
    pub fn new(shape: &Shape, tests: &[usize]) -> Result<Self, CounterError> {
        let mut groups: Vec<_> =
            connected(shape, tests).into_iter().map(|tests| RelatedTests::new(shape, tests)).collect();
        for group in &mut groups {
            group.count()?;
        }
        Ok(Self { groups })
    }

    /// All orderings.
    pub fn total(&self) -> BigUint {
        let mut total = BigUint::from(1_u32);
        let mut placed = 0;
        for group in &self.groups {
            let length = group.length();
            placed += length;
            total *= binomial(placed, length) * group.ways(&vec![0; group.tests.len()]);
        }
        total
    }

    pub(super) fn groups(&self) -> &[RelatedTests] {
        &self.groups
    }
}

impl RelatedTests {
    fn new(shape: &Shape, tests: Vec<usize>) -> Self {
        let local = |test: &usize| tests.iter().position(|other| other == test);
        let after = tests.iter().map(|&test| shape.after[test].iter().filter_map(local).collect()).collect();
        let letters = tests.iter().map(|&test| shape.letters(test)).collect();
        Self { tests, letters, after, ways: HashMap::new() }
    }

    pub(super) fn length(&self) -> usize {
        self.letters.iter().sum()
    }

    /// The members (by their place in the group) that may come next.
    pub(super) fn next(&self, done: &[u16]) -> Vec<usize> {
        let complete = |&member: &usize| usize::from(done[member]) == self.letters[member];
        (0..self.tests.len())
            .filter(|member| !complete(member) && self.after[*member].iter().all(&complete))
            .collect()
    }

    /// The number of completions from here; all were counted when the counter was made.
    pub(super) fn ways(&self, done: &[u16]) -> BigUint {
        if self.tests.len() == 1 {
            return BigUint::from(1_u32);
        }
        self.ways.get(done).cloned().unwrap_or_default()
    }

    /// Counts and remembers the completions from the start, and from every progress that it leads to.
    fn count(&mut self) -> Result<(), CounterError> {
        if self.tests.len() == 1 {
            return Ok(());
        }
        let mut room = MEMORY;
        let mut left = vec![vec![0_u16; self.tests.len()]];
        while let Some(done) = left.last() {
            let next: Vec<Vec<u16>> =
                self.next(done).into_iter().map(|member| one_more(done, member)).collect();
            let before = left.len();
            if !self.ways.contains_key(&left[before - 1]) {
                left.extend(next.iter().filter(|next| !self.ways.contains_key(*next)).cloned());
            }
            if left.len() > before {
                continue;
            }
            let Some(done) = left.pop() else { break };
            let ways = next.iter().map(|next| &self.ways[next]).sum::<BigUint>() + u32::from(next.is_empty());
            let digits =
                usize::try_from(ways.bits() / 8).expect("a number in memory has an address for each byte");
            let size = 64 + 2 * done.len() + digits;
            let partial_orders = self.ways.len();
            room = room.checked_sub(size).ok_or(CounterError { partial_orders })?;
            self.ways.insert(done, ways);
        }
        Ok(())
    }
}

/// The progress after one more letter of a member.
fn one_more(done: &[u16], member: usize) -> Vec<u16> {
    let mut next = done.to_vec();
    next[member] += 1;
    next
}

/// The groups of tests that `after` connects, each in the order of the file.
fn connected(shape: &Shape, tests: &[usize]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..shape.tests()).collect();
    let mut within = vec![false; shape.tests()];
    tests.iter().for_each(|&test| within[test] = true);
    for &test in tests {
        for &other in shape.after[test].iter().filter(|&&other| within[other]) {
            let (mine, theirs) = (leader_of(&mut leader, test), leader_of(&mut leader, other));
            leader[theirs] = mine;
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    for &test in tests {
        let place = *group_of.entry(leader_of(&mut leader, test)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(test);
    }
    groups
}

/// The representative of a test's group; paths to it are shortened on the way.
fn leader_of(leader: &mut [usize], mut test: usize) -> usize {
    while leader[test] != test {
        leader[test] = leader[leader[test]];
        test = leader[test];
    }
    test
}

fn binomial(n: usize, k: usize) -> BigUint {
    let k = k.min(n - k);
    (0..k).fold(BigUint::from(1_u32), |product, i| product * (n - i) / (i + 1))
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape;
    use super::*;
    use crate::scenario::Permute;

    fn total(shape: &Shape) -> String {
        Counter::new(shape, &(0..shape.tests()).collect::<Vec<_>>()).unwrap().total().to_string()
    }

    #[test]
    fn counts_are_multinomials_and_factorials() {
        assert_eq!(total(&shape(&[2, 2, 2], Permute::Steps)), "90");
        assert_eq!(total(&shape(&[2; 5], Permute::Steps)), "113400");
        assert_eq!(total(&shape(&[2; 8], Permute::Steps)), "81729648000");
        assert_eq!(total(&shape(&[7; 5], Permute::Tests)), "120");
        assert!(total(&shape(&[1; 500], Permute::Tests)).len() > 1000, "500! has 1,135 digits");
    }

    #[test]
    fn after_takes_orderings_away() {
        let mut three = shape(&[2, 2, 2], Permute::Steps);
        three.after[2] = vec![0];
        assert_eq!(total(&three), "15", "0 before 2 leaves one word of four letters, and 1 shuffled in");
        three.after[1] = vec![2];
        assert_eq!(total(&three), "1");
        let mut four = shape(&[1; 4], Permute::Tests);
        four.after[3] = vec![0, 1, 2];
        assert_eq!(total(&four), "6");
    }
}
