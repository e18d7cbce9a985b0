//! Why shards cannot be joined, and what is missing where they can.

use crate::shard::{OtherWhole, Shard};

/// A shard that is not there, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingShard {
    /// Which one.
    pub shard: Shard,
    /// What is missing, in words: `is missing`, `ended after 3 of 8 parts`.
    pub why: String,
}

/// Why files cannot be joined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Not what a shard writes.
    #[error("{file}:{line}: {why}")]
    NoShard {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing in the files.
    #[error("there is no shard in {0}: --shard with --format json writes one")]
    Empty(String),
    /// Shards of different wholes.
    #[error("{file} does not belong to {first}: it is {why}")]
    Other {
        /// The file.
        file: String,
        /// The file of the first shard.
        first: String,
        /// What differs.
        why: OtherWhole,
    },
    /// Shards of wholes that were divided otherwise.
    #[error("{file} does not belong to {first}: it is shard {}, and that is shard {}", .shards.0, .shards.1)]
    OtherCount {
        /// The file.
        file: String,
        /// The file of the first shard.
        first: String,
        /// Its shard, and the first one.
        shards: (Shard, Shard),
    },
    /// One shard twice, with other findings.
    #[error("{} and {} are both shard {shard}, and do not say the same {of}", .files.0, .files.1)]
    TwoSayings {
        /// The files.
        files: (String, String),
        /// The shard.
        shard: Shard,
        /// Of what.
        of: String,
    },
    /// A command whose shards cannot be joined.
    #[error("{0}: `{1}` is no command that has shards")]
    OtherVerb(String, String),
}
