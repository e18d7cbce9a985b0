//! The steps that change a world, as functions on it: each does what Linux does, with the world's own modification times.

use std::fmt;
use std::sync::Arc;

use super::{Content, EntryPath, Nanos, Node, World};

/// A step that changes the file tree or the clock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Creates or overwrites a file; missing parents are created.
    Write {
        /// The file.
        path: EntryPath,
        /// Its whole new content.
        text: Arc<str>,
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
    /// Sets an entry's modification time to now.
    Touch(EntryPath),
    /// Moves the virtual clock.
    Sleep(Nanos),
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
    /// ELOOP: the step would have to follow a symbolic link
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

impl World {
    /// Performs one step on the tree or, for a sleep, the clock. The caller adds the time that other steps take.
    ///
    /// # Errors
    /// Returns the operating system's error; the tree may then hold parents that `write` or `mkdir` had already
    /// created.
    pub fn perform(&mut self, operation: &Operation) -> Result<(), OsError> {
        match operation {
            Operation::Write { path, text } => self.write(path, text),
            Operation::Mkdir(path) => self.make_directory(path),
            Operation::Remove(path) => self.remove(path),
            Operation::Rename { from, to } => self.rename(from, to),
            Operation::Touch(path) => self.touch(path),
            Operation::Sleep(length) => {
                self.advance(*length);
                Ok(())
            }
        }
    }

    fn write(&mut self, path: &EntryPath, text: &str) -> Result<(), OsError> {
        if let Some(parent) = path.parent() {
            self.make_directory(&parent)?;
        }
        match self.get(path) {
            Some(Node::Directory { .. }) => return fault(Errno::IsADirectory, path),
            Some(Node::Link { .. }) => return fault(Errno::Link, path),
            Some(Node::File { .. }) => {}
            None => self.entries_changed(path),
        }
        let content = Content::Bytes(Arc::from(text.as_bytes()));
        self.put(path.clone(), Node::File { content, modified: self.stamp() });
        Ok(())
    }

    fn make_directory(&mut self, path: &EntryPath) -> Result<(), OsError> {
        match self.get(path) {
            Some(Node::Directory { .. }) => return Ok(()),
            Some(Node::File { .. }) => return fault(Errno::Exists, path),
            Some(Node::Link { .. }) => return fault(Errno::Link, path),
            None => {}
        }
        if let Some(parent) = path.parent() {
            self.make_directory(&parent).map_err(|problem| through_a_file(problem, &parent))?;
        }
        self.entries_changed(path);
        self.put(path.clone(), Node::Directory { modified: self.stamp() });
        Ok(())
    }

    fn remove(&mut self, path: &EntryPath) -> Result<(), OsError> {
        self.existing(path)?;
        self.take(path);
        self.entries_changed(path);
        Ok(())
    }

    fn rename(&mut self, from: &EntryPath, to: &EntryPath) -> Result<(), OsError> {
        // The order in which Linux checks: the path to each entry, then the entry to move.
        self.directory_of(from)?;
        self.directory_of(to)?;
        let moved = self.existing(from)?.clone();
        if from == to {
            return Ok(());
        }
        if to.is_below(from) {
            return fault(Errno::Invalid, to);
        }
        if from.is_below(to) {
            return fault(Errno::NotEmpty, to);
        }
        self.may_replace(&moved, to)?;
        self.take(to);
        let below: Vec<_> = self
            .entries()
            .filter(|(path, _)| path.is_below(from))
            .map(|(path, node)| (path.clone(), node.clone()))
            .collect();
        self.take(from);
        self.put(to.clone(), moved);
        for (path, node) in below {
            let rest = &path.as_str()[from.as_str().len()..];
            let moved = EntryPath::new(&format!("{}{rest}", to.as_str())).unwrap_or(path);
            self.put(moved, node);
        }
        self.entries_changed(from);
        self.entries_changed(to);
        Ok(())
    }

    fn may_replace(&self, moved: &Node, to: &EntryPath) -> Result<(), OsError> {
        match (moved.is_directory(), self.get(to)) {
            (true, Some(Node::Directory { .. })) if self.names_in(to).next().is_some() => {
                fault(Errno::NotEmpty, to)
            }
            (true, Some(Node::File { .. } | Node::Link { .. })) => fault(Errno::NotADirectory, to),
            (false, Some(Node::Directory { .. })) => fault(Errno::IsADirectory, to),
            _ => Ok(()),
        }
    }

    fn touch(&mut self, path: &EntryPath) -> Result<(), OsError> {
        let stamp = self.stamp();
        let mut node = self.existing(path)?.clone();
        match &mut node {
            Node::Directory { modified } | Node::File { modified, .. } => *modified = stamp,
            Node::Link { .. } => return fault(Errno::Link, path),
        }
        self.put(path.clone(), node);
        Ok(())
    }

    /// Checks that the directory of `path` is there.
    fn directory_of(&self, path: &EntryPath) -> Result<(), OsError> {
        let parent = path.parent().unwrap_or_else(EntryPath::root);
        match self.existing(&parent)? {
            Node::Directory { .. } => Ok(()),
            Node::Link { .. } => fault(Errno::Link, &parent),
            Node::File { .. } => fault(Errno::NotADirectory, &parent),
        }
    }

    /// The entry at `path`, or the error that Linux reports: nothing is there, or a file or link is in the way.
    fn existing(&self, path: &EntryPath) -> Result<&Node, OsError> {
        if let Some(node) = self.get(path) {
            return Ok(node);
        }
        let mut above = path.parent();
        while let Some(parent) = above {
            match self.get(&parent) {
                Some(Node::File { .. }) => return fault(Errno::NotADirectory, path),
                Some(Node::Link { .. }) => return fault(Errno::Link, &parent),
                _ => above = parent.parent(),
            }
        }
        fault(Errno::NoSuchEntry, path)
    }

    /// Updates the time of the directory of `path`.
    fn entries_changed(&mut self, path: &EntryPath) {
        let modified = self.stamp();
        if let Some(parent) = path.parent() {
            self.put(parent, Node::Directory { modified });
        }
    }
}

fn fault<T>(errno: Errno, path: &EntryPath) -> Result<T, OsError> {
    Err(OsError { errno, path: path.clone() })
}

/// `mkdir` below a file is ENOTDIR, where the file itself would be EEXIST.
fn through_a_file(problem: OsError, parent: &EntryPath) -> OsError {
    if problem.errno == Errno::Exists && problem.path == *parent {
        return OsError { errno: Errno::NotADirectory, path: problem.path };
    }
    problem
}
