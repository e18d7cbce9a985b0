//! Changes that the user, or one of the user's programs, makes to the files of a suite during a hunt: reported, never
//! undone.
//!
//! Files are identified by size, time, inode and mode; none is read. Files that tests and tools keep for themselves are
//! ignored: bytecode, caches, virtual environments, version control, coverage data.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::suite::in_place::left::{LeftFile, What};

const MOST_ENTRIES: usize = 20_000;
/// The shortest time between two looks.
const BETWEEN: Duration = Duration::from_secs(10);
const NOT_LOOKED_AT: [&str; 11] = [
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".hypothesis",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
];
/// Files that mark a directory as reproducible.
const MARKS: [&str; 2] = ["pyvenv.cfg", "CACHEDIR.TAG"];

/// The earlier state of a directory entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: (i64, i64),
    inode: u64,
    mode: u32,
}

/// A path that was changed during the hunt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The path as displayed: relative if it is in the suite's root directory.
    pub path: String,
    /// `new`, `changed` or `removed`.
    pub what: Cow<'static, str>,
}

/// The files of a suite at the start.
#[derive(Debug)]
pub(crate) struct Files {
    roots: Vec<PathBuf>,
    /// Directories of taster's own.
    ours: Vec<PathBuf>,
    entries: BTreeMap<PathBuf, Stamp>,
    looked: Instant,
    too_many: bool,
    told: BTreeSet<PathBuf>,
    /// Files that receive taster's own output.
    output: Vec<(u64, u64)>,
}

impl Files {
    /// Looks at everything under the working directory and under the paths in pytest's arguments.
    pub(crate) fn look(arguments: &[String], ours: &[PathBuf]) -> Self {
        Self::under(std::env::current_dir().unwrap_or_default(), arguments, ours)
    }

    /// As if `here` were the working directory.
    fn under(here: PathBuf, arguments: &[String], ours: &[PathBuf]) -> Self {
        let named = arguments.iter().filter_map(|argument| {
            let path = here.join(argument.split("::").next()?).canonicalize().ok()?;
            if path.is_dir() { Some(path) } else { path.parent().map(Path::to_owned) }
        });
        let named: Vec<PathBuf> = named.collect();
        let mut files = Self {
            roots: Vec::new(),
            ours: ours.to_vec(),
            entries: BTreeMap::new(),
            looked: Instant::now(),
            too_many: false,
            told: BTreeSet::new(),
            output: ["/dev/stdout", "/dev/stderr"]
                .iter()
                .filter_map(|path| identity(Path::new(path)))
                .collect(),
        };
        std::iter::once(here).chain(named).for_each(|root| files.add(root));
        files
    }

    /// Adds a directory, unless it lies in a known one.
    pub(crate) fn add(&mut self, root: PathBuf) {
        if root.parent().is_some() && !self.roots.iter().any(|known| root.starts_with(known)) {
            self.too_many |= !visit(&root, &self.ours, &mut self.entries);
            self.roots.push(root);
        }
        self.looked = Instant::now();
    }

    /// Why changes cannot be noticed, or `None` if they can.
    pub(crate) fn unnoticed(&self) -> Option<String> {
        let why = "changes that somebody makes to the suite's files meanwhile are not noticed";
        self.too_many.then(|| format!("{why}: there are more than {MOST_ENTRIES}"))
    }

    /// The changes, except those that runs are known to have made.
    pub(crate) fn changed(&mut self, written: &BTreeSet<PathBuf>) -> BTreeMap<PathBuf, What> {
        self.looked = Instant::now();
        let mut now = BTreeMap::new();
        if self.too_many || !self.roots.iter().all(|root| visit(root, &self.ours, &mut now)) {
            return BTreeMap::new();
        }
        let changed = now.iter().filter_map(|(path, stamp)| match self.entries.get(path) {
            None => Some((path.clone(), What::New)),
            Some(before) => (before != stamp).then(|| (path.clone(), What::Changed)),
        });
        let removed = self.entries.keys().filter(|path| !now.contains_key(*path));
        let all = changed.chain(removed.map(|path| (path.clone(), What::Removed)));
        let is_output = |path: &Path| identity(path).is_some_and(|file| self.output.contains(&file));
        all.filter(|(path, _)| !written.contains(path) && !is_output(path)).collect()
    }

    /// Changes that were not reported yet, if the last look is long enough ago and runs write elsewhere.
    pub(crate) fn new_by_now(&mut self, root: &Path) -> Vec<Change> {
        if self.looked.elapsed() < BETWEEN {
            return Vec::new();
        }
        let mut changed = self.changed(&BTreeSet::new());
        changed.retain(|path, _| self.told.insert(path.clone()));
        told(&changed, root)
    }
}

