//! In how many ways an ordering can go on: that depends on the steps left alone.

use rustc_hash::FxHashMap;

use crate::ordering::Shape;
use crate::scenario::Permute;

/// Counts that are remembered: past so many there are more states than anybody would wait for.
const LIMIT: usize = 20_000_000;

/// Progress of which there is no more than this is looked up in a row.
const ROW: u128 = 1 << 18;

/// Counts of ways on, remembered by progress.
#[derive(Debug)]
pub(super) struct Completions<'a> {
    shape: &'a Shape,
    strides: Vec<u128>,
    /// By index, where there is little progress to tell apart; zero where nobody asked yet.
    row: Vec<u128>,
    known: FxHashMap<u128, u128>,
}

impl<'a> Completions<'a> {
    /// None where there is more progress to tell apart than 128 bits can.
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

    /// The number of a test's progress among all, of which that of a state is the sum.
    pub(super) fn index(&self, test: usize, done: usize) -> u128 {
        self.strides[test] * done as u128
    }

    /// Orderings that begin with this progress, or `None` if they are more than 128 bits can count, or take too much to
    /// count.
    pub(super) fn from(&mut self, done: &mut [usize]) -> Option<u128> {
        let index = (0..done.len()).map(|test| self.index(test, done[test])).sum();
        self.known(index).or_else(|| self.counted(index, done))
    }

    /// What was counted before for the progress of this number.
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

    /// Tests that wait for no other: k! where whole tests change places, else (sum of steps left)! / product of (steps
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

/// `ways * up / down`, which is whole; divided first as far as can be, so that nothing in between grows larger than it must.
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

/// The tests whose step may be the next one: [`Shape::next`] for progress that is a plain row.
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
