//! One layer of a view: what is written to covered directories while it is the uppermost, in memory or in taster's directory.

use std::ffi::CString;
use std::fs::{self, FileTimes, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::mount::MountFlags;

use super::host::{Cover, Host, mount_memory, through, unmount};
use super::talk::WrittenPath;
use crate::suite::in_place::left::What;

/// Paths that are told of one run; a run that writes more writes what nobody reads.
const MOST_WRITTEN: usize = 5_000;
/// A file system with less than one part in so many free is full.
const FULL: u64 = 256;

/// A place for what is written, one directory for each cover.
#[derive(Debug, Default)]
pub(super) struct OverlayLayer {
    place: PathBuf,
    in_memory: bool,
    covers: usize,
}

/// What lies below a layer.
pub(super) struct Lower<'a> {
    /// The directory as it is outside of the view.
    pub(super) below: &'a OwnedFd,
    /// The same with the layer of the collection, as it is mounted.
    pub(super) settled: Option<&'a OwnedFd>,
    /// What the layer of the collection holds, for kernels that stack no more layers.
    pub(super) collection: Option<&'a Path>,
}

/// How overlayfs is to be mounted: as a user it keeps its marks where users may write them, and cannot rename directories
/// that lie below.
pub(super) fn options_for(as_user: bool) -> &'static str {
    if as_user { "userxattr,index=off" } else { "redirect_dir=on,index=off" }
}

impl OverlayLayer {
    /// An empty layer.
    pub(super) fn make(host: &Host, number: u32) -> io::Result<Self> {
        let place = host.place.join(number.to_string());
        fs::create_dir_all(&place)?;
        if !host.on_disk {
            mount_memory(&place)?;
        }
        Ok(Self { place, in_memory: !host.on_disk, covers: 0 })
    }

    /// What is written to a cover.
    pub(super) fn upper(&self, index: usize) -> PathBuf {
        self.place.join(format!("{index}/u"))
    }

    /// Lays this layer over a directory.
    pub(super) fn cover(
        &mut self,
        host: &Host,
        index: usize,
        cover: &Cover,
        lower: &Lower<'_>,
    ) -> io::Result<()> {
        let (upper, work) = (self.upper(index), self.place.join(format!("{index}/w")));
        fs::create_dir_all(&upper)?;
        fs::create_dir_all(&work)?;
        make_alike(&upper, &fs::metadata(&cover.path)?)?;
        let mount = |lower: &str| -> io::Result<()> {
            let options = format!(
                "lowerdir={lower},upperdir={},workdir={},{}",
                upper.display(),
                work.display(),
                host.options
            );
            let options = CString::new(options)?;
            Ok(rustix::mount::mount(
                "taster",
                &cover.path,
                "overlay",
                MountFlags::empty(),
                options.as_c_str(),
            )?)
        };
        let below = through(lower.below).display().to_string();
        let done = match (lower.settled, lower.collection) {
            (Some(settled), Some(collection)) => mount(&through(settled).display().to_string())
                .or_else(|_too_many_layers| mount(&format!("{}:{below}", collection.display()))),
            _ => mount(&below),
        };
        self.covers += usize::from(done.is_ok());
        done
    }

    /// What was written to a cover while this layer was the uppermost; `below` is what lay there before.
    pub(super) fn written(&self, index: usize, path: &Path, below: &Path, written: &mut Vec<WrittenPath>) {
        visit(&self.upper(index), path, below, written);
    }

    /// Whether nothing more can be written.
    pub(super) fn is_full(&self) -> bool {
        let room = rustix::fs::statvfs(&self.place);
        room.is_ok_and(|room| {
            room.f_bavail < room.f_blocks / FULL || (room.f_files > 0 && room.f_favail < room.f_files / FULL)
        })
    }

    /// Uncovers the directories and forgets what was written.
    pub(super) fn take_away(self, covered: &[PathBuf]) {
        if self.covers > 0 {
            covered.iter().for_each(|path| unmount(path));
        }
        if self.in_memory {
            unmount(&self.place);
        }
        let _goes_with_the_folder = fs::remove_dir_all(&self.place);
    }
}

fn visit(upper: &Path, path: &Path, below: &Path, written: &mut Vec<WrittenPath>) {
    for entry in fs::read_dir(upper).into_iter().flatten().flatten() {
        if written.len() >= MOST_WRITTEN {
            return;
        }
        let Ok(data) = entry.metadata() else { continue };
        let (path, below) = (path.join(entry.file_name()), below.join(entry.file_name()));
        let before = fs::symlink_metadata(&below).ok();
        let what = match &before {
            _ if is_whiteout(&data) => What::Removed,
            None => What::New,
            Some(_) => What::Changed,
        };
        let in_both = data.is_dir() && before.is_some_and(|before| before.is_dir());
        if !in_both {
            written.push(WrittenPath { path: path.clone().into(), what });
        }
        if data.is_dir() {
            visit(&entry.path(), &path, &below, written);
        }
    }
}

/// overlayfs writes a removal as a character device of number 0.
fn is_whiteout(data: &Metadata) -> bool {
    data.file_type().is_char_device() && data.rdev() == 0
}

/// Gives a directory the mode, owner and times of another one, which it will stand for.
fn make_alike(path: &Path, data: &Metadata) -> io::Result<()> {
    let _of_somebody_else = std::os::unix::fs::chown(path, Some(data.uid()), Some(data.gid()));
    fs::set_permissions(path, data.permissions())?;
    let times = FileTimes::new().set_modified(data.modified()?).set_accessed(data.accessed()?);
    fs::File::open(path)?.set_times(times)
}
