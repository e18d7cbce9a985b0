//! The files under a directory, a suite's own or its temporary one, so that what a run leaves there can be seen and put back.
//!
//! Put back is what can be put back safely: what is new is removed, what was changed or removed is written again from
//! a copy in memory, and directories get their modification times back, because those decide imports. Files that somebody
//! is writing when it begins are left alone: the report itself may be on its way into one.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::left::{Fate, Left, What};

const MOST_ENTRIES: usize = 20_000;
const MOST_BYTES: u64 = 64 << 20;
const LARGEST_COPY: u64 = 1 << 20;
const NOT_WATCHED: [&str; 6] = [".git", ".hg", ".tox", ".nox", "node_modules", ".pytest_cache"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Directory { modified: SystemTime },
    File { modified: SystemTime, length: u64 },
    Other,
}

/// What is not looked at.
#[derive(Debug, Default)]
struct Spared {
    /// Directories of taster's own.
    ours: Vec<PathBuf>,
    /// Files.
    being_written: HashSet<(u64, u64)>,
}

/// What was there when runs began.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    spared: Spared,
    entries: BTreeMap<PathBuf, Entry>,
    copies: BTreeMap<PathBuf, Vec<u8>>,
    watched: bool,
}

impl Tree {
    /// Looks at everything under a directory.
    pub(crate) fn remember(root: &Path) -> Self {
        Self::looked_at(root, Spared::default())
    }

    /// Looks at everything under a directory but these directories of taster's own and what somebody is writing there.
    pub(crate) fn remember_suite(root: &Path, ours: &[PathBuf]) -> Self {
        Self::looked_at(root, Spared { ours: ours.to_vec(), being_written: being_written(root) })
    }

    fn looked_at(root: &Path, spared: Spared) -> Self {
        let mut tree = Self {
            root: root.to_owned(),
            spared,
            entries: BTreeMap::new(),
            copies: BTreeMap::new(),
            watched: true,
        };
        tree.look();
        tree
    }

    /// One more directory of taster's own, which is not to be looked at.
    pub(crate) fn is_ours(&mut self, directory: PathBuf) {
        self.spared.ours.push(directory);
    }

    /// Why the tree is not watched, if it is not.
    pub(crate) fn unwatched(&self) -> Option<String> {
        (!self.watched).then(|| format!("{} holds more than {MOST_ENTRIES} entries", self.root.display()))
    }

    /// Puts back what has changed, and says what it was; bytecode is not worth a word.
    pub(crate) fn restore(&self) -> Vec<Left> {
        let Ok(now) = self.walk() else { return Vec::new() };
        let mut said = Vec::new();
        let mut again = Vec::new();
        for (path, entry) in now.iter().rev().filter(|(path, _)| !self.entries.contains_key(*path)) {
            let done = if matches!(entry, Entry::Directory { .. }) {
                fs::remove_dir(path)
            } else {
                fs::remove_file(path)
            };
            self.say(&mut said, path, What::New, &done);
        }
        for (path, entry) in &self.entries {
            if now.get(path) == Some(entry) {
                continue;
            }
            match entry {
                Entry::Directory { modified } => {
                    let done = if now.contains_key(path) { Ok(()) } else { fs::create_dir(path) };
                    if !now.contains_key(path) {
                        self.say(&mut said, path, What::Removed, &done);
                    }
                    again.push((path, *modified));
                }
                Entry::File { modified, .. } => {
                    let what = if now.contains_key(path) { What::Changed } else { What::Removed };
                    self.say(&mut said, path, what, &self.rewrite(path, *modified));
                }
                Entry::Other => {}
            }
        }
        // Whatever was done in a directory moved its time.
        for (path, entry) in &self.entries {
            if let Entry::Directory { modified } = entry
                && (!said.is_empty() || again.iter().any(|(each, _)| *each == path))
            {
                let _best_effort = set_modified(path, *modified);
            }
        }
        said
    }

    fn rewrite(&self, path: &Path, modified: SystemTime) -> io::Result<()> {
        let copy = self.copies.get(path).ok_or_else(|| io::Error::other("no copy was kept"))?;
        fs::write(path, copy)?;
        set_modified(path, modified)
    }

    fn say(&self, said: &mut Vec<Left>, path: &Path, what: What, done: &io::Result<()>) {
        if !path.strip_prefix(&self.root).is_ok_and(Left::is_told) {
            return;
        }
        let fate = done.as_ref().map_or_else(|error| Fate::Stays(error.to_string()), |()| Fate::PutBack);
        said.push(Left { path: path.to_owned(), what, existed_before: what != What::New, fate });
    }

    fn look(&mut self) {
        let Ok(entries) = self.walk() else {
            self.watched = false;
            self.entries.clear();
            return;
        };
        let mut left = MOST_BYTES;
        for (path, entry) in &entries {
            let Entry::File { length, .. } = entry else {
                continue;
            };
            if self.entries.get(path) == Some(entry) || *length > LARGEST_COPY.min(left) {
                continue;
            }
            if let Ok(bytes) = fs::read(path) {
                left -= length;
                self.copies.insert(path.clone(), bytes);
            }
        }
        self.entries = entries;
    }

