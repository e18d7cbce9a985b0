//! Making a real directory equal to a world, and reading back what an interpreter did to it. Only what differs from what
//! is known to be there is written, and only what changed since is read. What the steps mean is `operation`.
//!
//! Virtual times are real modification times from the past (2001 and later, up to [`Directory::NEWEST`]); so whatever is
//! newer was changed by the step that just ran, and reads as the step's own time.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;

use super::bytecode::{self, compiled_from};
use super::names;
use super::{Content, Nanos, Node, Time, World};
use crate::scenario::EntryPath;

/// A directory on disk that is made equal to worlds.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    handle: OwnedFd,
    /// What is there; none after an error, and then all is written anew.
    known: Option<Known>,
    generation: u64,
}

#[derive(Debug, Clone)]
struct Known {
    tree: Arc<BTreeMap<EntryPath, Node>>,
    marks: BTreeMap<EntryPath, Mark>,
}

/// What tells whether an entry was changed since it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    size: i64,
}

/// What a step did to the directory.
#[derive(Debug, Clone)]
pub struct ReadBack {
    /// The world after the step.
    pub world: World,
    /// Whether anything but bytecode was written.
    pub wrote_files: bool,
}

impl Directory {
    /// The newest modification time that counts as virtual (in September 2020).
    pub const NEWEST: Time = Time(1_600_000_000 * Nanos::SECOND.0);

    /// Creates the directory at `path`, whose parent exists.
    ///
    /// # Errors
    /// Where it cannot be created, or where its file system does not keep modification times to the nanosecond.
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

    /// Where it is, without symbolic links.
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
    /// What the operating system answers, and times past [`Directory::NEWEST`].
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

    /// Reads what changed since [`Directory::make`] made `before` real.
    ///
    /// # Errors
    /// What the operating system answers.
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

    /// Forgets what is known to be there: the next [`Directory::make`] writes all anew.
    pub fn distrust(&mut self) {
        self.known = None;
    }

    fn wipe(&mut self) -> io::Result<Known> {
        self.reopen_if_replaced()?;
        for name in self.list(&EntryPath::root())? {
            self.remove_all(&EntryPath::root().join(&name))?;
        }
        let root = EntryPath::root();
        let modified = Time(0);
        let mark = mark_of(&fs::fstat(&self.handle)?);
        Ok(Known {
            tree: Arc::new(BTreeMap::from([(root.clone(), Node::Directory { modified })])),
            marks: BTreeMap::from([(root, mark)]),
        })
    }

    /// Whether the directory was deleted or replaced; it is there again afterwards.
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

