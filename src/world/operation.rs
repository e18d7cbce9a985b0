//! The steps that change a world, and the errors that they can meet. `perform` performs them.

use std::fmt;
use std::sync::Arc;

use super::{EntryPath, Nanos, Time};

/// A step that changes the file tree or the clock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Creates or overwrites a file; missing parents are created.
    Write {
        /// The file.
        path: EntryPath,
        /// Its whole new content.
        text: Arc<str>,
        /// Its modification time, or `None` for now.
        mtime: Option<Mtime>,
    },
    /// Creates or overwrites what was copied from outside; missing parents are created.
    Copy {
        /// What is copied.
        source: Arc<Copied>,
        /// Where the file or directory goes.
        to: EntryPath,
        /// The modification time of all that is copied, or `None` for now.
        mtime: Option<Mtime>,
    },
    /// Creates a directory and its parents.
    Mkdir(EntryPath),
    /// Removes a file, or a directory with its contents.
    Remove(EntryPath),
    /// rename(2).
    Rename {
        /// The entry that moves.
        from: EntryPath,
        /// Its new place.
        to: EntryPath,
    },
    /// Sets an entry's modification time.
    Touch {
        /// The entry.
        path: EntryPath,
        /// Its modification time, or `None` for now.
        mtime: Option<Mtime>,
    },
    /// Creates a symbolic link; missing parents are created.
    Link {
        /// The link.
        path: EntryPath,
        /// Where it leads, from the ordering's directory.
        to: EntryPath,
    },
    /// Moves the virtual clock.
    Sleep(Nanos),
}

impl Operation {
    /// Whether it gives a modification time that is not now.
    pub fn sets_time(&self) -> bool {
        matches!(
            self,
            Self::Write { mtime: Some(_), .. }
                | Self::Copy { mtime: Some(_), .. }
                | Self::Touch { mtime: Some(_), .. }
        )
    }
}

/// A modification time that a step gives, in place of now. The world rounds it down to a tick, as a file system does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mtime {
    /// So long before now.
    Before(Nanos),
    /// So long after now.
    After(Nanos),
    /// This instant.
    At(Time),
}

/// A real file or directory, as it was when the scenario was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Copied {
    /// Its path as the scenario writes it.
    pub written: String,
    /// The entries of a directory, parents first, the directory itself before all; or the one file. Paths are those
    /// below it; the root stands for itself. A directory has no content.
    pub entries: Vec<(EntryPath, Option<Arc<[u8]>>)>,
}

impl Copied {
    /// The entries as they lie once it has been copied to `to`.
    pub fn placed<'a>(
        &'a self,
        to: &'a EntryPath,
    ) -> impl Iterator<Item = (EntryPath, Option<&'a Arc<[u8]>>)> {
        self.entries.iter().map(move |(below, content)| {
            let parts = below.as_str().split('/').filter(|part| !part.is_empty());
            (parts.fold(to.clone(), |path, part| path.join(part)), content.as_ref())
        })
    }
}

/// The operating system's error for a step that cannot be performed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("[Errno {number}] {errno}: '{path}'", number = errno.number())]
pub struct OsError {
    /// The error.
    pub errno: Errno,
    /// The entry that the error is about.
    pub path: EntryPath,
}

/// The errors that a step on the world can cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Errno {
    /// ENOENT
    NoSuchEntry,
    /// EEXIST
    Exists,
    /// ENOTDIR
    NotADirectory,
    /// EISDIR
    IsADirectory,
    /// EINVAL
    Invalid,
    /// ENOTEMPTY
    NotEmpty,
    /// ELOOP: symbolic links lead in circles, or out of the ordering's directory
    Link,
}

impl Errno {
    /// Its number on Linux.
    pub const fn number(self) -> i32 {
        match self {
            Self::NoSuchEntry => 2,
            Self::Exists => 17,
            Self::NotADirectory => 20,
            Self::IsADirectory => 21,
            Self::Invalid => 22,
            Self::NotEmpty => 39,
            Self::Link => 40,
        }
    }

    /// The class that Python 3 raises for it (PEP 3151).
    pub const fn exception(self) -> &'static str {
        match self {
            Self::NoSuchEntry => "FileNotFoundError",
            Self::Exists => "FileExistsError",
            Self::NotADirectory => "NotADirectoryError",
            Self::IsADirectory => "IsADirectoryError",
            Self::Invalid | Self::NotEmpty | Self::Link => "OSError",
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchEntry => "No such file or directory",
            Self::Exists => "File exists",
            Self::NotADirectory => "Not a directory",
            Self::IsADirectory => "Is a directory",
            Self::Invalid => "Invalid argument",
            Self::NotEmpty => "Directory not empty",
            Self::Link => "Too many levels of symbolic links",
        })
    }
}
