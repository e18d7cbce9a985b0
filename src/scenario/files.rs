//! Which files of a directory are scenarios. Reading them is `parse`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// All `*.toml` files in `directory`, at any depth, sorted by path. Hidden entries and links to directories are left out.
///
/// # Errors
/// Where the directory cannot be listed.
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