    fn walk(&self) -> io::Result<BTreeMap<PathBuf, Entry>> {
        let mut found = BTreeMap::new();
        if self.watched {
            visit(&self.root, &self.spared, &mut found)?;
        }
        Ok(found)
    }
}

fn visit(directory: &Path, spared: &Spared, found: &mut BTreeMap<PathBuf, Entry>) -> io::Result<()> {
    let modified = fs::symlink_metadata(directory).and_then(|data| data.modified());
    let Ok(modified) = modified else { return Ok(()) };
    found.insert(directory.to_owned(), Entry::Directory { modified });
    if found.len() > MOST_ENTRIES {
        return Err(io::Error::other("too many entries"));
    }
    let Ok(entries) = fs::read_dir(directory) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let Ok(data) = entry.metadata() else { continue };
        let name = entry.file_name();
        if data.is_dir() {
            let marked = ["pyvenv.cfg", "CACHEDIR.TAG"].iter().any(|mark| entry.path().join(mark).exists());
            let marked = marked || spared.ours.contains(&entry.path());
            if !marked && !NOT_WATCHED.iter().any(|each| name == **each) {
                visit(&entry.path(), spared, found)?;
            }
            continue;
        }
        if spared.being_written.contains(&identity(&data)) {
            continue;
        }
        let entry_now = match data.modified() {
            Ok(modified) if data.is_file() => Entry::File { modified, length: data.len() },
            _ => Entry::Other,
        };
        found.insert(entry.path(), entry_now);
    }
    Ok(())
}

fn set_modified(path: &Path, modified: SystemTime) -> io::Result<()> {
    File::open(path)?.set_times(FileTimes::new().set_modified(modified))
}

/// What tells a file from all others.
fn identity(data: &Metadata) -> (u64, u64) {
    (data.dev(), data.ino())
}

/// The files under a directory that some process, this one too, has open for writing; none where the system has no `/proc`.
fn being_written(root: &Path) -> HashSet<(u64, u64)> {
    let mut found = HashSet::new();
    let Ok(root) = root.canonicalize() else { return found };
    for process in numbered(Path::new("/proc")) {
        let is_inside =
            |descriptor: &PathBuf| fs::read_link(descriptor).is_ok_and(|path| path.starts_with(&root));
        for descriptor in numbered(&process.join("fd")).filter(is_inside) {
            let writes = descriptor.file_name().and_then(|name| writes(&process.join("fdinfo").join(name)));
            let data = if writes == Some(true) { fs::metadata(&descriptor).ok() } else { None };
            found.extend(data.filter(Metadata::is_file).map(|data| identity(&data)));
        }
    }
    found
}

/// Entries of a directory whose names are numbers.
fn numbered(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let is_number = |name: &OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    entries.filter(move |entry| is_number(&entry.file_name())).map(|entry| entry.path())
}

/// Whether a descriptor is open for writing, by what Linux says of it: `proc_pid_fdinfo(5)`.
fn writes(fdinfo: &Path) -> Option<bool> {
    let text = fs::read_to_string(fdinfo).ok()?;
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
    let access = u32::from_str_radix(flags.trim(), 8).ok()? & 0o3;
    Some(access != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Left, Tree};

    #[test]
    fn what_a_run_did_to_the_tree_is_undone_and_told() {
        let suite = tempfile::tempdir().unwrap();
        let root = suite.path();
        fs::create_dir(root.join("data")).unwrap();
        fs::write(root.join("data/kept"), "one").unwrap();
        fs::write(root.join("changed"), "old").unwrap();
        let before = fs::metadata(root.join("data")).unwrap().modified().unwrap();
        let tree = Tree::remember(root);

        fs::remove_file(root.join("data/kept")).unwrap();
        fs::write(root.join("changed"), "newer").unwrap();
        fs::create_dir_all(root.join("data/new/deep")).unwrap();
        fs::write(root.join("data/new/deep/file"), "").unwrap();
        let told = |left: &Left| format!("{}: {left}", left.path.strip_prefix(root).unwrap().display());
        let mut said: Vec<String> = tree.restore().iter().map(told).collect();
        said.sort();

        assert_eq!(
            said,
            [
                "changed: changed",
                "data/kept: removed",
                "data/new/deep/file: new",
                "data/new/deep: new",
                "data/new: new"
            ]
        );
        assert_eq!(fs::read_to_string(root.join("data/kept")).unwrap(), "one");
        assert_eq!(fs::read_to_string(root.join("changed")).unwrap(), "old");
        assert!(!root.join("data/new").exists());
        assert_eq!(fs::metadata(root.join("data")).unwrap().modified().unwrap(), before);
        assert!(tree.restore().is_empty());
    }
    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells what others have open")]
    fn what_somebody_is_writing_is_left_alone() {
        use std::io::Write as _;

        let suite = tempfile::tempdir().unwrap();
        let mut log = fs::File::create(suite.path().join("log")).unwrap();
        fs::write(suite.path().join("other"), "old").unwrap();
        let tree = Tree::remember_suite(suite.path(), &[]);
        log.write_all(b"line").unwrap();
        fs::write(suite.path().join("other"), "newer").unwrap();
        assert_eq!(tree.restore().len(), 1);
        assert_eq!(fs::read_to_string(suite.path().join("log")).unwrap(), "line");
    }
}
