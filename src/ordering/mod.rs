//! Orderings as words of test names: the set of words, the progress within one, and the possible next letters.
//! `count` counts them, `sample` draws them at random, `rows` covers all ordered pairs.

mod count;
mod rows;
mod sample;

pub use count::{Counter, CounterError};
pub use rows::{covering_orders, row, rows};
pub use sample::Sampler;

use crate::scenario::{Permute, Scenario};

/// The part of a scenario that decides its orderings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The number of steps of each test.
    pub lengths: Vec<usize>,
    /// For each test the tests that must be complete before it starts.
    pub after: Vec<Vec<usize>>,
    /// Whether steps or whole tests are permuted.
    pub permute: Permute,
}

/// The number of finished steps of each test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StepsDone(Box<[u16]>);

/// Why a word is not an ordering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderingError {
    /// A letter whose test has no step left, or must wait for another.
    #[error("`{test}` at place {place} is {reason}")]
    Misplaced {
        /// The test.
        test: String,
        /// The letter's place, from 1.
        place: usize,
        /// Why.
        reason: String,
    },
    /// The word ends while a test still has steps.
    #[error(
        "`{test}` appears {missing} time{} too few: with permute = \"steps\", name a test once per step",
        if *.missing == 1 { "" } else { "s" }
    )]
    Short {
        /// The test.
        test: String,
        /// The number of missing letters.
        missing: usize,
    },
}

impl Shape {
    /// The shape of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            lengths: scenario.tests.iter().map(|test| test.steps.len()).collect(),
            after: scenario.tests.iter().map(|test| test.after.clone()).collect(),
            permute: scenario.permute,
        }
    }

    /// The number of tests.
    pub fn tests(&self) -> usize {
        self.lengths.len()
    }

    /// The number of letters of a test in a word.
    pub fn letters(&self, test: usize) -> usize {
        match self.permute {
            Permute::Tests => 1,
            Permute::Steps => self.lengths[test],
        }
    }

    /// No step is finished yet.
    pub fn start(&self) -> StepsDone {
        StepsDone(vec![0; self.tests()].into())
    }

    /// Whether all steps of the test are finished.
    pub fn is_complete(&self, progress: &StepsDone, test: usize) -> bool {
        progress.done(test) == self.lengths[test]
    }

    /// The tests whose step may be next.
    pub fn next<'a>(&'a self, progress: &'a StepsDone) -> impl Iterator<Item = usize> + 'a {
        let busy = (self.permute == Permute::Tests)
            .then(|| {
                (0..self.tests()).find(|&test| progress.done(test) > 0 && !self.is_complete(progress, test))
            })
            .flatten();
        let free = move |test: usize| {
            !self.is_complete(progress, test)
                && self.after[test].iter().all(|&other| self.is_complete(progress, other))
        };
        let tests = busy.map_or(0..self.tests(), |test| test..test + 1);
        tests.filter(move |&test| free(test))
    }

    /// The number of steps left.
    pub fn steps_left(&self, progress: &StepsDone) -> usize {
        (0..self.tests()).map(|test| self.lengths[test] - progress.done(test)).sum()
    }

    /// The test of each step of an ordering, one entry per step.
    pub fn steps_of(&self, word: &[usize]) -> Vec<usize> {
        match self.permute {
            Permute::Steps => word.to_vec(),
            Permute::Tests => {
                word.iter().flat_map(|&test| std::iter::repeat_n(test, self.lengths[test])).collect()
            }
        }
    }

    /// A lower bound for the number of states of any exploration: the number of partial orders if there is no
    /// `after`, else one, since counting them would cost as much as exploring them.
    pub fn states_at_least(&self) -> u64 {
        if self.after.iter().any(|after| !after.is_empty()) {
            return 1;
        }
        let letters = (0..self.tests()).map(|test| self.letters(test) as u64 + 1);
        letters.fold(1, u64::saturating_mul)
    }

    /// Every ordering of these tests (which include all their prerequisites), letter by letter in the order of
    /// the file.
    pub fn words_of(&self, scope: &[usize]) -> impl Iterator<Item = Vec<usize>> + use<> {
        let mut words = Vec::new();
        let mut word = Vec::new();
        let mut path = vec![(self.start(), self.letters_after(&self.start(), scope))];
        if path[0].1.is_empty() {
            words.push(Vec::new());
        }
        while let Some((progress, letters)) = path.last_mut() {
            let Some(test) = letters.pop() else {
                path.pop();
                word.pop();
                continue;
            };
            let mut after = progress.clone();
            (0..self.lengths[test] / self.letters(test)).for_each(|_| after.step(test));
            word.push(test);
            let next = self.letters_after(&after, scope);
            if next.is_empty() {
                words.push(word.clone());
                word.pop();
            } else {
                path.push((after, next));
            }
        }
        words.into_iter()
    }

    /// The letters that may be next, the first one last.
    fn letters_after(&self, progress: &StepsDone, scope: &[usize]) -> Vec<usize> {
        let mut next: Vec<usize> = self.next(progress).filter(|test| scope.contains(test)).collect();
        next.reverse();
        next
    }

    /// The word of an ordering, from the test of each step.
    pub fn word_from(&self, steps: &[usize]) -> Vec<usize> {
        let mut word = Vec::new();
        let mut at = 0;
        while let Some(&test) = steps.get(at) {
            word.push(test);
            at += if self.permute == Permute::Tests { self.lengths[test] } else { 1 };
        }
        word
    }

    /// The word of an ordering that performs these tests one after the other.
    pub fn word_of(&self, tests: &[usize]) -> Vec<usize> {
        tests.iter().flat_map(|&test| std::iter::repeat_n(test, self.letters(test))).collect()
    }

    /// Checks that `word` is an ordering of exactly the tests that occur in it and their prerequisites.
    ///
    /// # Errors
    /// Returns the first problem.
    pub fn check(&self, word: &[usize], names: &[&str]) -> Result<(), OrderingError> {
        let mut progress = self.start();
        for (at, &test) in word.iter().enumerate() {
            let steps = if self.permute == Permute::Tests { self.lengths[test] } else { 1 };
            let misplaced =
                |reason| OrderingError::Misplaced { test: names[test].to_owned(), place: at + 1, reason };
            if self.is_complete(&progress, test) {
                return Err(misplaced(match self.permute {
                    Permute::Tests => {
                        "one too many: with permute = \"tests\", name each test once".to_owned()
                    }
                    Permute::Steps => match self.letters(test) {
                        1 => "one too many: it has 1 step".to_owned(),
                        steps => format!("one too many: it has {steps} steps"),
                    },
                }));
            }
            if let Some(&other) = self.after[test].iter().find(|&&other| !self.is_complete(&progress, other))
            {
                return Err(misplaced(format!(
                    "too early: it must come after `{}`, which is not complete there",
                    names[other]
                )));
            }
            (0..steps).for_each(|_| progress.step(test));
        }
        let unfinished =
            (0..self.tests()).find(|&test| progress.done(test) > 0 && !self.is_complete(&progress, test));
        unfinished.map_or(Ok(()), |test| {
            Err(OrderingError::Short {
                test: names[test].to_owned(),
                missing: self.lengths[test] - progress.done(test),
            })
        })
    }
}

