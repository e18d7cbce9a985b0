//! Reads the real files that a `copy` step puts into the ordering's directory. They are read with the scenario, so that
//! every ordering has the same.

use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::files::read_file;
use crate::world::{Copied, EntryPath};

/// The greatest number of entries of one copied directory.
const MOST: usize = 10_000;
/// The greatest size of all files of one copied directory, in bytes.
const LARGEST: usize = 64 << 20;

/// A directory that is being read.
struct CopiedTree {
    entries: Vec<(EntryPath, Option<Arc<[u8]>>)>,
    size: usize,
}

/// The file or directory at `path`, which the scenario writes as `written`. Directories of bytecode are left out: what
/// lies in them depends on who ran the sources before. Links to files count as those files.
///
/// # Errors
/// Returns an error if it cannot be read, is too large, or holds anything but files and directories.
pub(super) fn read_copied(path: &Path, written: &str) -> io::Result<Copied> {
    let mut tree = CopiedTree { entries: Vec::new(), size: 0 };
    tree.add(path, EntryPath::root(), fs::metadata(path)?.file_type())?;
    Ok(Copied { written: written.to_owned(), entries: tree.entries })
}

impl CopiedTree {
    fn add(&mut self, path: &Path, place: EntryPath, kind: FileType) -> io::Result<()> {
        if self.entries.len() >= MOST {
            return Err(io::Error::other(format!("it has more than {MOST} entries")));
        }
        if !kind.is_dir() {
            let bytes = read_file(path).map_err(|error| of_entry(&error, path, &place))?;
            self.size += bytes.len();
            if self.size > LARGEST {
                return Err(io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
            }
            self.entries.push((place, Some(Arc::from(bytes))));
            return Ok(());
        }
        self.entries.push((place.clone(), None));
        let mut names: Vec<_> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        for name in names.iter().filter(|name| name.as_os_str() != OsStr::new("__pycache__")) {
            self.add_entry(path, &place, name)?;
        }
        Ok(())
    }

    fn add_entry(&mut self, directory: &Path, place: &EntryPath, name: &OsStr) -> io::Result<()> {
        let path = directory.join(name);
        let Some(text) = name.to_str() else {
            return Err(io::Error::other(format!("the name of {} is not UTF-8", path.display())));
        };
        let place = place.join(text);
        let kind = fs::metadata(&path).map_err(|error| of_entry(&error, &path, &place))?.file_type();
        if kind.is_dir() && fs::symlink_metadata(&path)?.is_symlink() {
            return Err(io::Error::other(format!("{} is a symbolic link to a directory", path.display())));
        }
        self.add(&path, place, kind)
    }
}

/// The error with the entry that it is about, if that is not the whole.
fn of_entry(error: &io::Error, path: &Path, place: &EntryPath) -> io::Error {
    if place.is_root() {
        return io::Error::other(error.to_string());
    }
    io::Error::other(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_read_without_bytecode_and_in_one_order() {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in [("b/m.py", "x"), ("a.txt", "y"), ("b/__pycache__/m.pyc", "z")] {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let copied = read_copied(place.path(), "fixture").unwrap();
        let found: Vec<_> = copied.entries.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(found, ["", "a.txt", "b", "b/m.py"]);
        let placed: Vec<_> = copied
            .placed(&EntryPath::new("lib").unwrap())
            .map(|(path, content)| (path.to_string(), content.map(|bytes| bytes.len())))
            .collect();
        assert_eq!(placed[3], ("lib/b/m.py".to_owned(), Some(1)));
        assert!(read_copied(&place.path().join("gone"), "gone").is_err());
    }
}
