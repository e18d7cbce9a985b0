//! The log of a run's writes, as written.py keeps it: what was there before, in the order of the first touch, and what
//! the run made of it. Other modules of `in_place` restore it.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The name of the log in its folder.
pub(crate) const LOG: &str = "log";

/// The kind of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum EntryKind {
    Absent,
    File,
    Directory,
    Link,
    /// A named pipe, a socket, a device.
    Other,
}

/// The state of a directory entry at some time; numbers as the system reports them, times in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EntryState {
    pub(crate) kind: EntryKind,
    pub(crate) mode: i128,
    pub(crate) modified: i128,
    pub(crate) size: i128,
    pub(crate) device: i128,
    pub(crate) inode: i128,
    pub(crate) changed: i128,
    pub(crate) links: i128,
    pub(crate) user: i128,
    pub(crate) group: i128,
}

impl EntryState {
    /// No entry.
    pub(crate) const ABSENT: Self = Self {
        kind: EntryKind::Absent,
        mode: 0,
        modified: 0,
        size: 0,
        device: 0,
        inode: 0,
        changed: 0,
        links: 0,
        user: 0,
        group: 0,
    };

    /// The fields that distinguish it from other entries and times; changes inside a directory belong to its entries.
    pub(crate) fn essence(&self) -> Self {
        match self.kind {
            EntryKind::Absent => Self::ABSENT,
            EntryKind::Directory => Self { modified: 0, size: 0, changed: 0, links: 0, ..*self },
            _ => Self { links: 0, ..*self },
        }
    }

    /// Whether nobody has touched the entry between the two looks.
    pub(crate) fn is_untouched_since(&self, earlier: &Self) -> bool {
        self.essence() == earlier.essence()
    }

    /// Its form in notes.
    pub(crate) fn words(&self) -> String {
        let kind = match self.kind {
            EntryKind::Absent => "-",
            EntryKind::File => "f",
            EntryKind::Directory => "d",
            EntryKind::Link => "l",
            EntryKind::Other => "o",
        };
        let Self { mode, modified, size, device, inode, changed, links, user, group, .. } = self;
        format!("{kind} {mode} {modified} {size} {device} {inode} {changed} {links} {user} {group}")
    }

    /// Whether nobody has written to it between the two looks, although one of its other names may have gone.
    pub(crate) fn is_unwritten_since(&self, earlier: &Self) -> bool {
        self.is_untouched_since(&Self { changed: self.changed, ..*earlier })
    }

    /// Whether it is the same entry, whatever has been done to it.
    pub(crate) fn is_same_entry(&self, other: &Self) -> bool {
        (self.kind, self.device, self.inode) == (other.kind, other.device, other.inode)
    }

    /// Whether it looks as before, be it the same entry or one like it.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let owner = |state: &Self| (state.user, state.group);
        let same = self.kind == other.kind && self.mode == other.mode && owner(self) == owner(other);
        match self.kind {
            EntryKind::Absent => other.kind == EntryKind::Absent,
            EntryKind::Directory => same,
            EntryKind::Link => {
                self.kind == other.kind && self.modified == other.modified && self.size == other.size
            }
            _ => same && self.modified == other.modified && self.size == other.size,
        }
    }
}

/// The content of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeptContent {
    /// Unknown.
    Unknown,
    /// A file's content, in this copy.
    Copy(PathBuf),
    /// A link's target.
    Target(OsString),
    /// A directory's names, sorted.
    Names(Vec<OsString>),
}

/// The state of a path when the run first touched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryBefore {
    pub(crate) path: PathBuf,
    pub(crate) state: EntryState,
    pub(crate) content: KeptContent,
}

/// A directory of the suite's own, and the fields that distinguish it from another one of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnDirectory {
    pub(crate) path: PathBuf,
    pub(crate) device: i128,
    pub(crate) inode: i128,
}