    fn turn_into(&self, mut known: Known, world: &World) -> io::Result<Known> {
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
            if there.is_none() {
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

    /// Creates or rewrites one entry; none for a directory, whose time is set when all in it is done.
    fn write_entry(&self, path: &EntryPath, wanted: &Node, there: Option<&Node>) -> io::Result<Option<Mark>> {
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

    fn write_file(&self, name: &[u8], content: &Content, modified: Time) -> io::Result<Mark> {
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

    fn set_time(&self, path: &EntryPath, time: Time) -> io::Result<Mark> {
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
            // Something unknown lies in it: a process that outlived its step may have put it there.
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

    fn adopt(&mut self, mut known: Known, before: &World, survey: &Survey) -> io::Result<ReadBack> {
        let mut world = before.clone();
        for path in &survey.removed {
            world.take(path);
            known.marks.retain(|entry, _| entry != path && !entry.is_below(path));
        }
        let mut nodes: Vec<(&EntryPath, Node)> = Vec::new();
        let mut foreign = false;
        for path in &survey.changed {
            let stat = self.look_at(path)?;
            match self.read_node(path, &stat, before.stamp())? {
                Some(node) => nodes.push((path, node)),
                None => {
                    self.remove_all(path)?;
                    foreign = true;
                }
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

    /// `bytes` with the directory's own path replaced by a placeholder of equal length, so that directories whose paths
    /// are equally long read back equal.
    fn generalise(&self, bytes: Vec<u8>) -> Vec<u8> {
        let own = self.path.as_os_str().as_bytes();
        replace(&bytes, own, &placeholder(own.len())).unwrap_or(bytes)
    }

    fn localise<'a>(&self, bytes: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        let own = self.path.as_os_str().as_bytes();
        match replace(bytes, &placeholder(own.len()), own) {
            Some(bytes) => bytes.into(),
            None => bytes.into(),
        }
    }
}

/// What is different from what was known.
#[derive(Debug, Default)]
struct Survey {
    /// Entries that are gone, or are of another kind now; with all below them.
    removed: Vec<EntryPath>,
    /// Entries that are new or changed, parents first.
    changed: Vec<EntryPath>,
}

impl Survey {
    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.changed.is_empty()
    }

    fn compare(&mut self, directory: &Directory, known: &Known) -> io::Result<()> {
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

    /// Whether anything changed beyond bytecode and what bytecode brings with it.
    fn wrote_files(&self, before: &World, after: &World) -> bool {
        let touched = self.changed.iter().chain(&self.removed);
        let mut touched = touched.filter(|path| before.get(path) != after.get(path));
        touched.any(|path| {
            if bytecode::is_bytecode_name(path) {
                return false;
            }
            let both = [before, after].map(|world| world.get(path).is_some_and(Node::is_directory));
            // A directory whose time moved: something in it came or went, and is in the list unless it did both.
            both != [true, true]
                || !self
                    .changed
                    .iter()
                    .chain(&self.removed)
                    .any(|other| other.parent().as_ref() == Some(path))
        })
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

#[expect(
    clippy::cast_lossless,
    clippy::useless_conversion,
    reason = "the fields' types differ between platforms"
)]
#[expect(clippy::unnecessary_cast, reason = "the fields' types differ between platforms")]
fn mark_of(stat: &Stat) -> Mark {
    Mark {
        inode: stat.st_ino,
        modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        size: stat.st_size as i64,
    }
}

/// The modification time as a world sees it: the step's own for whatever is newer than virtual time.
fn virtual_time(stat: &Stat, stamp: Time) -> Time {
    let (second, nano) = mark_of(stat).modified;
    let since = u64::try_from(second)
        .ok()
        .and_then(|second| second.checked_mul(Nanos::SECOND.0))
        .zip(u64::try_from(nano).ok());
    match since {
        Some((seconds, nanos)) if seconds <= Directory::NEWEST.0 => Time(seconds + nanos),
        Some(_) => stamp,
        None => Time(0),
    }
}

fn clock(time: Time) -> (i64, i64) {
    let whole = |part: u64| i64::try_from(part).unwrap_or(i64::MAX);
    (whole(time.second()), whole(time.subsecond()))
}

fn timestamps(time: Time) -> Timestamps {
    let (second, nano) = clock(time);
    let time = Timespec { tv_sec: second, tv_nsec: nano as _ };
    Timestamps { last_access: time, last_modification: time }
}

/// What stands for the directory's own path in contents: no text that people write, and of the same length, since
/// bytecode keeps lengths.
fn placeholder(length: usize) -> Vec<u8> {
    let mut placeholder = vec![b'$'; length];
    if let Some(first) = placeholder.first_mut() {
        *first = 2;
    }
    placeholder
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let &first = from.first()?;
    let find = |start: usize| {
        let mut at = start;
        loop {
            at += bytes.get(at..)?.iter().position(|&byte| byte == first)?;
            if bytes[at..].starts_with(from) {
                return Some(at);
            }
            at += 1;
        }
    };
    let mut at = find(0)?;
    let mut replaced = bytes.to_vec();
    loop {
        replaced[at..at + to.len()].copy_from_slice(to);
        match find(at + from.len()) {
            Some(next) => at = next,
            None => return Some(replaced),
        }
    }
}
