//! Tables of states with the ways into each.

use std::collections::HashMap;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::error::LayersError;
use super::packing::PackedKey;

/// States with the ways into each.
pub(super) type StateTable<const W: usize, N> = HashMap<PackedKey<W>, Ways<N>, FxBuildHasher>;

/// The ways into a state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ways<N> {
    /// All ways.
    pub(super) all: N,
    /// The ways on which no test failed.
    pub(super) clean: N,
}

/// The type that ways are counted in: 64 bits if they can hold the number of all orderings, else 128.
pub(super) trait Number: Copy + Default + Send + Sync + Into<u128> + std::fmt::Debug {
    /// One.
    const ONE: Self;
    /// The sum, or `None` if it does not fit.
    fn plus(self, other: Self) -> Option<Self>;
}

impl Number for u64 {
    const ONE: Self = 1;

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

impl Number for u128 {
    const ONE: Self = 1;

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

/// The sum of two numbers of ways.
pub(super) fn sum<N: Number>(left: Ways<N>, right: Ways<N>) -> Result<Ways<N>, LayersError> {
    let all = left.all.plus(right.all).ok_or(LayersError::Overflow)?;
    let clean = left.clean.plus(right.clean).ok_or(LayersError::Overflow)?;
    Ok(Ways { all, clean })
}

/// Puts a state into a table.
#[inline]
pub(super) fn put<const W: usize, N: Number>(
    table: &mut StateTable<W, N>,
    key: PackedKey<W>,
    ways: Ways<N>,
) -> Result<(), LayersError> {
    let known = table.entry(key).or_default();
    *known = sum(*known, ways)?;
    Ok(())
}

/// The shard that a state belongs to.
pub(super) fn shard_of<const W: usize>(key: &PackedKey<W>, shards: usize) -> usize {
    if shards == 1 {
        return 0;
    }
    let hash = FxBuildHasher.hash_one(key);
    usize::try_from((hash >> 40) % shards as u64).expect("it is less than `shards`, which is a usize")
}
