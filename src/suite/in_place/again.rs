//! Files that taster itself has restored among the user's files during a hunt, so that they do not count as changed by
//! others. A run may overwrite what a process wrote during collection, and taster restores it afterwards.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::written::{EntryState, state};

const BEGAN: &str = "began";
const MADE_AGAIN: &str = "made-again";

/// The file of a hunt that records restorations: the earlier state of an entry, and the state that replaces it now.
#[derive(Debug)]
pub(crate) struct MadeAgain {
    folder: PathBuf,
    /// Anything untouched since before the hunt is not recorded here.
    began: i128,
    before: HashMap<EntryState, EntryState>,
}

impl MadeAgain {
    /// Marks the folder of a hunt's notes with its starting time.
    pub(crate) fn begin(folder: &Path) -> io::Result<()> {
        fs::write(folder.join(BEGAN), "")
    }

    /// Reads the file.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join(MADE_AGAIN)).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            Some((state(words.get(10..20)?)?, state(words.get(..10)?)?))
        });
        let began = super::undo::state_of(&folder.join(BEGAN)).modified;
        Self { folder: folder.to_owned(), began, before: pairs.collect() }
    }

    /// Records that one state now replaces another.
    pub(crate) fn note(&self, before: &EntryState, now: &EntryState) -> io::Result<()> {
        if before.changed < self.began {
            return Ok(());
        }
        let line = format!("{} {}\n", before.essence().words(), now.essence().words());
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join(MADE_AGAIN))?
            .write_all(line.as_bytes())
    }

    /// Whether this is that state, or replaces it, and nobody has touched it.
    pub(crate) fn is_still(&self, now: &EntryState, that: &EntryState) -> bool {
        let mut now = now.essence();
        for _ in 0..=self.before.len() {
            if now == that.essence() {
                return true;
            }
            match self.before.get(&now) {
                Some(before) => now = *before,
                None => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::MadeAgain;
    use crate::suite::in_place::written::{EntryKind, EntryState};

    #[test]
    fn what_was_made_again_twice_stands_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        MadeAgain::begin(folder.path()).unwrap();
        let made = MadeAgain::read(folder.path());
        let changed = made.began + 1;
        let one = EntryState { kind: EntryKind::File, inode: 1, changed, links: 2, ..EntryState::ABSENT };
        let (two, three) = (EntryState { inode: 2, ..one }, EntryState { inode: 3, ..one });
        made.note(&one, &two).unwrap();
        made.note(&two, &three).unwrap();
        let old = EntryState { inode: 4, changed: 0, ..one };
        made.note(&old, &EntryState { inode: 5, ..one }).unwrap();
        let made = MadeAgain::read(folder.path());
        assert!(made.is_still(&three, &one) && made.is_still(&one, &one));
        assert!(!made.is_still(&one, &three), "it goes one way");
        assert!(
            !made.is_still(&EntryState { inode: 5, ..one }, &old),
            "what is older than the hunt is not noted"
        );
    }
}
