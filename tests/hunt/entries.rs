//! The entries under some directories, and the differences between two such states.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// One file, directory or link: nothing of it may change unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Kind and permissions.
    pub(crate) mode: u32,
    /// Seconds and nanoseconds.
    pub(crate) modified: (i64, i64),
    /// What a file holds, where a link leads.
    pub(crate) content: Vec<u8>,
}

pub(crate) type Entries = BTreeMap<PathBuf, Entry>;

/// One entry as it is now.
pub(crate) fn entry(path: &Path) -> io::Result<Entry> {
    let data = fs::symlink_metadata(path)?;
    let content = if data.is_symlink() {
        fs::read_link(path)?.as_os_str().as_bytes().to_vec()
    } else if data.is_file() {
        fs::read(path)?
    } else {
        Vec::new()
    };
    Ok(Entry { mode: data.mode(), modified: (data.mtime(), data.mtime_nsec()), content })
}

/// A directory with all that lies in it.
pub(crate) fn below(root: &Path) -> io::Result<Entries> {
    let mut found = Entries::new();
    let mut left = vec![root.to_owned()];
    while let Some(path) = left.pop() {
        let entry = entry(&path)?;
        if fs::symlink_metadata(&path)?.is_dir() {
            for inner in fs::read_dir(&path)? {
                left.push(inner?.path());
            }
        }
        found.insert(path, entry);
    }
    Ok(found)
}

/// Every entry that is not as it should be, in words.
pub(crate) fn differences(wanted: &Entries, found: &Entries) -> Vec<String> {
    let mut said = Vec::new();
    for (path, entry) in found {
        match wanted.get(path) {
            None => said.push(format!("{} should not be there", path.display())),
            Some(other) if other != entry => said.push(difference(path, other, entry)),
            Some(_) => {}
        }
    }
    let lost = wanted.keys().filter(|path| !found.contains_key(*path));
    said.extend(lost.map(|path| format!("{} is lost", path.display())));
    said
}

fn difference(path: &Path, wanted: &Entry, found: &Entry) -> String {
    let text =
        |entry: &Entry| String::from_utf8_lossy(&entry.content).chars().rev().take(60).collect::<String>();
    let reversed = |text: String| text.chars().rev().collect::<String>();
    let mut said = format!("{}:", path.display());
    if wanted.mode != found.mode {
        said.push_str(&format!(" mode {:o}, wanted {:o}", found.mode, wanted.mode));
    }
    if wanted.modified != found.modified {
        said.push_str(&format!(" time {:?}, wanted {:?}", found.modified, wanted.modified));
    }
    if wanted.content != found.content {
        said.push_str(&format!(" ends in {:?}, wanted {:?}", reversed(text(found)), reversed(text(wanted))));
    }
    said
}
