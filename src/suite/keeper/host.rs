//! Directories that are covered by layers, where the layers lie, and the calls of the system by which they are mounted. What lies
//! over what is the matter of `view`.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::thread::UnshareFlags;

use super::mounts;

/// Where layers lie, and how they are mounted.
#[derive(Debug)]
pub(super) struct Host {
    /// A directory of taster's, by way of a descriptor: its own path may be covered.
    pub(super) place: PathBuf,
    _open: OwnedFd,
    pub(super) on_disk: bool,
    pub(super) options: &'static str,
}

/// A directory of which runs see layers.
#[derive(Debug)]
pub(super) struct Cover {
    pub(super) path: PathBuf,
    /// The directory itself, and the layer of the collection once that is settled.
    pub(super) below: OwnedFd,
    pub(super) settled: Option<OwnedFd>,
}

impl Host {
    /// Layers lie in this directory.
    pub(super) fn at(place: &Path, on_disk: bool, options: &'static str) -> io::Result<Self> {
        let open = opened(place)?;
        Ok(Self { place: through(&open), _open: open, on_disk, options })
    }
}

impl Cover {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { below: opened(path)?, path: path.to_owned(), settled: None })
    }
}

/// A namespace of mounts of this process's own; whether that took a namespace of users too.
pub(super) fn enter() -> io::Result<bool> {
    #[expect(
        deprecated,
        reason = "the newer function is unsafe for what this one is not asked: file descriptors"
    )]
    let unshare = |flags| rustix::thread::unshare(flags);
    let as_user = match unshare(UnshareFlags::NEWNS) {
        Ok(()) => false,
        Err(_not_allowed) => {
            let (user, group) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
            unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
            fs::write("/proc/self/setgroups", "deny")?;
            fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
            fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
            true
        }
    };
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    Ok(as_user)
}

/// A descriptor that stands for a path whatever is mounted over it.
pub(super) fn opened(path: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?)
}

/// The way through a descriptor.
pub(super) fn through(open: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()))
}

/// Takes a mount and those above it away, at once for new visitors.
pub(super) fn unmount(path: &Path) {
    let _was_not_mounted = rustix::mount::unmount(path, UnmountFlags::DETACH);
}

/// Mounts a file system in memory.
pub(super) fn mount_memory(at: &Path) -> io::Result<()> {
    let size = std::ffi::CString::new(format!("mode=0755,size={}k", mounts::free_memory_kib() / 2))?;
    Ok(rustix::mount::mount("taster", at, "tmpfs", MountFlags::empty(), size.as_c_str())?)
}
