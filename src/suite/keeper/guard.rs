//! taster's directory for one hunt, in the temporary directory, and its guard: a keeper without a Python, which creates
//! the directory and removes it when taster is gone, by whatever end. So there is no moment at which nobody would.
//!
//! Whoever uses the directory holds a shared lock on it; the guard waits for all of them to have ended. It leaves no
//! trace: the temporary directory gets its modification time back, unless somebody else changed it meanwhile.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::suite::in_place::put_back;
use crate::suite::runner::scratch::set_modified;

/// The part of the directory in which runs in place record what they write.
pub(crate) const NOTES: &str = "notes";

/// The directory of a hunt, with the data needed to remove it without a trace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GuardedFolder {
    /// The directory.
    pub(crate) path: PathBuf,
    before: SystemTime,
    after: SystemTime,
}

impl GuardedFolder {
    /// Creates a directory with a unique name.
    pub(super) fn make(parent: &Path) -> io::Result<Self> {
        // The files that runs write and hold open are reported without links in their paths.
        let parent = parent.canonicalize()?;
        let before = modified(&parent)?;
        let path = tempfile::Builder::new().prefix("taster-").rand_bytes(12).tempdir_in(&parent)?.keep();
        let after = modified(&parent)?;
        Ok(Self { path, before, after })
    }

    /// Waits until nobody uses the directory, restores what nobody has restored, and removes it.
    pub(super) fn clear(&self) {
        if let Ok(folder) = File::open(&self.path) {
            let _where_locks_are_not_known = flock(&folder, FlockOperation::LockExclusive);
        }
        let processes = fs::read_dir(self.path.join(NOTES)).into_iter().flatten().flatten();
        for process in processes.map(|entry| entry.path()).filter(|path| path.is_dir()) {
            let _nobody_to_tell = put_back::restore_all(&process);
        }
        self.remove();
    }

    /// Removes the directory with all that lies in it, if it is there.
    pub(crate) fn remove(&self) {
        let Some(parent) = self.path.parent() else { return };
        let untouched = modified(parent).is_ok_and(|modified| modified == self.after);
        if fs::remove_dir_all(&self.path).is_ok() && untouched {
            let _of_somebody_else = set_modified(parent, self.before);
        }
    }
}

/// Uses the directory of a hunt, until the result is closed.
pub(crate) fn use_folder(path: &Path) -> io::Result<File> {
    let folder = File::open(path)?;
    let _where_locks_are_not_known = flock(&folder, FlockOperation::LockShared);
    // The guard may have removed it meanwhile.
    fs::metadata(path).map(|_| folder)
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{GuardedFolder, modified, use_folder};

    #[test]
    fn the_directory_above_has_its_time_back_unless_somebody_changed_it() {
        let above = tempfile::tempdir().unwrap();
        for somebody in [false, true] {
            let before = modified(above.path()).unwrap();
            let folder = GuardedFolder::make(above.path()).unwrap();
            if somebody {
                fs::write(above.path().join("file"), "").unwrap();
            }
            fs::write(folder.path.join("left"), "").unwrap();
            folder.clear();
            assert!(!folder.path.exists());
            assert_eq!(modified(above.path()).unwrap() == before, !somebody);
        }
    }

    #[test]
    fn a_directory_in_use_stays_until_its_last_user_has_gone() {
        let above = tempfile::tempdir().unwrap();
        let folder = GuardedFolder::make(above.path()).unwrap();
        let used = use_folder(&folder.path).unwrap();
        let released = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                folder.clear();
                assert!(released.load(Ordering::SeqCst), "it was in use");
            });
            // Long enough for the other thread to go wrong; however long, it never goes wrong by this.
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(folder.path.exists());
            released.store(true, Ordering::SeqCst);
            drop(used);
        });
        assert!(!folder.path.exists());
        assert!(use_folder(&folder.path).is_err(), "nobody can use what is gone");
    }
}
