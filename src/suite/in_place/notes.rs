//! The folders in which runs in place record their writes: one for a hunt, in it one for each process, in that one for
//! each run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::again::MadeAgain;
use crate::suite::runner::folder::HuntFolder;

/// The folders of a hunt in which runs record their writes. They are removed when the hunt ends, including the copies.
#[derive(Debug)]
pub(crate) struct WriteNotes {
    /// Created when it is first needed. Declared before `around`, which contains it.
    folder: Mutex<Option<tempfile::TempDir>>,
    around: Arc<HuntFolder>,
    processes: AtomicUsize,
}

impl WriteNotes {
    pub(crate) fn new(around: Arc<HuntFolder>) -> Self {
        Self { folder: Mutex::default(), around, processes: AtomicUsize::new(0) }
    }

    /// A folder for one process that runs orders.
    pub(crate) fn for_a_process(self: &Arc<Self>) -> io::Result<ProcessFolder> {
        let number = self.processes.fetch_add(1, Ordering::SeqCst);
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let made = if let Some(made) = folder.take() {
            made
        } else {
            let made = tempfile::Builder::new().prefix("notes-").tempdir_in(&self.around.trace.path)?;
            MadeAgain::begin(made.path())?;
            made
        };
        let path = folder.insert(made).path().join(number.to_string());
        fs::create_dir(&path)?;
        Ok(ProcessFolder { path, runs: AtomicUsize::new(0), notes: Arc::clone(self) })
    }
}

/// The folder of one process.
#[derive(Debug)]
pub(crate) struct ProcessFolder {
    path: PathBuf,
    runs: AtomicUsize,
    /// The notes must not go before everything recorded in them is restored.
    #[expect(dead_code, reason = "it is held, not read")]
    notes: Arc<WriteNotes>,
}

impl ProcessFolder {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A folder for one more run, or for several simultaneous runs.
    pub(crate) fn for_a_run(&self) -> io::Result<PathBuf> {
        let folder = self.path.join(self.runs.fetch_add(1, Ordering::SeqCst).to_string());
        fs::create_dir(&folder)?;
        Ok(folder)
    }
}
