//! A copy of the current directory's project, in which commands and changes are tried where the system allows no private view.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::suite::keeper::top_of;

/// Files and bytes beyond which nothing is copied.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: u64 = 500_000_000;
/// Directories that tests do not need.
const LEFT_OUT: [&str; 9] =
    [".git", ".hg", ".svn", ".tox", ".nox", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache"];
/// What lies in a virtual environment, which works where it is, and in the directory of a build.
const MARKS: [&str; 2] = ["pyvenv.cfg", "CACHEDIR.TAG"];

/// A copy of a project. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct ProjectCopy {
    folder: tempfile::TempDir,
    top: PathBuf,
    inside: PathBuf,
}

#[derive(Debug, Default)]
struct CopiedSoFar {
    files: usize,
    bytes: u64,
}

impl ProjectCopy {
    /// Copies the project that a directory lies in to a new directory below `within`; an error says why not.
    pub(crate) fn of(here: &Path, within: &Path) -> Result<Self, String> {
        let top = top_of(here);
        let inside = here.canonicalize().ok().and_then(|here| Some(here.strip_prefix(&top).ok()?.to_owned()));
        let folder = tempfile::Builder::new().prefix("trial-").tempdir_in(within);
        let folder = folder.map_err(|error| error.to_string())?;
        let copied = copy(&top, folder.path(), &mut CopiedSoFar::default());
        let whole = copied.map_err(|error| format!("{} cannot be copied: {error}", top.display()))?;
        if !whole {
            return Err(format!(
                "runs are in place, and {} is too large to be copied for them",
                top.display()
            ));
        }
        Ok(Self { folder, top, inside: inside.unwrap_or_default() })
    }

    /// The directory in the copy that corresponds to the current one.
    pub(crate) fn here(&self) -> PathBuf {
        self.folder.path().join(&self.inside)
    }

    /// A full path of the project as one of the copy; `None` for one outside.
    pub(crate) fn of_path(&self, path: &Path) -> Option<PathBuf> {
        Some(self.folder.path().join(path.strip_prefix(&self.top).ok()?))
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
            let is_marked = || MARKS.iter().any(|mark| entry.path().join(mark).exists());
            if !LEFT_OUT.iter().any(|left_out| name == *left_out) && !is_marked() {
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
    use std::path::Path;

    use super::ProjectCopy;

    #[test]
    fn a_project_is_copied_without_what_belongs_to_other_tools() {
        let (project, within) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(project.path().join("tests/data")).unwrap();
        fs::create_dir_all(project.path().join(".git")).unwrap();
        fs::create_dir_all(project.path().join("env")).unwrap();
        fs::write(project.path().join("env/pyvenv.cfg"), "").unwrap();
        fs::write(project.path().join("tests/data/file"), "text").unwrap();
        let copy = ProjectCopy::of(&project.path().join("tests"), within.path()).unwrap();
        assert_eq!(fs::read_to_string(copy.here().join("data/file")).unwrap(), "text");
        assert!(copy.here().ends_with("tests"));
        assert!([".git", "env"].iter().all(|name| !copy.here().join("..").join(name).exists()));
        let file = project.path().canonicalize().unwrap().join("tests/data/file");
        assert_eq!(copy.of_path(&file), Some(copy.here().join("data/file")));
        assert_eq!(copy.of_path(Path::new("/nowhere")), None);
    }
}
