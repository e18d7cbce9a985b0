//! taster's directory for one hunt, in the temporary directory. It leaves no trace there: when its last user is gone,
//! the temporary directory gets its modification time back, unless somebody else changed it meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::scratch::set_modified;

/// How the names of the directories begin in which taster tries commands and changes, within its own.
pub(crate) const TRIAL: &str = "trial-";

/// A directory that is removed when it is dropped, if it is empty.
#[derive(Debug)]
pub(crate) struct HuntFolder {
    pub(crate) trace: FolderTrace,
}

/// The data needed to remove the directory without a trace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FolderTrace {
    /// The directory.
    pub(crate) path: PathBuf,
    before: SystemTime,
    after: SystemTime,
}

impl HuntFolder {
    /// Creates a directory with a unique name.
    pub(crate) fn make() -> io::Result<Self> {
        // The files that runs write and hold open are reported without links in their paths.
        let parent = std::env::temp_dir().canonicalize()?;
        let before = modified(&parent)?;
        let path = tempfile::Builder::new().prefix("taster-").rand_bytes(12).tempdir_in(&parent)?.keep();
        let after = modified(&parent)?;
        Ok(Self { trace: FolderTrace { path, before, after } })
    }
}

impl Drop for HuntFolder {
    fn drop(&mut self) {
        self.trace.remove();
    }
}

impl FolderTrace {
    /// Removes the directories of trials that a taster which was killed could not remove.
    pub(crate) fn remove_trials(&self) {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(TRIAL) {
                let _somebody_may_still_use_it = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Removes the directory if it is empty; if not, its other users remove it later.
    pub(crate) fn remove(&self) {
        let Some(parent) = self.path.parent() else { return };
        let untouched = modified(parent).is_ok_and(|modified| modified == self.after);
        if fs::remove_dir(&self.path).is_ok() && untouched {
            let _of_somebody_else = set_modified(parent, self.before);
        }
    }
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FolderTrace, modified};

    #[test]
    fn the_directory_above_has_its_time_back_unless_somebody_changed_it() {
        let above = tempfile::tempdir().unwrap();
        for somebody in [false, true] {
            let (path, before) = (above.path().join("own"), modified(above.path()).unwrap());
            fs::create_dir(&path).unwrap();
            let after = modified(above.path()).unwrap();
            if somebody {
                fs::write(above.path().join("file"), "").unwrap();
            }
            let trace = FolderTrace { path: path.clone(), before, after };
            fs::write(path.join("in use"), "").unwrap();
            trace.remove();
            assert!(path.exists());
            fs::remove_file(path.join("in use")).unwrap();
            trace.remove();
            assert!(!path.exists());
            assert_eq!(modified(above.path()).unwrap() == before, !somebody);
        }
    }
}
