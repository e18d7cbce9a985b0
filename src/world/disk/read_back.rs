//! Reads back what an interpreter did to the directory: only what changed since the last reading.

use std::io::{self, Read};
use std::sync::Arc;

use rustix::fs::{self, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::mark::{mark_of, virtual_time};
use super::{Directory, DiskContents};
use crate::world::EntryPath;
use crate::world::bytecode::{self, compiled_from};
use crate::world::{Content, Node, Time, World, names};

/// What a step did to the directory.
#[derive(Debug, Clone)]
pub struct ReadBack {
    /// The world after the step.
    pub world: World,
    /// Whether anything but bytecode was written.
    pub wrote_files: bool,
}

impl Directory {
    /// Reads what changed since [`Directory::make`] made `before` real.
    ///
    /// # Errors
    /// Returns the operating system's error.
    pub fn read_back(&mut self, before: &World) -> io::Result<ReadBack> {
        let Some(known) = self.known.take() else {
            return Err(io::Error::other("nothing was made real before reading back"));
        };
        let mut survey = Survey::default();
        if self.reopen_if_replaced()? {
            survey.removed.push(EntryPath::root());
            survey.changed.push(EntryPath::root());
        }
        survey.compare(self, &known)?;
        if survey.is_empty() {
            self.known = Some(known);
            return Ok(ReadBack { world: before.clone(), wrote_files: false });
        }
        self.adopt(known, before, &survey)
    }

    /// The node at `path` as the disk has it; none for what no world can hold (a FIFO, a socket, a device).
    fn read_node(&self, path: &EntryPath, stat: &Stat, stamp: Time) -> io::Result<Option<Node>> {
        let modified = virtual_time(stat, stamp);
        let name = names::to_bytes(path);
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Some(Node::Directory { modified }),
            FileType::RegularFile => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let mut file = std::fs::File::from(fs::openat(&self.handle, &*name, flags, Mode::empty())?);
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                let content = Content::Bytes(self.generalise(bytes).into());
                Some(Node::File { content, modified })
            }
            FileType::Symlink => {
                let target = fs::readlinkat(&self.handle, &*name, Vec::new())?.into_bytes();
                let target = self.generalise(target).into();
                Some(Node::Link { target })
            }
            _ => None,
        })
    }

    fn adopt(&mut self, mut known: DiskContents, before: &World, survey: &Survey) -> io::Result<ReadBack> {
        let mut world = before.clone();
        for path in &survey.removed {
            world.take(path);
            known.marks.retain(|entry, _| entry != path && !entry.is_below(path));
        }
        let mut nodes: Vec<(&EntryPath, Node)> = Vec::new();
        let mut foreign = false;
        for path in &survey.changed {
            let stat = self.look_at(path)?;
            if let Some(node) = self.read_node(path, &stat, before.stamp())? {
                nodes.push((path, node));
            } else {
                self.remove_all(path)?;
                foreign = true;
            }
        }
        for (path, node) in nodes {
            let mark = match node.modified() {
                Some(time) => self.set_time(path, time)?,
                None => mark_of(&self.look_at(path)?),
            };
            known.marks.insert(path.clone(), mark);
            if world.get(path) != Some(&node) {
                world.put(path.clone(), node);
            }
        }
        for path in &survey.changed {
            if let Some(bytecode) = compiled_from(path, before, &world) {
                world.put(path.clone(), bytecode);
            }
        }
        known.tree = Arc::clone(&world.tree);
        self.known = Some(known);
        let wrote_files = foreign || survey.wrote_files(before, &world);
        Ok(ReadBack { world, wrote_files })
    }
}

/// The differences from the known contents.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Entries that are gone or have changed their kind, with everything below them.
    removed: Vec<EntryPath>,
    /// Entries that are new or changed, parents first.
    changed: Vec<EntryPath>,
}

impl Survey {
    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.changed.is_empty()
    }

    fn compare(&mut self, directory: &Directory, known: &DiskContents) -> io::Result<()> {
        for (path, mark) in &known.marks {
            let gone = |removed: &EntryPath| !removed.is_root() && path.is_below(removed);
            if self.removed.last().is_some_and(gone) {
                continue;
            }
            let stat = match directory.look_at(path) {
                Ok(stat) => stat,
                Err(Errno::NOENT | Errno::NOTDIR) => {
                    self.removed.push(path.clone());
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if mark_of(&stat) == *mark {
                continue;
            }
            let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
            let was_directory = known.tree.get(path).is_some_and(Node::is_directory);
            if was_directory && !is_directory {
                self.removed.push(path.clone());
            }
            self.changed.push(path.clone());
            if is_directory {
                self.find_new(directory, path, |child| known.marks.contains_key(child))?;
            }
        }
        self.changed.sort_unstable();
        self.changed.dedup();
        Ok(())
    }

    fn find_new(
        &mut self,
        directory: &Directory,
        path: &EntryPath,
        known: impl Fn(&EntryPath) -> bool,
    ) -> io::Result<()> {
        let mut left = vec![path.clone()];
        while let Some(path) = left.pop() {
            for name in directory.list(&path)? {
                let child = path.join(&name);
                if known(&child) {
                    continue;
                }
                let stat = directory.look_at(&child)?;
                if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                    left.push(child.clone());
                }
                self.changed.push(child);
            }
        }
        Ok(())
    }

    /// Whether anything changed besides bytecode and its side effects.
    fn wrote_files(&self, before: &World, after: &World) -> bool {
        let touched = self.changed.iter().chain(&self.removed);
        let mut touched = touched.filter(|path| before.get(path) != after.get(path));
        touched.any(|path| {
            if bytecode::is_bytecode_name(path) {
                return false;
            }
            let both = [before, after].map(|world| world.get(path).is_some_and(Node::is_directory));
            // A directory whose time moved: an entry came or went, and is in the list unless it did both.
            both != [true, true]
                || !self
                    .changed
                    .iter()
                    .chain(&self.removed)
                    .any(|other| other.parent().as_ref() == Some(path))
        })
    }
}
