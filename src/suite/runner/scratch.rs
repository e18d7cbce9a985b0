//! A directory of taster's own that tests use as the system's temporary directory: after a run it is restored to its
//! state right after collection. Links are removed and never followed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, FileTimes, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[derive(Debug, Clone, PartialEq, Eq)]
enum ScratchEntry {
    Directory { modified: SystemTime },
    File { modified: SystemTime, length: u64 },
    Link { target: OsString },
    Other,
}

/// The contents when runs began.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: PathBuf,
    entries: BTreeMap<PathBuf, ScratchEntry>,
    copies: BTreeMap<PathBuf, Vec<u8>>,
}

impl Scratch {
    /// Looks at everything under a directory.
    pub(crate) fn remember(root: &Path) -> Self {
        let mut entries = BTreeMap::new();
        visit(root, &mut entries);
        let files = entries.iter().filter(|(_, entry)| matches!(entry, ScratchEntry::File { .. }));
        let copies = files.filter_map(|(path, _)| Some((path.clone(), fs::read(path).ok()?))).collect();
        Self { root: root.to_owned(), entries, copies }
    }

    /// Restores the contents, as far as the system allows.
    pub(crate) fn restore(&self) {
        let mut now = BTreeMap::new();
        visit(&self.root, &mut now);
        let is_same = |path: &PathBuf, entry: &ScratchEntry| match (self.entries.get(path), entry) {
            (Some(ScratchEntry::Directory { .. }), ScratchEntry::Directory { .. }) => true,
            (before, now) => before == Some(now),
        };
        let others = now.iter().rev().filter(|(path, entry)| !is_same(path, entry));
        for (path, entry) in others {
            let directory = matches!(entry, ScratchEntry::Directory { .. });
            let _told_by_nobody = if directory { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
        for (path, entry) in &self.entries {
            if !now.get(path).is_some_and(|now| is_same(path, now)) {
                let _as_far_as_it_goes = self.make(path, entry);
            }
        }
        for (path, entry) in &self.entries {
            if let ScratchEntry::Directory { modified } = entry {
                let _as_far_as_it_goes = set_modified(path, *modified);
            }
        }
    }

    fn make(&self, path: &Path, entry: &ScratchEntry) -> io::Result<()> {
        match entry {
            ScratchEntry::Directory { .. } => fs::create_dir(path),
            ScratchEntry::File { modified, .. } => {
                fs::write(path, self.copies.get(path).map_or(&[][..], Vec::as_slice))?;
                set_modified(path, *modified)
            }
            ScratchEntry::Link { target } => std::os::unix::fs::symlink(target, path),
            ScratchEntry::Other => Ok(()),
        }
    }
}

fn visit(directory: &Path, found: &mut BTreeMap<PathBuf, ScratchEntry>) {
    let Ok(data) = fs::symlink_metadata(directory) else { return };
    if data.permissions().mode() & 0o700 != 0o700 {
        let _a_test_closed_it = fs::set_permissions(directory, Permissions::from_mode(0o700));
    }
    let Ok(modified) = data.modified() else { return };
    found.insert(directory.to_owned(), ScratchEntry::Directory { modified });
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(data) = entry.metadata() else { continue };
        let path = entry.path();
        let now = match (data.modified(), fs::read_link(&path)) {
            _ if data.is_dir() => {
                visit(&path, found);
                continue;
            }
            (Ok(modified), _) if data.is_file() => ScratchEntry::File { modified, length: data.len() },
            (_, Ok(target)) => ScratchEntry::Link { target: target.into_os_string() },
            _ => ScratchEntry::Other,
        };
        found.insert(path, now);
    }
}

/// Sets the time of the last change of a file or directory.
pub(crate) fn set_modified(path: &Path, modified: SystemTime) -> io::Result<()> {
    File::open(path)?.set_times(FileTimes::new().set_modified(modified))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::Scratch;

    #[test]
    fn what_a_run_did_in_it_is_undone() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        fs::create_dir(root.join("data")).unwrap();
        fs::write(root.join("data/kept"), "one").unwrap();
        fs::write(root.join("changed"), "old").unwrap();
        let before = fs::metadata(root.join("data")).unwrap().modified().unwrap();
        let remembered = Scratch::remember(root);

        fs::remove_file(root.join("data/kept")).unwrap();
        fs::write(root.join("changed"), "newer").unwrap();
        fs::create_dir_all(root.join("data/new/deep")).unwrap();
        fs::write(root.join("data/new/deep/file"), "").unwrap();
        remembered.restore();

        assert_eq!(fs::read_to_string(root.join("data/kept")).unwrap(), "one");
        assert_eq!(fs::read_to_string(root.join("changed")).unwrap(), "old");
        assert!(!root.join("data/new").exists());
        assert_eq!(fs::metadata(root.join("data")).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn nothing_is_written_through_a_link_that_a_run_left() {
        let (scratch, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (root, outside) = (scratch.path(), elsewhere.path());
        fs::create_dir(root.join("data")).unwrap();
        fs::write(root.join("data/kept"), "one").unwrap();
        fs::write(root.join("file"), "two").unwrap();
        fs::write(outside.join("kept"), "precious").unwrap();
        let remembered = Scratch::remember(root);

        fs::remove_dir_all(root.join("data")).unwrap();
        fs::remove_file(root.join("file")).unwrap();
        symlink(outside, root.join("data")).unwrap();
        symlink(outside.join("kept"), root.join("file")).unwrap();
        remembered.restore();

        assert_eq!(fs::read_to_string(outside.join("kept")).unwrap(), "precious");
        assert_eq!(fs::read_dir(outside).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(root.join("data/kept")).unwrap(), "one");
        assert!(fs::symlink_metadata(root.join("file")).unwrap().is_file());
    }
}
