//! What a count keeps of the ways into a state beside their number: nothing, or the first of them by letters.

use crate::ordering::Shape;

/// What is kept of the ways into a state.
pub(super) trait Trail: Copy + Default + Send + Sync + std::fmt::Debug {
    /// The same ways after a step of this test, of so many tests.
    #[must_use = "the trail itself stays as it is"]
    fn then(self, test: usize, tests: usize) -> Self;
    /// What is kept of the ways of two trails of one length.
    #[must_use = "the trail itself stays as it is"]
    fn first(self, other: Self) -> Self;
    /// The first way, or `None` if no way is kept.
    fn word(self) -> Option<u128>;
}

impl Trail for () {
    #[inline]
    fn then(self, _: usize, _: usize) -> Self {}

    #[inline]
    fn first(self, (): Self) -> Self {}

    #[inline]
    fn word(self) -> Option<u128> {
        None
    }
}

/// The first way: the test of each step as a digit, so that of two ways of one length the first by letters is the lesser number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FirstWay(u128);

impl Trail for FirstWay {
    #[inline]
    fn then(self, test: usize, tests: usize) -> Self {
        Self(self.0 * tests as u128 + test as u128)
    }

    #[inline]
    fn first(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    #[inline]
    fn word(self) -> Option<u128> {
        Some(self.0)
    }
}

/// Whether 128 bits can hold every ordering of a shape.
pub(super) fn can_hold(shape: &Shape) -> bool {
    let tests = shape.tests() as u128;
    let steps: usize = shape.lengths.iter().sum();
    u32::try_from(steps).is_ok_and(|steps| tests.checked_pow(steps).is_some())
}

/// The test of each of so many steps.
pub(super) fn steps_of(mut word: u128, steps: usize, tests: usize) -> Vec<usize> {
    let mut found: Vec<usize> = (0..steps)
        .map(|_| {
            let test = word % tests as u128;
            word /= tests as u128;
            usize::try_from(test).expect("it is less than the number of tests")
        })
        .collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_ways_the_first_by_letters_is_kept() {
        let along = |steps: &[usize]| steps.iter().fold(FirstWay::default(), |way, &test| way.then(test, 3));
        let first = along(&[0, 2, 1, 1]).first(along(&[0, 1, 2, 2]));
        assert_eq!(steps_of(first.word().unwrap(), 4, 3), [0, 1, 2, 2]);
    }
}