/// The identity of a file.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().filter(Metadata::is_file).map(|data| (data.dev(), data.ino()))
}

/// The sentence for one change.
pub(crate) fn sentence(change: &Change) -> String {
    let what = match change.what.as_ref() {
        "new" => "added",
        other => other,
    };
    format!("{} was {what} while the hunt ran", change.path)
}

/// Changes as displayed.
pub(crate) fn told(changed: &BTreeMap<PathBuf, What>, root: &Path) -> Vec<Change> {
    let short = |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let word = |what: What| match what {
        What::New => "new",
        What::Changed => "changed",
        What::Removed => "removed",
    };
    changed.iter().map(|(path, what)| Change { path: short(path), what: word(*what).into() }).collect()
}

/// Adds the contents of a directory; returns false if there are too many.
fn visit(directory: &Path, ours: &[PathBuf], found: &mut BTreeMap<PathBuf, Stamp>) -> bool {
    let Ok(entries) = fs::read_dir(directory) else { return true };
    for entry in entries.flatten().filter(|entry| is_looked_at(entry, ours)) {
        let (path, Ok(data)) = (entry.path(), entry.metadata()) else { continue };
        if data.is_dir() {
            if !visit(&path, ours, found) {
                return false;
            }
            continue;
        }
        found.insert(path, Stamp::of(&data));
        if found.len() > MOST_ENTRIES {
            return false;
        }
    }
    true
}

/// Whether a path is, or lies in, what tests and tools keep for themselves.
pub(crate) fn is_for_tools(path: &Path) -> bool {
    let is_named = |name: &OsStr| NOT_LOOKED_AT.iter().any(|each| name == *each);
    let is_marked = |directory: &Path| MARKS.iter().any(|mark| directory.join(mark).exists());
    path.iter().any(is_named) || !LeftFile::is_reported(path) || path.ancestors().skip(1).any(is_marked)
}

fn is_looked_at(entry: &DirEntry, ours: &[PathBuf]) -> bool {
    let (name, path) = (entry.file_name(), entry.path());
    let is_marked = || MARKS.iter().any(|mark| path.join(mark).exists());
    !NOT_LOOKED_AT.iter().any(|each| name == **each)
        && LeftFile::is_reported(&path)
        && !name.to_string_lossy().starts_with(".coverage")
        && !ours.iter().any(|own| path.starts_with(own))
        && !is_marked()
}

impl Stamp {
    fn of(data: &Metadata) -> Self {
        Self {
            length: data.len(),
            modified: (data.mtime(), data.mtime_nsec()),
            inode: data.ino(),
            mode: data.mode(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::{Files, told};

    #[test]
    fn what_somebody_changes_is_seen_and_what_tools_keep_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let write = |name: &str, text: &str| {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        };
        for name in ["edited.py", "renamed.py", "mode.py", "link", "kept/kept.ini", ".venv/pyvenv.cfg"] {
            write(name, "");
        }
        let (here, arguments) = (tempfile::tempdir().unwrap(), [root.to_string_lossy().into_owned()]);
        let mut files = Files::under(here.path().to_owned(), &arguments, &[root.join("journal")]);
        for name in [".git/HEAD", "__pycache__/x.pyc", ".venv/lib.py", "journal/x", ".coverage", "by_a_test"]
        {
            write(name, "");
        }
        assert!(files.changed(&BTreeSet::from([root.join("by_a_test")])).is_empty());
        write("edited.py", "x = 1\n");
        write("deep/new.py", "");
        fs::rename(root.join("renamed.py"), root.join("other.py")).unwrap();
        fs::set_permissions(root.join("mode.py"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::remove_file(root.join("link")).unwrap();
        symlink("edited.py", root.join("link")).unwrap();
        let changed = told(&files.changed(&BTreeSet::from([root.join("by_a_test")])), &root);
        let changed: Vec<(&str, &str)> =
            changed.iter().map(|change| (&change.path[..], change.what.as_ref())).collect();
        let wanted = [
            ("deep/new.py", "new"),
            ("edited.py", "changed"),
            ("link", "changed"),
            ("mode.py", "changed"),
            ("other.py", "new"),
            ("renamed.py", "removed"),
        ];
        assert_eq!(changed, wanted);
        assert!(files.new_by_now(&root).is_empty(), "it has just been looked at");
    }
}