impl StepsDone {
    /// The number of finished steps of this test.
    pub fn done(&self, test: usize) -> usize {
        usize::from(self.0[test])
    }

    /// The number of finished steps, by test.
    pub fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(|&done| usize::from(done))
    }

    /// Finishes one step of this test.
    pub fn step(&mut self, test: usize) {
        self.0[test] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn shape(lengths: &[usize], permute: Permute) -> Shape {
        Shape { lengths: lengths.to_vec(), after: vec![Vec::new(); lengths.len()], permute }
    }

    #[test]
    fn a_word_must_be_complete_and_in_turn() {
        let mut two = shape(&[2, 2], Permute::Steps);
        let names = ["first", "second"];
        assert_eq!(two.check(&[0, 1, 0, 1], &names), Ok(()));
        assert_eq!(two.check(&[1, 1], &names), Ok(()), "an ordering of one of the tests");
        assert!(two.check(&[0, 0, 0, 1], &names).unwrap_err().to_string().contains("place 3"));
        assert!(two.check(&[0, 0, 1], &names).unwrap_err().to_string().contains("1 time too few"));
        two.after[1] = vec![0];
        assert!(two.check(&[0, 1, 0, 1], &names).unwrap_err().to_string().contains("after `first`"));
    }

    #[test]
    fn a_started_test_goes_on_when_whole_tests_change_places() {
        let two = shape(&[2, 2], Permute::Tests);
        let mut progress = two.start();
        assert_eq!(two.next(&progress).collect::<Vec<_>>(), [0, 1]);
        progress.step(1);
        assert_eq!(two.next(&progress).collect::<Vec<_>>(), [1]);
        progress.step(1);
        assert_eq!(two.next(&progress).collect::<Vec<_>>(), [0]);
    }
}
