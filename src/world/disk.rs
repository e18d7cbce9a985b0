//! Makes a real directory equal to a world, and reads back what an interpreter did to it. It writes only what differs
//! from the known contents, and reads only what changed since. The meaning of the steps is in `operation`.
//!
//! Virtual times are real modification times from the past (2001 and later, up to [`Directory::NEWEST`]). So a
//! newer time means that the step that just ran changed the entry, and it reads as the step's own time.

mod mark;
mod own_path;
mod read_back;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

pub use read_back::ReadBack;

use mark::{FileMark, clock, mark_of, timestamps};

use super::EntryPath;
use super::names;
use super::{Content, Node, Time, World};

/// A directory on disk that is made equal to worlds.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    handle: OwnedFd,
    /// The known contents; `None` after an error, and then everything is written afresh.
    known: Option<DiskContents>,
    generation: u64,
}

#[derive(Debug, Clone)]
struct DiskContents {
    tree: Arc<BTreeMap<EntryPath, Node>>,
    marks: BTreeMap<EntryPath, FileMark>,
}

impl Directory {
    /// The newest modification time that counts as virtual (in September 2020).
    pub const NEWEST: Time = mark::NEWEST;

    /// Creates the directory at `path`, whose parent exists.
    ///
    /// # Errors
    /// Returns an error if the directory cannot be created, or if its file system does not keep modification
    /// times to the nanosecond.
    pub fn create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir(path)?;
        let path = path.canonicalize()?;
        let handle = open_directory(&path)?;
        let probe = Time(Time::START.0 + 1);
        fs::futimens(&handle, &timestamps(probe))?;
        if mark_of(&fs::fstat(&handle)?).modified != clock(probe) {
            return Err(io::Error::other(format!(
                "the file system of {} does not keep modification times to the nanosecond; set TMPDIR to one that does",
                path.display()
            )));
        }
        Ok(Self { path, handle, known: None, generation: 0 })
    }

    /// Its path, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Grows by one whenever the directory itself had to be created anew.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Makes the directory equal to `world`.
    ///
    /// # Errors
    /// Returns the operating system's error, and an error for times past [`Directory::NEWEST`].
    pub fn make(&mut self, world: &World) -> io::Result<()> {
        let known = match self.known.take() {
            Some(known) if Arc::ptr_eq(&known.tree, &world.tree) => {
                self.known = Some(known);
                return Ok(());
            }
            Some(known) => known,
            None => self.wipe()?,
        };
        self.known = Some(self.turn_into(known, world)?);
        Ok(())
    }

    /// Discards the known contents: the next [`Directory::make`] writes everything afresh.
    pub fn distrust(&mut self) {
        self.known = None;
    }

    fn wipe(&mut self) -> io::Result<DiskContents> {
        self.reopen_if_replaced()?;
        for name in self.list(&EntryPath::root())? {
            self.remove_all(&EntryPath::root().join(&name))?;
        }
        let root = EntryPath::root();
        let modified = Time(0);
        let mark = mark_of(&fs::fstat(&self.handle)?);
        Ok(DiskContents {
            tree: Arc::new(BTreeMap::from([(root.clone(), Node::Directory { modified })])),
            marks: BTreeMap::from([(root, mark)]),
        })
    }

    /// Whether the directory was deleted or replaced; creates it anew if so.
    fn reopen_if_replaced(&mut self) -> io::Result<bool> {
        let ours = fs::fstat(&self.handle)?;
        match fs::lstat(&self.path) {
            Ok(stat) if stat.st_ino == ours.st_ino && stat.st_dev == ours.st_dev => return Ok(false),
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {}
            Ok(_) => {
                fs::unlink(&self.path)?;
                std::fs::create_dir_all(&self.path)?;
            }
            Err(Errno::NOENT | Errno::NOTDIR) => std::fs::create_dir_all(&self.path)?,
            Err(error) => return Err(error.into()),
        }
        self.handle = open_directory(&self.path)?;
        self.generation += 1;
        Ok(true)
    }

    fn turn_into(&self, mut known: DiskContents, world: &World) -> io::Result<DiskContents> {
        let mut dirty: Vec<EntryPath> = Vec::new();
        for (path, node) in known.tree.iter().rev() {
            if !world.get(path).is_some_and(|wanted| same_kind(wanted, node)) {
                self.remove_entry(path, node)?;
                known.marks.remove(path);
                dirty.extend(path.parent());
            }
        }
        for (path, wanted) in world.tree.iter() {
            let there = known.tree.get(path).filter(|node| same_kind(wanted, node));
            if there == Some(wanted) {
                continue;
            }
            if wanted.modified().is_some_and(|time| time > Self::NEWEST) {
                return Err(io::Error::other(
                    "virtual time has passed September 2020, its end on a real interpreter",
                ));
            }
            // What is written may have to be removed first, which moves the time of its directory.
            if there.is_none() || !wanted.is_directory() {
                dirty.extend(path.parent());
            }
            if let Some(mark) = self.write_entry(path, wanted, there)? {
                known.marks.insert(path.clone(), mark);
            } else {
                dirty.push(path.clone());
            }
        }
        dirty.sort_unstable();
        dirty.dedup();
        for path in dirty {
            if let Some(time) = world.get(&path).and_then(Node::modified) {
                known.marks.insert(path.clone(), self.set_time(&path, time)?);
            }
        }
        known.tree = Arc::clone(&world.tree);
        Ok(known)
    }

    /// Creates or rewrites one entry. Returns `None` for a directory: its time is set when its contents are complete.
    fn write_entry(
        &self,
        path: &EntryPath,
        wanted: &Node,
        there: Option<&Node>,
    ) -> io::Result<Option<FileMark>> {
        let name = names::to_bytes(path);
        match (wanted, there) {
            (Node::Directory { .. }, Some(_)) => Ok(None),
            (Node::Directory { .. }, None) => {
                fs::mkdirat(&self.handle, &*name, Mode::from_raw_mode(0o755))?;
                Ok(None)
            }
            (Node::File { content, modified }, Some(Node::File { content: old, .. })) if content == old => {
                self.set_time(path, *modified).map(Some)
            }
            (Node::File { content, modified }, _) => self.write_file(&name, content, *modified).map(Some),
            (Node::Link { target }, there) => {
                if there.is_some() {
                    fs::unlinkat(&self.handle, &*name, AtFlags::empty())?;
                }
                let target = self.localise(target);
                fs::symlinkat(OsStr::from_bytes(&target), &self.handle, &*name)?;
                Ok(Some(mark_of(&self.look_at(path)?)))
            }
        }
    }

    fn write_file(&self, name: &[u8], content: &Content, modified: Time) -> io::Result<FileMark> {
        let bytes = match content {
            Content::Bytes(bytes) => bytes,
            Content::Bytecode(bytecode) => &bytecode.bytes,
        };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = || fs::openat(&self.handle, name, flags, Mode::from_raw_mode(0o644));
        let file = match open() {
            Err(Errno::ACCESS | Errno::PERM) => {
                fs::unlinkat(&self.handle, name, AtFlags::empty())?;
                open()?
            }
            other => other?,
        };
        let mut file = std::fs::File::from(file);
        if !bytes.is_empty() {
            file.write_all(&self.localise(bytes))?;
        }
        fs::futimens(&file, &timestamps(modified))?;
        Ok(mark_of(&fs::fstat(&file)?))
    }

    fn set_time(&self, path: &EntryPath, time: Time) -> io::Result<FileMark> {
        let times = timestamps(time);
        if path.is_root() {
            fs::futimens(&self.handle, &times)?;
        } else {
            let name = names::to_bytes(path);
            fs::utimensat(&self.handle, &*name, &times, AtFlags::SYMLINK_NOFOLLOW)?;
        }
        Ok(mark_of(&self.look_at(path)?))
    }

    fn look_at(&self, path: &EntryPath) -> Result<Stat, Errno> {
        if path.is_root() {
            return fs::fstat(&self.handle);
        }
        fs::statat(&self.handle, &*names::to_bytes(path), AtFlags::SYMLINK_NOFOLLOW)
    }

    fn remove_entry(&self, path: &EntryPath, node: &Node) -> io::Result<()> {
        let flags = if node.is_directory() { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        match fs::unlinkat(&self.handle, &*names::to_bytes(path), flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            // Something unknown lies in it: perhaps a process that outlived its step put it there.
            Err(_) => self.remove_all(path),
        }
    }

    fn remove_all(&self, path: &EntryPath) -> io::Result<()> {
        let full = self.path.join(OsStr::from_bytes(&names::to_bytes(path)));
        match fs::lstat(&full) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                std::fs::remove_dir_all(full)
            }
            Ok(_) => std::fs::remove_file(full),
            Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, directory: &EntryPath) -> io::Result<Vec<String>> {
        let full = self.path.join(OsStr::from_bytes(&names::to_bytes(directory)));
        let entries = std::fs::read_dir(full)?;
        entries.map(|entry| Ok(names::from_bytes(&entry?.file_name().into_vec()))).collect()
    }
}

fn open_directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = fs::open(path, flags, Mode::empty())?;
    Ok(handle)
}

fn same_kind(one: &Node, other: &Node) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}
