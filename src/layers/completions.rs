//! The number of ways to complete an ordering, which depends only on the steps left.

use rustc_hash::FxHashMap;

use crate::ordering::Shape;
use crate::scenario::Permute;

/// The number of remembered counts: beyond it there are too many states to wait for.
const LIMIT: usize = 20_000_000;

/// Up to this many progresses are stored in an array.
const ROW: u128 = 1 << 18;

/// The numbers of completions, remembered by progress.
#[derive(Debug)]
pub(super) struct Completions<'a> {
    shape: &'a Shape,
    strides: Vec<u128>,
    /// By index, if there are few progresses; zero if not counted yet.
    row: Vec<u128>,
    known: FxHashMap<u128, u128>,
}

impl<'a> Completions<'a> {
    /// Returns `None` if there are more progresses than 128 bits can number.
    pub(super) fn new(shape: &'a Shape) -> Option<Self> {
        let mut strides = Vec::with_capacity(shape.tests());
        let mut stride: u128 = 1;
        for &length in &shape.lengths {
            strides.push(stride);
            stride = stride.checked_mul(length as u128 + 1)?;
        }
        let row = if stride <= ROW { stride } else { 0 };
        let row = usize::try_from(row).expect("a row is short");
        Some(Self { shape, strides, row: vec![0; row], known: FxHashMap::default() })
    }

    /// The part of one test in the index of a progress, which is the sum of all parts.
    pub(super) fn index(&self, test: usize, done: usize) -> u128 {
        self.strides[test] * done as u128
    }

    /// The number of orderings that begin with this progress, or `None` if 128 bits cannot hold it, or it takes
    /// too much to count.
    pub(super) fn from(&mut self, done: &mut [usize]) -> Option<u128> {
        let index = (0..done.len()).map(|test| self.index(test, done[test])).sum();
        self.known(index).or_else(|| self.counted(index, done))
    }

    /// The remembered count for the progress with this index.
    #[inline]
    pub(super) fn known(&self, index: u128) -> Option<u128> {
        if self.row.is_empty() {
            return self.known.get(&index).copied();
        }
        self.row.get(usize::try_from(index).ok()?).copied().filter(|&ways| ways != 0)
    }

    fn counted(&mut self, index: u128, done: &mut [usize]) -> Option<u128> {
        if self.known.len() >= LIMIT {
            return None;
        }
        let ways = if self.shape.after.iter().all(Vec::is_empty) {
            self.without_after(done)?
        } else {
            self.by_next_step(done)?
        };
        match usize::try_from(index).ok().and_then(|index| self.row.get_mut(index)) {
            Some(known) => *known = ways,
            None => {
                self.known.insert(index, ways);
            }
        }
        Some(ways)
    }

    fn by_next_step(&mut self, done: &mut [usize]) -> Option<u128> {
        let tests: Vec<usize> = next(self.shape, done).collect();
        let mut ways = u128::from(tests.is_empty());
        for test in tests {
            done[test] += 1;
            let on = self.from(done);
            done[test] -= 1;
            ways = ways.checked_add(on?)?;
        }
        Some(ways)
    }

    /// For tests without `after`: k! if whole tests are permuted, else (sum of steps left)! / product of (steps
    /// left!), as a product of binomial coefficients.
    fn without_after(&self, done: &[usize]) -> Option<u128> {
        let lengths = &self.shape.lengths;
        if self.shape.permute == Permute::Tests {
            let untouched = (0..done.len()).filter(|&test| done[test] == 0 && lengths[test] > 0).count();
            return (1..=untouched as u128).try_fold(1_u128, u128::checked_mul);
        }
        let (mut ways, mut steps) = (1_u128, 0_u128);
        for (&length, &done) in lengths.iter().zip(done) {
            for step in 1..=(length - done) as u128 {
                steps += 1;
                ways = times_ratio(ways, steps, step)?;
            }
        }
        Some(ways)
    }
}

/// `ways * up / down`, which is whole. Reduced first, so that no intermediate result grows larger than necessary.
fn times_ratio(ways: u128, up: u128, down: u128) -> Option<u128> {
    let common = divisor(ways, down);
    let (ways, down) = (ways / common, down / common);
    ways.checked_mul(up / down)
}

fn divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// The tests whose step may be next: [`Shape::next`] for a progress that is a plain slice.
pub(super) fn next<'a>(shape: &'a Shape, done: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let complete = |test: usize| done[test] == shape.lengths[test];
    let busy = (shape.permute == Permute::Tests)
        .then(|| (0..done.len()).find(|&test| done[test] > 0 && !complete(test)))
        .flatten();
    let free = move |test: usize| {
        done[test] < shape.lengths[test]
            && shape.after[test].iter().all(|&other| done[other] == shape.lengths[other])
    };
    busy.map_or(0..done.len(), |test| test..test + 1).filter(move |&test| free(test))
}
