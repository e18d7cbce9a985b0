//! Single file operations under a directory of the suite's own, without following a link anywhere: each starts at the
//! directory, which is identified by its inode number, and goes down one name at a time.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, RawMode, Timespec, Timestamps, UTIME_OMIT, Uid,
};

use super::written::{EntryKind, EntryState, OwnDirectory};

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const READ: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
const NEW: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// The name of a file while it is being written, beside the file that it replaces.
const HALF: &str = ".taster-half-written";

/// An entry: its directory and its name in it.
#[derive(Debug)]
pub(crate) struct SuiteEntry {
    directory: OwnedFd,
    name: OsString,
}

/// Opens a directory of the suite's own, if it is still the same one.
pub(crate) fn open_place(place: &OwnDirectory) -> io::Result<OwnedFd> {
    let directory = rustix::fs::openat(CWD, &place.path, DIRECTORY, Mode::empty())?;
    let stat = rustix::fs::fstat(&directory)?;
    if (i128::from(stat.st_dev), i128::from(stat.st_ino)) != (place.device, place.inode) {
        return Err(io::Error::other("the suite's directory is another one now"));
    }
    Ok(directory)
}

impl SuiteEntry {
    /// The entry at this path under a directory.
    pub(crate) fn find(top: &OwnedFd, inside: &Path) -> io::Result<Self> {
        let mut directory = top.try_clone()?;
        let mut names: Vec<&OsStr> = Vec::new();
        for component in inside.components() {
            match component {
                Component::Normal(name) => names.push(name),
                _ => return Err(io::Error::other("the path leaves the suite's directory")),
            }
        }
        let name = names.pop().unwrap_or(OsStr::new("."));
        for parent in names {
            directory = rustix::fs::openat(&directory, parent, DIRECTORY, Mode::empty())?;
        }
        Ok(Self { directory, name: name.to_owned() })
    }

    /// Its current state.
    pub(crate) fn state(&self) -> io::Result<EntryState> {
        match rustix::fs::statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(rustix::io::Errno::NOENT) => Ok(EntryState::ABSENT),
            Err(error) => Err(error.into()),
            Ok(stat) => Ok(state(&stat)),
        }
    }

    /// A link's target.
    pub(crate) fn target(&self) -> io::Result<OsString> {
        let target = rustix::fs::readlinkat(&self.directory, &self.name, Vec::new())?;
        Ok(OsStr::from_bytes(target.as_bytes()).to_owned())
    }

    /// The names in a directory, sorted.
    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        let directory = rustix::fs::openat(&self.directory, &self.name, DIRECTORY, Mode::empty())?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&directory)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Whether a file has this content.
    pub(crate) fn holds(&self, copy: &Path) -> io::Result<bool> {
        let (mut one, mut other) = (self.reader()?, File::open(copy)?);
        if one.metadata()?.len() != other.metadata()?.len() {
            return Ok(false);
        }
        let (mut first, mut second) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        loop {
            let length = one.read(&mut first)?;
            if length == 0 {
                return Ok(true);
            }
            other.read_exact(&mut second[..length])?;
            if first[..length] != second[..length] {
                return Ok(false);
            }
        }
    }

    /// Copies a file, or records the target of a link, before it is overwritten or removed.
    pub(crate) fn keep(&self, kind: EntryKind, to: &Path) -> io::Result<()> {
        match kind {
            EntryKind::File => io::copy(&mut self.reader()?, &mut File::create(to)?).map(|_| ()),
            EntryKind::Link => fs::write(to, self.target()?.as_bytes()),
            _ => Ok(()),
        }
    }

    fn reader(&self) -> io::Result<File> {
        Ok(rustix::fs::openat(&self.directory, &self.name, READ, Mode::empty())?.into())
    }

    /// Removes it; a directory only if it is empty.
    pub(crate) fn remove(&self, kind: EntryKind) -> io::Result<()> {
        let flags = if kind == EntryKind::Directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        Ok(rustix::fs::unlinkat(&self.directory, &self.name, flags)?)
    }

    /// Creates a file with this content, replacing what is there; fails on a directory.
    pub(crate) fn replace(&self, copy: &Path, wanted: &EntryState) -> io::Result<()> {
        let stat = rustix::fs::fstat(&self.directory)?;
        let half = Self { directory: self.directory.try_clone()?, name: HALF.into() };
        let _none_was_left = half.remove(EntryKind::File);
        let new = rustix::fs::openat(&self.directory, HALF, NEW, Mode::RUSR | Mode::WUSR)?;
        let mut new = File::from(new);
        let made = io::copy(&mut File::open(copy)?, &mut new)
            .and_then(|_| finish(&new, wanted))
            .and_then(|()| Ok(rustix::fs::renameat(&self.directory, HALF, &self.directory, &self.name)?));
        if made.is_err() {
            let _it_is_half = half.remove(EntryKind::File);
        }
        // Rewriting a file moves the time of its directory; the caller decides whether that matters.
        let _best_effort = rustix::fs::futimens(&self.directory, &times(state(&stat).modified));
        made
    }

    /// Rewrites a file in place, because it has other names.
    pub(crate) fn rewrite(&self, copy: &Path, wanted: &EntryState) -> io::Result<()> {
        // The owner can still restore the content of a read-only file.
        self.set_mode(&EntryState { mode: wanted.mode | 0o600, ..*wanted })?;
        let flags = OFlags::WRONLY | READ;
        let mut file = File::from(rustix::fs::openat(&self.directory, &self.name, flags, Mode::empty())?);
        let stat = state(&rustix::fs::fstat(&file)?);
        if !stat.is_same_entry(wanted) {
            return Err(io::Error::other("it is another file now"));
        }
        let length = io::copy(&mut File::open(copy)?, &mut file)?;
        file.set_len(length)?;
        finish(&file, wanted)
    }

    /// Makes a link.
    pub(crate) fn link(&self, target: &OsStr, wanted: &EntryState) -> io::Result<()> {
        rustix::fs::symlinkat(target, &self.directory, &self.name)?;
        self.set_time(wanted.modified)
    }

    /// Makes it another name of a file.
    pub(crate) fn hard_link(&self, other: &Path) -> io::Result<()> {
        Ok(rustix::fs::linkat(CWD, other, &self.directory, &self.name, AtFlags::empty())?)
    }

    /// Makes a directory, a named pipe or nothing.
    pub(crate) fn make(&self, wanted: &EntryState) -> io::Result<()> {
        match wanted.kind {
            EntryKind::Directory => rustix::fs::mkdirat(&self.directory, &self.name, Mode::RWXU)?,
            _ => return Err(io::Error::other("it was a pipe, a socket or a device")),
        }
        self.set_mode(wanted)
    }

    /// Sets the mode and owner of an entry that is not a link.
    pub(crate) fn set_mode(&self, wanted: &EntryState) -> io::Result<()> {
        let now = self.state()?;
        if now.kind != wanted.kind || now.kind == EntryKind::Link {
            return Err(io::Error::other("it is something else now"));
        }
        if (now.user, now.group) != (wanted.user, wanted.group) {
            let (user, group) = owner(wanted);
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            rustix::fs::chownat(&self.directory, &self.name, user, group, flags)?;
        }
        // Changing the owner may clear bits of the mode, so the mode comes last.
        Ok(rustix::fs::chmodat(&self.directory, &self.name, mode(wanted), AtFlags::empty())?)
    }

    /// Sets the modification time; for a link, its own.
    pub(crate) fn set_time(&self, modified: i128) -> io::Result<()> {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        Ok(rustix::fs::utimensat(&self.directory, &self.name, &times(modified), flags)?)
    }
}

