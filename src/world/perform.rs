//! Performs steps on a world: each does what Linux does, with the world's own modification times. `links` finds what a
//! path with symbolic links in it leads to.

use std::sync::Arc;

use super::links::{LastLink, way};
use super::operation::{Copied, Errno, Mtime, Operation, OsError};
use super::{Content, EntryPath, Node, Time, World};

impl World {
    /// Performs one step on the tree or, for a sleep, the clock. The caller adds the time that other steps take.
    ///
    /// # Errors
    /// Returns the operating system's error; the tree may then hold parents that `write` or `mkdir` had already
    /// created.
    pub fn perform(&mut self, operation: &Operation) -> Result<(), OsError> {
        match operation {
            Operation::Write { path, text, mtime } => {
                let content = Content::Bytes(Arc::from(text.as_bytes()));
                self.write(path, content, self.time_of(*mtime))
            }
            Operation::Copy { source, to, mtime } => self.copy(source, to, self.time_of(*mtime)),
            Operation::Mkdir(path) => self.make_directory(path),
            Operation::Remove(path) => self.remove(path),
            Operation::Rename { from, to } => self.rename(from, to),
            Operation::Touch { path, mtime } => self.touch(path, self.time_of(*mtime)),
            Operation::Link { path, to } => self.link(path, to),
            Operation::Sleep(length) => {
                self.advance(*length);
                Ok(())
            }
        }
    }

    /// The modification time that a step gives, on a tick.
    pub fn time_of(&self, mtime: Option<Mtime>) -> Time {
        let time = match mtime {
            None => self.now(),
            Some(Mtime::Before(length)) => Time(self.now().0.saturating_sub(length.0)),
            Some(Mtime::After(length)) => self.now().saturating_add(length),
            Some(Mtime::At(time)) => time,
        };
        time.floor(self.tick())
    }

    fn write(&mut self, written: &EntryPath, content: Content, modified: Time) -> Result<(), OsError> {
        if let Some(parent) = written.parent() {
            self.make_directory(&parent)?;
        }
        let path = &self.resolve(written, LastLink::Followed)?;
        match self.get(path) {
            Some(Node::Directory { .. }) => return fault(Errno::IsADirectory, written),
            Some(Node::Link { .. }) => return fault(Errno::Link, written),
            Some(Node::File { .. }) => {}
            None => {
                self.directory_of(path)?;
                self.entries_changed(path);
            }
        }
        self.put(path.clone(), Node::File { content, modified });
        Ok(())
    }

    fn copy(&mut self, source: &Copied, to: &EntryPath, modified: Time) -> Result<(), OsError> {
        for (path, content) in source.placed(to) {
            match content {
                Some(bytes) => self.write(&path, Content::Bytes(Arc::clone(bytes)), modified)?,
                None => self.make_directory(&path)?,
            }
        }
        if modified != self.stamp() {
            for (path, _) in source.placed(to) {
                self.touch(&path, modified)?;
            }
        }
        Ok(())
    }

    fn make_directory(&mut self, written: &EntryPath) -> Result<(), OsError> {
        let path = self.resolve(written, LastLink::Kept)?;
        match self.get(&path) {
            Some(Node::Directory { .. }) => return Ok(()),
            Some(Node::Link { .. }) if self.leads_to(written).is_some_and(Node::is_directory) => {
                return Ok(());
            }
            Some(_) => return fault(Errno::Exists, written),
            None if self.leads_through_a_file(&path) => return fault(Errno::NotADirectory, written),
            None => {}
        }
        if let Some(parent) = written.parent() {
            self.make_directory(&parent)?;
        }
        let path = self.resolve(written, LastLink::Kept)?;
        self.entries_changed(&path);
        self.put(path, Node::Directory { modified: self.stamp() });
        Ok(())
    }

    /// The entry that a path leads to, all links followed.
    pub(crate) fn leads_to(&self, path: &EntryPath) -> Option<&Node> {
        self.get(&self.followed(path)?)
    }

    /// Whether a file stands where a path needs a directory.
    fn leads_through_a_file(&self, path: &EntryPath) -> bool {
        matches!(self.existing(path), Err(OsError { errno: Errno::NotADirectory, .. }))
    }

    fn link(&mut self, written: &EntryPath, to: &EntryPath) -> Result<(), OsError> {
        if let Some(parent) = written.parent() {
            self.make_directory(&parent)?;
        }
        let path = &self.resolve(written, LastLink::Kept)?;
        if self.get(path).is_some() {
            return fault(Errno::Exists, written);
        }
        let parent = path.parent().unwrap_or_else(EntryPath::root);
        self.entries_changed(path);
        let target = Arc::from(way(&parent, to).into_bytes());
        self.put(path.clone(), Node::Link { target });
        Ok(())
    }

    fn remove(&mut self, written: &EntryPath) -> Result<(), OsError> {
        let path = &self.resolve(written, LastLink::Kept)?;
        self.existing(path)?;
        self.take(path);
        self.entries_changed(path);
        Ok(())
    }

    fn rename(&mut self, from: &EntryPath, to: &EntryPath) -> Result<(), OsError> {
        // The order in which Linux checks: the path to each entry, then the entry to move.
        let from = &self.resolve(from, LastLink::Kept)?;
        self.directory_of(from)?;
        let to = &self.resolve(to, LastLink::Kept)?;
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

    fn touch(&mut self, written: &EntryPath, time: Time) -> Result<(), OsError> {
        let path = &self.resolve(written, LastLink::Followed)?;
        let mut node = self.existing(path)?.clone();
        match &mut node {
            Node::Directory { modified } | Node::File { modified, .. } => *modified = time,
            Node::Link { .. } => return fault(Errno::Link, written),
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
