//! One copy of each shard: a shard that died was started again, and perhaps both have written something.

use std::collections::BTreeMap;

use super::error::{MergeError, MissingShard};
use crate::shard::Shard;

/// What one job wrote of a shard.
pub(super) trait ShardCopy {
    /// The file that it wrote.
    fn file(&self) -> &str;
    /// Which shard it is.
    fn shard(&self) -> Shard;
    /// What is missing, in words, or `None` if it wrote all.
    fn lacks(&self) -> Option<String>;
    /// How much it wrote.
    fn size(&self) -> usize;
    /// What it found, by what that is about, without times and all else that differs from one machine to another.
    fn findings(&self) -> BTreeMap<String, String>;
}

/// The copies of all shards.
#[derive(Debug)]
pub(super) struct Copies<C> {
    of: usize,
    copies: BTreeMap<usize, C>,
}

impl<C: ShardCopy> Copies<C> {
    /// Of each shard the copy that wrote most.
    ///
    /// # Errors
    /// If two copies do not say the same of something.
    pub(super) fn choose(all: Vec<C>) -> Result<Self, MergeError> {
        let of = all.first().map_or(0, |copy| copy.shard().of);
        let mut copies: BTreeMap<usize, C> = BTreeMap::new();
        for copy in all {
            let index = copy.shard().index;
            let Some(known) = copies.get(&index) else {
                copies.insert(index, copy);
                continue;
            };
            agree(known, &copy)?;
            if copy.size() > known.size() {
                copies.insert(index, copy);
            }
        }
        Ok(Self { of, copies })
    }

    /// Each shard that is there.
    pub(super) fn there(&self) -> impl Iterator<Item = &C> {
        self.copies.values()
    }

    /// The same, given away.
    pub(super) fn into_there(self) -> impl Iterator<Item = C> {
        self.copies.into_values()
    }

    /// The shards that are not there, or not all of them.
    pub(super) fn missing(&self) -> Vec<MissingShard> {
        let missing = |index: usize| {
            let why = match self.copies.get(&index) {
                None => "is missing".to_owned(),
                Some(copy) => copy.lacks()?,
            };
            Some(MissingShard { shard: Shard { index, of: self.of }, why })
        };
        (1..=self.of).filter_map(missing).collect()
    }
}

/// Two copies say the same of all that both have.
fn agree<C: ShardCopy>(one: &C, other: &C) -> Result<(), MergeError> {
    let (said, again) = (one.findings(), other.findings());
    let other_saying = said.iter().find(|(of, what)| again.get(*of).is_some_and(|again| again != *what));
    match other_saying {
        None => Ok(()),
        Some((of, _)) => Err(MergeError::TwoSayings {
            files: (one.file().to_owned(), other.file().to_owned()),
            shard: one.shard(),
            of: of.clone(),
        }),
    }
}