fn state(stat: &rustix::fs::Stat) -> EntryState {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Directory,
        FileType::Symlink => EntryKind::Link,
        _ => EntryKind::Other,
    };
    let nanoseconds = |seconds: i128, rest: i128| seconds * 1_000_000_000 + rest;
    EntryState {
        kind,
        mode: i128::from(stat.st_mode) & 0o7777,
        modified: nanoseconds(stat.st_mtime.into(), stat.st_mtime_nsec.into()),
        size: stat.st_size.into(),
        device: stat.st_dev.into(),
        inode: stat.st_ino.into(),
        changed: nanoseconds(stat.st_ctime.into(), stat.st_ctime_nsec.into()),
        links: stat.st_nlink.into(),
        user: stat.st_uid.into(),
        group: stat.st_gid.into(),
    }
}

/// The state of a path, without a directory to start from; a path that cannot be examined counts as absent.
pub(crate) fn state_of(path: &Path) -> EntryState {
    rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).map_or(EntryState::ABSENT, |stat| state(&stat))
}

/// Searches for an entry under a directory, unless that means looking at too many entries.
pub(crate) fn find(directory: &Path, wanted: &EntryState, left: &mut usize) -> Option<PathBuf> {
    for entry in fs::read_dir(directory).ok()?.flatten() {
        *left = left.checked_sub(1)?;
        let now = state_of(&entry.path());
        if now.is_same_entry(wanted) {
            return Some(entry.path());
        }
        if now.kind == EntryKind::Directory
            && let Some(found) = find(&entry.path(), wanted, left)
        {
            return Some(found);
        }
    }
    None
}

/// Sets owner, mode and time of an open file.
fn finish(file: &File, wanted: &EntryState) -> io::Result<()> {
    let now = state(&rustix::fs::fstat(file)?);
    if (now.user, now.group) != (wanted.user, wanted.group) {
        let (user, group) = owner(wanted);
        rustix::fs::fchown(file, user, group)?;
    }
    rustix::fs::fchmod(file.as_fd(), mode(wanted))?;
    Ok(rustix::fs::futimens(file, &times(wanted.modified))?)
}

fn mode(wanted: &EntryState) -> Mode {
    Mode::from_raw_mode(RawMode::try_from(wanted.mode).unwrap_or_default())
}

fn owner(wanted: &EntryState) -> (Option<Uid>, Option<Gid>) {
    let raw = |number: i128| u32::try_from(number).ok();
    (raw(wanted.user).map(Uid::from_raw), raw(wanted.group).map(Gid::from_raw))
}

fn times(modified: i128) -> Timestamps {
    let seconds = modified.div_euclid(1_000_000_000).try_into().unwrap_or_default();
    let rest = modified.rem_euclid(1_000_000_000).try_into().unwrap_or_default();
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: seconds, tv_nsec: rest },
    }
}

/// The position of a path in one of the suite's own directories.
pub(crate) fn inside<'a>(places: &[OwnDirectory], path: &'a Path) -> Option<(usize, &'a Path)> {
    places.iter().enumerate().find_map(|(index, place)| Some((index, path.strip_prefix(&place.path).ok()?)))
}
