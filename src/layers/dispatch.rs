//! Layers whose states have keys of different widths, and widening them. The walk is compiled once for each
//! width: a key is a plain array, compared and hashed without checking its length.

use rustc_hash::FxBuildHasher;

use super::error::LayersError;
use super::figures::OrderingCounts;
use super::packing::{PackedKey, Packing};
use super::table::{Number, StateTable, shard_of};
use super::walk::Walk;
use crate::interpreter::NoOutcome;

/// Everything that exists once per key width, in words, narrow widths first.
macro_rules! widths {
    ($($name:ident = $words:literal),+) => {
        /// A layer with states of one width.
        pub(super) enum Layer<N: Number> {
            $($name(Vec<StateTable<$words, N>>),)+
        }

        /// Walks as far as this layout allows. Returns the last layer, and its depth.
        pub(super) fn go_on<N: Number>(
            walk: &Walk<'_>,
            layer: Layer<N>,
            at: usize,
            counted: &mut OrderingCounts,
        ) -> Result<(Layer<N>, usize), LayersError> {
            match layer {
                $(Layer::$name(shards) => {
                    let (shards, at) = walk.layers(shards, at, counted)?;
                    Ok((Layer::$name(shards), at))
                })+
            }
        }

        /// The layer with its states in another packing.
        pub(super) fn repacked<N: Number>(
            layer: Layer<N>,
            old: &Packing,
            new: &Packing,
        ) -> Result<Layer<N>, LayersError> {
            match layer {
                $(Layer::$name(shards) => narrowest(shards, old, new),)+
            }
        }

        /// The layer with the narrowest states that a packing fits into.
        fn narrowest<const A: usize, N: Number>(
            shards: Vec<StateTable<A, N>>,
            old: &Packing,
            new: &Packing,
        ) -> Result<Layer<N>, LayersError> {
            let words = new.words();
            $(if words <= $words {
                return Ok(Layer::$name(converted(shards, old, new)));
            })+
            let reason = format!("states of {words} words are too wide to count");
            Err(LayersError::Interpreter(NoOutcome::Refused { reason }))
        }
    };
}

// Only a few widths, since each adds to the build time and the program's size. Eight tests that write and
// import modules of their own need two words.
widths!(Two = 2, Eight = 8, ThirtyTwo = 32);

fn converted<const A: usize, const B: usize, N: Number>(
    shards: Vec<StateTable<A, N>>,
    old: &Packing,
    new: &Packing,
) -> Vec<StateTable<B, N>> {
    let count = shards.len();
    let mut tables: Vec<StateTable<B, N>> =
        shards.iter().map(|shard| StateTable::with_capacity_and_hasher(shard.len(), FxBuildHasher)).collect();
    for shard in shards {
        for (key, ways) in shard {
            let mut numbers = old.unpack(&key);
            numbers.resize(new.places(), 0);
            let key: PackedKey<B> = new.pack(&numbers);
            tables[shard_of(&key, count)].insert(key, ways);
        }
    }
    tables
}
