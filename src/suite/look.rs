//! What changes in the suite's own directories without any run having been seen to do it: told, and left as it is.
//!
//! Bounded, since it is only a word to people: large trees, version control, environments and caches are not looked at.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::left::Left;
use super::undo::state_of;
use super::written::{Kind, State};

const MOST_ENTRIES: usize = 20_000;
const NOT_LOOKED_AT: [&str; 7] =
    [".git", ".hg", ".tox", ".nox", "node_modules", ".pytest_cache", "__pycache__"];

/// A look at directories, again and again.
#[derive(Debug)]
pub(crate) struct Look {
    places: Vec<PathBuf>,
    /// Directories of taster's own that may lie there.
    ours: Vec<PathBuf>,
    entries: BTreeMap<PathBuf, State>,
    too_many: bool,
}

impl Look {
    pub(crate) fn first(places: Vec<PathBuf>, ours: Vec<PathBuf>) -> Self {
        let mut look = Self { places, ours, entries: BTreeMap::new(), too_many: false };
        look.entries = look.walk();
        look
    }

    /// One more directory of taster's own.
    pub(crate) fn is_ours(&mut self, directory: PathBuf) {
        self.ours.push(directory);
    }

    /// Why nothing is seen, if nothing is.
    pub(crate) fn blind(&self) -> Option<String> {
        self.too_many.then(|| format!("{} holds more than {MOST_ENTRIES} entries", self.places[0].display()))
    }

    /// What has changed since the last look, but for what runs are known to have left.
    pub(crate) fn again(&mut self, left: &HashSet<&Path>) -> Vec<PathBuf> {
        if self.too_many {
            return Vec::new();
        }
        let now = self.walk();
        if self.too_many {
            return Vec::new();
        }
        let before = std::mem::replace(&mut self.entries, now);
        let changed = |(path, state): &(&PathBuf, &State)| {
            !before
                .get(*path)
                .is_some_and(|before| state.is_untouched_since(before) || state.looks_like(before))
        };
        let gone = before.keys().filter(|path| !self.entries.contains_key(*path));
        let changed = self.entries.iter().filter(changed).map(|(path, _)| path).chain(gone);
        changed.filter(|path| !left.contains(path.as_path()) && Left::is_told(path)).cloned().collect()
    }

    fn walk(&mut self) -> BTreeMap<PathBuf, State> {
        let mut found = BTreeMap::new();
        for place in &self.places {
            self.too_many |= !visit(place, &self.ours, &mut found);
        }
        found
    }
}

/// False if there is too much.
fn visit(directory: &Path, ours: &[PathBuf], found: &mut BTreeMap<PathBuf, State>) -> bool {
    if found.len() > MOST_ENTRIES {
        return false;
    }
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        let state = state_of(&path);
        if state.kind == Kind::Directory {
            let marked = ["pyvenv.cfg", "CACHEDIR.TAG"].iter().any(|mark| path.join(mark).exists());
            let marked = marked || NOT_LOOKED_AT.iter().any(|each| entry.file_name() == **each);
            if marked || ours.contains(&path) {
                continue;
            }
            if !visit(&path, ours, found) {
                return false;
            }
        }
        found.insert(path, state);
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use super::Look;

    #[test]
    fn what_nobody_was_seen_to_change_is_told_once() {
        let suite = tempfile::tempdir().unwrap();
        let root = suite.path();
        for name in ["removed", "changed", "kept", "run's"] {
            fs::write(root.join(name), "old").unwrap();
        }
        let mut look = Look::first(vec![root.to_owned()], Vec::new());
        fs::remove_file(root.join("removed")).unwrap();
        fs::write(root.join("changed"), "newer").unwrap();
        fs::write(root.join("run's"), "newer").unwrap();
        fs::create_dir(root.join("new")).unwrap();
        let known = root.join("run's");
        let mut told = look.again(&HashSet::from([known.as_path()]));
        told.sort();
        assert_eq!(told, ["changed", "new", "removed"].map(|name| root.join(name)));
        assert!(look.again(&HashSet::<&Path>::new()).is_empty());
    }
}
