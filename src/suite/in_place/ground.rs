//! The file side of a process that runs orders in place: a folder in which each run records its writes, what is
//! restored between runs, and what is only reported. `put_back` and `restore` do the restoring.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::left::LeftFile;
use super::notes::{ProcessFolder, WriteNotes};
use super::put_back;
use crate::suite::runner::scratch::Scratch;

/// The files of a process, from its start to its end.
#[derive(Debug)]
pub(crate) struct Ground {
    folder: ProcessFolder,
    /// Where the process records its writes during collection.
    collecting: PathBuf,
    by_collection: Vec<LeftFile>,
    /// The directory that tests use as the system's temporary directory.
    scratch: Option<Scratch>,
    /// The folder of the current run.
    run: Option<PathBuf>,
    /// The folder that simultaneous runs of several processes share: their writes are restored together.
    shared: Option<PathBuf>,
}

impl Ground {
    /// The state before the process is started.
    pub(crate) fn new(notes: &Arc<WriteNotes>) -> io::Result<Self> {
        let folder = notes.for_a_process()?;
        let collecting = folder.for_a_run()?;
        Ok(Self { folder, collecting, by_collection: Vec::new(), scratch: None, run: None, shared: None })
    }

    /// The folder of this process, which contains one for each run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the process records its writes until its first run.
    pub(crate) fn collecting(&self) -> &Path {
        &self.collecting
    }

    /// Records that the process has collected: each run starts with the current contents of its temporary directory.
    pub(crate) fn collected(&mut self, temporary: &Path) {
        self.by_collection = put_back::written(&self.collecting).unwrap_or_default();
        self.scratch = Some(Scratch::remember(temporary));
    }

    /// Takes over the files of a process that this one replaces.
    pub(crate) fn take_over(&mut self, other: &mut Self) {
        self.shared = other.shared.take();
    }

    /// The files that the process wrote during collection.
    pub(crate) fn by_collection(&self) -> impl Iterator<Item = PathBuf> {
        self.by_collection.iter().map(|left| left.path.clone())
    }

    /// The files that did not exist before collection.
    pub(crate) fn made_by_collection(&self) -> impl Iterator<Item = &Path> {
        self.by_collection.iter().filter(|left| !left.existed_before).map(|left| left.path.as_path())
    }

    /// Notes for the user.
    pub(crate) fn notes(&self, python: &str, root: &Path) -> Vec<String> {
        let mut notes = Vec::new();
        if ["3.6.", "3.7."].iter().any(|old| python.starts_with(old)) {
            notes.push(format!(
                "Python {python} does not tell what is written, so that nothing is put back in place; \
                 Python 3.8 and later do, and a private view of the files needs no telling"
            ));
        }
        notes.extend(self.by_collection.iter().map(|left| {
            let path = left.path.strip_prefix(root).unwrap_or(&left.path).display();
            format!("written while tests are collected, and put back at the end: {path}: {left}")
        }));
        notes
    }

    /// Begins a run; returns the folder in which it must record its writes.
    pub(crate) fn begin(&mut self) -> io::Result<&Path> {
        let folder = match &self.shared {
            Some(folder) => folder.clone(),
            None => self.folder.for_a_run()?,
        };
        Ok(self.run.insert(folder))
    }

    /// Ends a run, once all of its processes are gone; returns the files that it left.
    pub(crate) fn end(&mut self) -> Vec<LeftFile> {
        let run = self.run.take().filter(|_| self.shared.is_none());
        let left = run.map(|folder| put_back::restore(&folder).unwrap_or_default());
        if let Some(scratch) = &self.scratch {
            scratch.restore();
        }
        left.unwrap_or_default()
    }

    /// Begins simultaneous runs of several processes.
    pub(crate) fn share(&mut self) -> io::Result<PathBuf> {
        let folder = self.folder.for_a_run()?;
        self.shared = Some(folder.clone());
        Ok(folder)
    }

    /// Makes this process take part in them.
    pub(crate) fn take_part(&mut self, folder: Option<&Path>) {
        self.shared = folder.map(Path::to_owned);
    }

    /// Ends them; returns the files that they left.
    pub(crate) fn end_shared(&mut self) -> Vec<LeftFile> {
        let left = self.shared.take().map(|folder| put_back::restore(&folder).unwrap_or_default());
        left.unwrap_or_default()
    }

    /// Called when the process and all that it started are gone: restores what it wrote, now or when this is dropped.
    pub(crate) fn end_all(&self) {
        let _told_when_it_was_written = put_back::restore_all(self.folder.path());
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.end_all();
    }
}
