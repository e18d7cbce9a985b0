//! What a count keeps of the ways into a state beside their number: nothing, or the first of them by letters.

use crate::ordering::Shape;

/// What is kept of the ways into a state.
pub(super) trait Trail: Copy + Default + Send + Sync + std::fmt::Debug {
    /// Whether a way is kept.
    const IS_KEPT: bool;
    /// The same ways after a step of this test, of so many tests.
    #[must_use = "the trail itself stays as it is"]
    fn then(self, test: usize, tests: usize) -> Self;
    /// What is kept of the ways of two trails of one length.
    #[must_use = "the trail itself stays as it is"]
    fn first(self, other: Self) -> Self;
    /// The first way and then a step of this test, of so many tests; 0 if no way is kept.
    fn word_after(self, test: usize, tests: usize) -> u128;
}

impl Trail for () {
    const IS_KEPT: bool = false;

    #[inline]
    fn then(self, _: usize, _: usize) -> Self {}

    #[inline]
    fn first(self, (): Self) -> Self {}

    #[inline]
    fn word_after(self, _: usize, _: usize) -> u128 {
        0
    }
}

/// The first way: the test of each step as a digit, so that of two ways of one length the first by letters is the lesser number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FirstWay<D>(D);

/// Numbers that hold the digits of a way.
macro_rules! digits {
    ($($number:ty),+) => {
        $(impl Trail for FirstWay<$number> {
            const IS_KEPT: bool = true;

            #[inline]
            fn then(self, test: usize, tests: usize) -> Self {
                Self(self.0 * tests as $number + test as $number)
            }

            #[inline]
            fn first(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }

            #[inline]
            fn word_after(self, test: usize, tests: usize) -> u128 {
                u128::from(self.0) * tests as u128 + test as u128
            }
        })+
    };
}

digits!(u64, u128);

/// Whether 128 bits can hold every ordering of a shape.
pub(super) fn can_hold(shape: &Shape) -> bool {
    let (tests, steps) = size(shape);
    steps.is_some_and(|steps| tests.checked_pow(steps).is_some())
}

/// Whether 64 bits can hold every ordering of a shape but for its last step: the states after that are not kept.
pub(super) fn can_hold_in_half(shape: &Shape) -> bool {
    let (tests, steps) = size(shape);
    let most = steps.and_then(|steps| tests.checked_pow(steps.saturating_sub(1)));
    most.is_some_and(|most| u64::try_from(most).is_ok())
}

fn size(shape: &Shape) -> (u128, Option<u32>) {
    (shape.tests() as u128, u32::try_from(shape.lengths.iter().sum::<usize>()).ok())
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
    use crate::scenario::Permute;

    #[test]
    fn of_two_ways_the_first_by_letters_is_kept() {
        fn first<D>()
        where
            FirstWay<D>: Trail,
        {
            let along =
                |steps: &[usize]| steps.iter().fold(FirstWay::<D>::default(), |way, &test| way.then(test, 3));
            let first = along(&[0, 2, 1, 1]).first(along(&[0, 1, 2, 2]));
            assert_eq!(steps_of(first.word_after(2, 3), 5, 3), [0, 1, 2, 2, 2]);
        }
        first::<u64>();
        first::<u128>();
    }

    #[test]
    fn half_is_enough_where_all_but_the_last_step_fit() {
        let shape = |tests, length| Shape {
            lengths: vec![length; tests],
            after: vec![Vec::new(); tests],
            permute: Permute::Steps,
        };
        // 10 to the 19th is less than 2 to the 64th, and 10 to the 20th is more.
        assert!(can_hold_in_half(&shape(10, 2)) && can_hold(&shape(10, 2)));
        assert!(!can_hold_in_half(&shape(11, 2)) && can_hold(&shape(11, 2)));
    }
}
