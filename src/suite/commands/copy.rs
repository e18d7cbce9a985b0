//! A copy of the current directory's project, in which commands run where the system allows no private view.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::suite::keeper::top_of;
use crate::suite::runner::folder::TRIAL;

/// Files and bytes beyond which nothing is copied.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: u64 = 500_000_000;
/// Directories that tests do not need, or that work where they are.
const LEFT_OUT: [&str; 12] = [
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".venv",
    "venv",
    "node_modules",
    "target",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
];

/// A copy of a project. Dropping it removes it.
#[derive(Debug)]
pub(super) struct DirectoryCopy {
    folder: tempfile::TempDir,
    inside: PathBuf,
}

#[derive(Debug, Default)]
struct CopiedSoFar {
    files: usize,
    bytes: u64,
}

impl DirectoryCopy {
    /// Copies the project that a directory lies in to a new directory below `within`; an error says why not.
    pub(super) fn of(here: &Path, within: &Path) -> Result<Self, String> {
        let top = top_of(here);
        let inside = here.canonicalize().ok().and_then(|here| Some(here.strip_prefix(&top).ok()?.to_owned()));
        let folder = tempfile::Builder::new().prefix(TRIAL).tempdir_in(within);
        let folder = folder.map_err(|error| error.to_string())?;
        let copied = copy(&top, folder.path(), &mut CopiedSoFar::default());
        let whole = copied.map_err(|error| format!("{} cannot be copied: {error}", top.display()))?;
        if !whole {
            return Err(format!(
                "runs are in place, and {} is too large to be copied for them",
                top.display()
            ));
        }
        Ok(Self { folder, inside: inside.unwrap_or_default() })
    }

    /// The directory in the copy that corresponds to the current one.
    pub(super) fn here(&self) -> PathBuf {
        self.folder.path().join(&self.inside)
    }
}

/// Copies what lies in a directory; returns whether it was not too much.
fn copy(from: &Path, to: &Path, so_far: &mut CopiedSoFar) -> io::Result<bool> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let place = to.join(&name);
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, place)?;
        } else if kind.is_dir() {
            let left_out = LEFT_OUT.iter().any(|left_out| name == *left_out);
            if !left_out {
                fs::create_dir(&place)?;
                if !copy(&entry.path(), &place, so_far)? {
                    return Ok(false);
                }
            }
        } else if kind.is_file() {
            so_far.files += 1;
            so_far.bytes += entry.metadata()?.len();
            if so_far.files > MOST_FILES || so_far.bytes > MOST_BYTES {
                return Ok(false);
            }
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::DirectoryCopy;

    #[test]
    fn a_project_is_copied_without_what_belongs_to_other_tools() {
        let (project, within) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(project.path().join("tests/data")).unwrap();
        fs::create_dir_all(project.path().join(".git")).unwrap();
        fs::write(project.path().join("tests/data/file"), "text").unwrap();
        let copy = DirectoryCopy::of(&project.path().join("tests"), within.path()).unwrap();
        assert_eq!(fs::read_to_string(copy.here().join("data/file")).unwrap(), "text");
        assert!(copy.here().ends_with("tests") && !copy.here().join("../.git").exists());
    }
}
