//! taster's directory for one hunt, held together with its guard (`keeper::guard`).

use std::path::Path;

use super::process_error::ProcessError;
use crate::suite::keeper::{GuardedFolder, Keeper, KeeperOrder, KeeperReply};

/// A directory that goes when this is dropped, and when taster is ended.
#[derive(Debug)]
pub(crate) struct HuntFolder {
    folder: GuardedFolder,
    /// Dropping it waits until it has ended.
    guard: Option<Keeper>,
}

impl HuntFolder {
    /// Starts an executable as the guard, which creates the directory within the temporary one.
    pub(crate) fn make(executable: &Path) -> Result<Self, ProcessError> {
        let not_started = |source| ProcessError::Keeper { path: executable.to_owned(), source };
        let (mut guard, _of_no_python) = Keeper::start(executable, None).map_err(not_started)?;
        let order = KeeperOrder::Guard { parent: std::env::temp_dir().into() };
        match guard.order(&order).map_err(not_started)? {
            KeeperReply::Guards(folder) => Ok(Self { folder, guard: Some(guard) }),
            KeeperReply::Failed(why) => Err(ProcessError::Folder(std::io::Error::other(why))),
            other => Err(ProcessError::View(format!("the keeper says {other:?}"))),
        }
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.folder.path
    }
}

impl Drop for HuntFolder {
    fn drop(&mut self) {
        drop(self.guard.take());
        // Somebody may have ended the guard.
        self.folder.remove();
    }
}
