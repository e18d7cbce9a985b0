//! The folders in which runs in place record their writes: one for a hunt, in it one for each process, in that one for
//! each run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::again::MadeAgain;
use crate::suite::keeper::NOTES;
use crate::suite::runner::folder::HuntFolder;

/// The folders of a hunt in which runs record their writes. They are removed when the hunt ends, including the copies.
#[derive(Debug)]
pub(crate) struct WriteNotes {
    /// Created when it is first needed, within `around`, with which it goes.
    folder: Mutex<Option<PathBuf>>,
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
        let made = match folder.take() {
            Some(made) => made,
            None => self.begin()?,
        };
        let path = folder.insert(made).join(number.to_string());
        fs::create_dir(&path)?;
        Ok(ProcessFolder { path, runs: AtomicUsize::new(0), notes: Arc::clone(self) })
    }

    fn begin(&self) -> io::Result<PathBuf> {
        let made = self.around.path().join(NOTES);
        fs::create_dir(&made)?;
        MadeAgain::begin(&made)?;
        Ok(made)
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
