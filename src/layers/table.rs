//! Tables of states with the ways into each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::error::LayersError;
use super::packing::PackedKey;
use super::trail::{FirstWay, Trail};

/// States with the ways into each.
pub(super) type StateTable<const W: usize, N> = HashMap<PackedKey<W>, Ways<N>, FxBuildHasher>;

/// The ways into a state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ways<N: Number> {
    /// All ways.
    pub(super) all: N,
    /// The ways on which no test failed.
    pub(super) clean: N,
    /// What is kept of them.
    pub(super) trail: N::Trail,
}

/// The type that ways are counted in: 64 bits if they can hold the number of all orderings, else 128.
pub(super) trait Number: Copy + Default + Send + Sync + Into<u128> + std::fmt::Debug {
    /// What is kept of the ways beside their number.
    type Trail: Trail;
    /// One.
    const ONE: Self;
    /// The sum, or `None` if it does not fit.
    fn plus(self, other: Self) -> Option<Self>;
}

impl Number for u64 {
    type Trail = ();
    const ONE: Self = 1;

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

impl Number for u128 {
    type Trail = ();
    const ONE: Self = 1;

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

/// A number of ways that keeps the first of them, in as many bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traced<N>(N);

impl<N: Number> From<Traced<N>> for u128 {
    fn from(number: Traced<N>) -> Self {
        number.0.into()
    }
}

impl<N: Number> Number for Traced<N>
where
    FirstWay<N>: Trail,
{
    type Trail = FirstWay<N>;
    const ONE: Self = Self(N::ONE);

    fn plus(self, other: Self) -> Option<Self> {
        self.0.plus(other.0).map(Self)
    }
}

/// One way, which no test has failed on.
pub(super) fn one_way<N: Number>() -> Ways<N> {
    Ways { all: N::ONE, clean: N::ONE, trail: N::Trail::default() }
}

/// The sum of two numbers of ways.
pub(super) fn sum<N: Number>(left: Ways<N>, right: Ways<N>) -> Result<Ways<N>, LayersError> {
    let all = left.all.plus(right.all).ok_or(LayersError::Overflow)?;
    let clean = left.clean.plus(right.clean).ok_or(LayersError::Overflow)?;
    Ok(Ways { all, clean, trail: left.trail.first(right.trail) })
}

/// Puts a state into a table.
#[inline]
pub(super) fn put<const W: usize, N: Number>(
    table: &mut StateTable<W, N>,
    key: PackedKey<W>,
    ways: Ways<N>,
) -> Result<(), LayersError> {
    match table.entry(key) {
        Entry::Occupied(mut known) => *known.get_mut() = sum(*known.get(), ways)?,
        Entry::Vacant(free) => {
            free.insert(ways);
        }
    }
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
