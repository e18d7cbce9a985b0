//! Finds the scenario files in a directory and reads their text. Reading never blocks and is limited in size,
//! whatever kind of file it is. `parse` interprets the text.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// The largest size of a scenario file, in bytes.
const MOST: u64 = 16 << 20;

/// The contents of the regular file at `path`.
///
/// # Errors
/// Returns an error if the file cannot be opened or read, is not a regular file, or is too large to be a scenario.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    // The kind is checked first, because opening a device may have effects.
    must_be_regular(fs::metadata(path)?.file_type())?;
    // If another file replaces it in the meantime, opening that one must not block either.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    must_be_regular(metadata.file_type())?;
    must_be_small(metadata.len())?;
    let nonblocking = rustix::fs::fcntl_getfl(file.as_fd())?;
    rustix::fs::fcntl_setfl(file.as_fd(), nonblocking - OFlags::NONBLOCK)?;
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    must_be_small(bytes.len() as u64)?;
    Ok(bytes)
}

fn must_be_regular(kind: FileType) -> io::Result<()> {
    let what = match kind {
        _ if kind.is_file() => return Ok(()),
        _ if kind.is_dir() => "a directory",
        _ if kind.is_fifo() => "a FIFO",
        _ if kind.is_socket() => "a socket",
        _ if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "of a kind that taster does not know",
    };
    Err(io::Error::other(format!("it is {what}; a scenario is a regular file")))
}

fn must_be_small(length: u64) -> io::Result<()> {
    if length <= MOST {
        return Ok(());
    }
    Err(io::Error::other(format!("it is larger than {} MiB; no scenario is", MOST >> 20)))
}

/// All `*.toml` files in `directory`, at any depth, sorted by path. Hidden entries and links to directories are left out.
///
/// # Errors
/// Returns an error if the directory cannot be listed.
pub fn files_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_and_other_kinds_are_left_out() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        for name in ["b.toml", "a/c.toml", ".git/d.toml", "e.py", ".f.toml"] {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().expect("it lies in the directory"))?;
            fs::write(path, "")?;
        }
        let found = files_in(directory.path())?;
        let expected = ["a/c.toml", "b.toml"].map(|name| directory.path().join(name));
        assert_eq!(found, expected);
        Ok(())
    }
}
