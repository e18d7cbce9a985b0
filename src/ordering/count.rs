//! How many orderings there are, exactly. Tests that no `after` ties together change places freely, so each such group is
//! counted alone and the groups are shuffled by a multinomial; within a group, ways on from how far it has got are
//! remembered.

use std::collections::HashMap;

use num_bigint::BigUint;

use super::Shape;

/// Ways that are remembered per group at most; beyond it counting is refused.
const REMEMBERED: usize = 2_000_000;

/// Counting was given up: the constraints leave too many ways to have got somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the orderings cannot be counted: `after` leaves more than {REMEMBERED} ways to be half done")]
pub struct Uncountable;

/// Counts the orderings of some of a scenario's tests.
#[derive(Debug)]
pub struct Counter {
    groups: Vec<Group>,
}

/// Tests tied together by `after`, and the ways on from each progress of theirs in letters.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) tests: Vec<usize>,
    letters: Vec<usize>,
    after: Vec<Vec<usize>>,
    ways: HashMap<Vec<u16>, BigUint>,
}

impl Counter {
    /// A counter for the orderings of these tests (which include all that they must come after).
    ///
    /// # Errors
    /// Where there are too many to count.
    pub fn new(shape: &Shape, tests: &[usize]) -> Result<Self, Uncountable> {
        let mut groups: Vec<_> =
            connected(shape, tests).into_iter().map(|tests| Group::new(shape, tests)).collect();
        for group in &mut groups {
            group.ways_on(&mut vec![0; group.tests.len()])?;
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

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }
}

impl Group {
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

    /// Ways on from here; all were counted when the counter was made.
    pub(super) fn ways(&self, done: &[u16]) -> BigUint {
        if self.tests.len() == 1 {
            return BigUint::from(1_u32);
        }
        self.ways.get(done).cloned().unwrap_or_default()
    }

    fn ways_on(&mut self, done: &mut Vec<u16>) -> Result<BigUint, Uncountable> {
        if self.tests.len() == 1 {
            return Ok(BigUint::from(1_u32));
        }
        if let Some(known) = self.ways.get(&*done) {
            return Ok(known.clone());
        }
        let next = self.next(done);
        let mut ways = BigUint::from(u32::from(next.is_empty()));
        for member in next {
            done[member] += 1;
            ways += self.ways_on(done)?;
            done[member] -= 1;
        }
        if self.ways.len() >= REMEMBERED {
            return Err(Uncountable);
        }
        self.ways.insert(done.clone(), ways.clone());
        Ok(ways)
    }
}

/// The groups of tests that `after` ties together, each in the order of the file.
fn connected(shape: &Shape, tests: &[usize]) -> Vec<Vec<usize>> {
    let mut group_of: HashMap<usize, usize> = tests.iter().map(|&test| (test, test)).collect();
    for &test in tests {
        for other in &shape.after[test] {
            let (Some(&mine), Some(&theirs)) = (group_of.get(&test), group_of.get(other)) else {
                continue;
            };
            group_of.values_mut().filter(|group| **group == theirs).for_each(|group| *group = mine);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &test in tests {
        match groups.iter_mut().find(|group| group_of[&group[0]] == group_of[&test]) {
            Some(group) => group.push(test),
            None => groups.push(vec![test]),
        }
    }
    groups
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
