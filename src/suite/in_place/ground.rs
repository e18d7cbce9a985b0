//! What one process that runs orders in place does about files: a folder in which each run notes what it writes, what is put
//! back between runs, and what is only told. How it is put back is the matter of `in_place`.

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
    /// Where the process notes what it writes while it collects.
    collecting: PathBuf,
    by_collection: Vec<LeftFile>,
    /// What tests take for the system's temporary directory.
    scratch: Option<Scratch>,
    /// The folder of a run under way.
    run: Option<PathBuf>,
    /// Runs of several processes go on at the same time, and share a folder: what they write is put back together.
    shared: Option<PathBuf>,
}

impl Ground {
    /// Before the process is started.
    pub(crate) fn new(notes: &Arc<WriteNotes>) -> io::Result<Self> {
        let folder = notes.for_a_process()?;
        let collecting = folder.for_a_run()?;
        Ok(Self { folder, collecting, by_collection: Vec::new(), scratch: None, run: None, shared: None })
    }

    /// The folder of this process, in which there is one for each run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the process is to note what it writes until its first run.
    pub(crate) fn collecting(&self) -> &Path {
        &self.collecting
    }

    /// The process has collected: what lies in its temporary directory now is what each run begins with.
    pub(crate) fn collected(&mut self, temporary: &Path) {
        self.by_collection = put_back::written(&self.collecting).unwrap_or_default();
        self.scratch = Some(Scratch::remember(temporary));
    }

    /// The process takes the place of another one.
    pub(crate) fn take_over(&mut self, other: &mut Self) {
        self.shared = other.shared.take();
    }

    /// What the process wrote while it collected.
    pub(crate) fn by_collection(&self) -> impl Iterator<Item = PathBuf> {
        self.by_collection.iter().map(|left| left.path.clone())
    }

    /// What was not there before the process collected.
    pub(crate) fn made_by_collection(&self) -> impl Iterator<Item = &Path> {
        self.by_collection.iter().filter(|left| !left.existed_before).map(|left| left.path.as_path())
    }

    /// What the user should know.
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

    /// A run is about to begin: the folder in which it is to note what it writes.
    pub(crate) fn begin(&mut self) -> io::Result<&Path> {
        let folder = match &self.shared {
            Some(folder) => folder.clone(),
            None => self.folder.for_a_run()?,
        };
        Ok(self.run.insert(folder))
    }

    /// The run is over and all of its processes are gone: what it left.
    pub(crate) fn end(&mut self) -> Vec<LeftFile> {
        let run = self.run.take().filter(|_| self.shared.is_none());
        let left = run.map(|folder| put_back::restore(&folder).unwrap_or_default());
        if let Some(scratch) = &self.scratch {
            scratch.restore();
        }
        left.unwrap_or_default()
    }

    /// Runs of several processes are about to go on at the same time.
    pub(crate) fn share(&mut self) -> io::Result<PathBuf> {
        let folder = self.folder.for_a_run()?;
        self.shared = Some(folder.clone());
        Ok(folder)
    }

    /// This process takes part in that.
    pub(crate) fn take_part(&mut self, folder: Option<&Path>) {
        self.shared = folder.map(Path::to_owned);
    }

    /// They are all over: what they left.
    pub(crate) fn end_shared(&mut self) -> Vec<LeftFile> {
        let left = self.shared.take().map(|folder| put_back::restore(&folder).unwrap_or_default());
        left.unwrap_or_default()
    }

    /// The process is gone, and all that it started: what it wrote is put back, now or when this is dropped.
    pub(crate) fn end_all(&self) {
        let _told_when_it_was_written = put_back::restore_all(self.folder.path());
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.end_all();
    }
}
