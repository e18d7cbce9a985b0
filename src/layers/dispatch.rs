//! Layers whose states have keys of one width or another, and making them wider.

use rustc_hash::FxBuildHasher;

use super::OrderingCounts;
use super::error::LayersError;
use super::packing::{Key, Packing};
use super::table::{Number, Table, shard_of};
use super::walk::Walk;
use crate::interpreter::NoOutcome;

/// A layer in states of one width.
pub(super) enum Layer<N> {
    One(Vec<Table<1, N>>),
    Two(Vec<Table<2, N>>),
    Four(Vec<Table<4, N>>),
    Eight(Vec<Table<8, N>>),
    Sixteen(Vec<Table<16, N>>),
    ThirtyTwo(Vec<Table<32, N>>),
}
/// Walks as far as this packing allows: the layer that was reached, and its depth.
pub(super) fn go_on<'a, N: Number>(
    walk: &'a Walk<'a>,
    layer: Layer<N>,
    at: usize,
    counted: &mut OrderingCounts,
) -> Result<(Layer<N>, usize), LayersError> {
    Ok(match layer {
        Layer::One(shards) => wrap(Layer::One, walk.layers(shards, at, counted)?),
        Layer::Two(shards) => wrap(Layer::Two, walk.layers(shards, at, counted)?),
        Layer::Four(shards) => wrap(Layer::Four, walk.layers(shards, at, counted)?),
        Layer::Eight(shards) => wrap(Layer::Eight, walk.layers(shards, at, counted)?),
        Layer::Sixteen(shards) => wrap(Layer::Sixteen, walk.layers(shards, at, counted)?),
        Layer::ThirtyTwo(shards) => wrap(Layer::ThirtyTwo, walk.layers(shards, at, counted)?),
    })
}

fn wrap<T, N>(layer: impl Fn(T) -> Layer<N>, (shards, at): (T, usize)) -> (Layer<N>, usize) {
    (layer(shards), at)
}

/// The layer in states of another packing.
pub(super) fn repacked<N: Number>(
    layer: Layer<N>,
    old: &Packing,
    new: &Packing,
) -> Result<Layer<N>, LayersError> {
    match layer {
        Layer::One(shards) => in_width(shards, old, new),
        Layer::Two(shards) => in_width(shards, old, new),
        Layer::Four(shards) => in_width(shards, old, new),
        Layer::Eight(shards) => in_width(shards, old, new),
        Layer::Sixteen(shards) => in_width(shards, old, new),
        Layer::ThirtyTwo(shards) => in_width(shards, old, new),
    }
}

fn in_width<const A: usize, N: Number>(
    shards: Vec<Table<A, N>>,
    old: &Packing,
    new: &Packing,
) -> Result<Layer<N>, LayersError> {
    Ok(match new.words() {
        1 => Layer::One(converted(shards, old, new)),
        2 => Layer::Two(converted(shards, old, new)),
        3..=4 => Layer::Four(converted(shards, old, new)),
        5..=8 => Layer::Eight(converted(shards, old, new)),
        9..=16 => Layer::Sixteen(converted(shards, old, new)),
        17..=32 => Layer::ThirtyTwo(converted(shards, old, new)),
        words => {
            let reason = format!("states of {words} words are too wide to count");
            return Err(LayersError::Interpreter(NoOutcome::Refused { reason }));
        }
    })
}

fn converted<const A: usize, const B: usize, N: Number>(
    shards: Vec<Table<A, N>>,
    old: &Packing,
    new: &Packing,
) -> Vec<Table<B, N>> {
    let count = shards.len();
    let mut tables: Vec<Table<B, N>> =
        shards.iter().map(|shard| Table::with_capacity_and_hasher(shard.len(), FxBuildHasher)).collect();
    for shard in shards {
        for (key, ways) in shard {
            let mut numbers = old.unpack(&key);
            numbers.resize(new.places(), 0);
            let key: Key<B> = new.pack(&numbers);
            tables[shard_of(&key, count)].insert(key, ways);
        }
    }
    tables
}