/// The contents of a run's log.
#[derive(Debug, Default)]
pub(crate) struct WriteLog {
    /// The suite's own directories: nothing else is restored.
    pub(crate) places: Vec<OwnDirectory>,
    pub(crate) touched: Vec<EntryBefore>,
    /// Directories whose entries or times the run may have changed, in their earlier state, with their names.
    pub(crate) directories: HashMap<PathBuf, (EntryState, Vec<OsString>)>,
    /// The last state that the run gave to a path; missing if a test did not end by itself.
    pub(crate) after: HashMap<PathBuf, EntryState>,
    /// All states that the run is known to have made.
    pub(crate) made: HashSet<EntryState>,
    /// Writes outside the suite's own directories.
    pub(crate) outside: Vec<(PathBuf, EntryState)>,
    known: HashSet<PathBuf>,
}

impl WriteLog {
    /// Reads the log in a folder; without one, nothing was written.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut record = Self::default();
        let bytes = match fs::read(folder.join(LOG)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(record),
            other => other?,
        };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            // A write whose line was cut off, by a full disk or a kill, did not go through either.
            let whole = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
            let words: Vec<&str> = whole.unwrap_or_default().split(' ').collect();
            record.take(&words, folder);
        }
        Ok(record)
    }

    fn take(&mut self, words: &[&str], folder: &Path) -> Option<()> {
        let (verb, words) = words.split_first()?;
        if *verb == "places" {
            self.places = words.chunks_exact(3).filter_map(place).collect();
            return Some(());
        }
        let path = path(words.first()?)?;
        match *verb {
            "before" => {
                self.after.remove(&path);
                let (state, content) = (state(words.get(1..11)?)?, content(words.get(11)?, folder));
                self.directory(&path, state, &content);
                // A fork records a path that another one has touched before it: the first record counts.
                if self.known.insert(path.clone()) {
                    self.touched.push(EntryBefore { path, state, content });
                }
            }
            "parent" => {
                let content = content(words.get(11)?, folder);
                self.directory(&path, state(words.get(1..11)?)?, &content);
            }
            "again" => {
                self.after.remove(&path);
            }
            "after" => {
                let state = state(words.get(1..11)?)?;
                self.made.insert(state.essence());
                self.after.insert(path, state);
            }
            "outside" => self.outside.push((path, state(words.get(1..11)?)?)),
            _ => {}
        }
        Some(())
    }

    fn directory(&mut self, path: &Path, state: EntryState, content: &KeptContent) {
        if let KeptContent::Names(names) = content {
            self.directories.entry(path.to_owned()).or_insert_with(|| (state, names.clone()));
        }
    }
}

fn place(words: &[&str]) -> Option<OwnDirectory> {
    Some(OwnDirectory { path: path(words[0])?, device: number(words[1])?, inode: number(words[2])? })
}

/// The state in a line of the notes.
pub(crate) fn state(words: &[&str]) -> Option<EntryState> {
    let kind = match *words.first()? {
        "-" => return Some(EntryState::ABSENT),
        "f" => EntryKind::File,
        "d" => EntryKind::Directory,
        "l" => EntryKind::Link,
        _ => EntryKind::Other,
    };
    let n = words[1..].iter().map(|word| number(word)).collect::<Option<Vec<i128>>>()?;
    let &[mode, modified, size, device, inode, changed, links, user, group] = n.as_slice() else {
        return None;
    };
    Some(EntryState { kind, mode, modified, size, device, inode, changed, links, user, group })
}

fn content(word: &str, folder: &Path) -> KeptContent {
    let file = |name: &str| folder.join(Path::new(name).file_name().unwrap_or_default());
    match word.split_at_checked(1) {
        Some(("c", name)) => KeptContent::Copy(file(name)),
        Some(("l", target)) => {
            path(target).map_or(KeptContent::Unknown, |path| KeptContent::Target(path.into()))
        }
        Some(("n", name)) => {
            let bytes = fs::read(file(name)).unwrap_or_default();
            let names = bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            let mut names: Vec<OsString> = names.map(|name| OsString::from_vec(name.to_vec())).collect();
            names.sort();
            KeptContent::Names(names)
        }
        _ => KeptContent::Unknown,
    }
}

fn number(word: &str) -> Option<i128> {
    word.parse().ok()
}

/// Text travels as hexadecimal digits behind an `x`.
fn path(word: &str) -> Option<PathBuf> {
    let digits = word.strip_prefix('x')?.as_bytes();
    let bytes = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    Some(PathBuf::from(OsString::from_vec(bytes.collect::<Option<Vec<u8>>>()?)))
}
