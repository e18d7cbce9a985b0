//! One of several parts of a command's work, each done by a machine of its own that asks nobody: which parts of the work a shard has.
//! What the whole is, so that shards of different wholes are not mixed up, is `whole`; how schedulers number jobs is `numbered`.

mod numbered;
mod whole;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use numbered::numbered;
pub use whole::{OtherWhole, Whole};

/// Shard `index` of `of`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which one, from 1.
    pub index: usize,
    /// How many there are.
    pub of: usize,
}

/// Why there is no such shard, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShardError(String);

impl Shard {
    /// The shard of this number, from 1.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn new(index: usize, of: usize) -> Result<Self, ShardError> {
        if index == 0 || index > of {
            return Err(ShardError(format!(
                "there is no shard {index}/{of}: shards are 1/{of} to {of}/{of}"
            )));
        }
        Ok(Self { index, of })
    }

    /// Which of so many parts of the work this shard has. All shards together have each part once, and as many as any other, or one more.
    /// Parts that stand close together, which often take equally long, are dealt without a pattern.
    pub fn parts(&self, total: usize) -> BTreeSet<usize> {
        let mut dealt: Vec<usize> = (0..total).collect();
        dealt.sort_by_key(|part| mixed(*part as u64));
        dealt.into_iter().skip(self.index - 1).step_by(self.of).collect()
    }

    /// Whether this shard has the part of this number of a sequence whose end is not known.
    pub fn has_in_turn(&self, number: usize) -> bool {
        number % self.of == self.index - 1
    }
}

/// Equal for equal numbers, and without a pattern otherwise (the finalizer of `SplitMix64`, Steele, Lea and Flood 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let numbers =
            written.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        let Some((index, of)) = numbers else {
            return Err(ShardError(format!(
                "`{written}` is no shard: write 2/5 for the second of five, or auto"
            )));
        };
        Self::new(index, of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_disjoint_cover_all_and_are_equally_large() {
        for (total, of) in [(0, 3), (1, 4), (7, 7), (66, 4), (1000, 9)] {
            let shards: Vec<_> = (1..=of).map(|index| Shard::new(index, of).unwrap().parts(total)).collect();
            let mut all: Vec<usize> = shards.iter().flatten().copied().collect();
            all.sort_unstable();
            assert_eq!(all, (0..total).collect::<Vec<_>>(), "{total} in {of}");
            let sizes = shards.iter().map(BTreeSet::len);
            assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1, "{total} in {of}");
        }
    }

    #[test]
    fn every_second_part_is_no_shard() {
        let first = Shard::new(1, 2).unwrap().parts(100);
        let even = first.iter().filter(|part| *part % 2 == 0).count();
        assert!((15..=35).contains(&even), "{even} of 50");
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        let shard: Shard = "2/5".parse().unwrap();
        assert_eq!((shard.index, shard.of, shard.to_string().as_str()), (2, 5, "2/5"));
        for wrong in ["0/5", "6/5", "1/0", "2", "a/b", "2/", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
