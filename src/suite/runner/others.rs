//! Other processes like one that has collected a suite: the same once more, with other files, with other arguments,
//! without some files; or others made later, once this one is lent to somebody.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::CollectionLook;
use super::journal_file::JournalFile;
use super::process::ProcessStart;
use super::run::RunnerError;
use super::suite::{Suite, number};
use super::zygote::Zygote;
use crate::budget::Budget;

impl Zygote {
    /// How the process was started.
    pub(crate) fn how_started(&self) -> &ProcessStart {
        &self.start
    }

    /// taster's directory for this hunt.
    pub(crate) fn around(&self) -> &Path {
        self.start.around.path()
    }

    /// Returns a function that starts another process like this one.
    pub(crate) fn again(&self) -> impl FnOnce() -> Result<Self, RunnerError> + Send + use<> {
        let (start, budget) = (self.start.clone(), self.budget.clone());
        let (test_timeout, fresh, items) = (self.test_timeout, self.fresh, self.suite.items.clone());
        move || {
            let mut other = Self::start(start, test_timeout, budget)?;
            other.fresh = fresh;
            if let Some(shuffled) = number(&mut other.process, &items, &other.suite.items)? {
                other.suite.items = items;
                other.shuffled = shuffled;
            }
            Ok(other)
        }
    }

    /// The same suite with only these files collected, in this order, observing state meanwhile.
    pub(crate) fn with_files(
        &self,
        files: Vec<String>,
        watch: Option<CollectionLook>,
    ) -> Result<Self, RunnerError> {
        self.another(ProcessStart { files, watch, ..self.start.clone() })
    }

    /// How to start processes that collect other files, apart from this one.
    pub(crate) fn files_start(&self, journal: &JournalFile) -> FilesStart {
        FilesStart {
            journal: journal.clone(),
            start: self.start.clone(),
            test_timeout: self.test_timeout,
            budget: self.budget.clone(),
            fresh: self.fresh,
        }
    }

    /// The same suite in a view without these files, or `None` if pytest does not collect the same tests there.
    pub(crate) fn without(&self, paths: Vec<PathBuf>) -> Result<Option<Self>, RunnerError> {
        let mut other = match self.another(ProcessStart { without: paths, ..self.start.clone() }) {
            Err(RunnerError::Process(_)) => return Ok(None),
            other => other?,
        };
        let ids = |suite: &Suite| suite.uncollected.iter().map(|each| each.id.clone()).collect::<Vec<_>>();
        if ids(&other.suite) != ids(&self.suite) {
            return Ok(None);
        }
        let numbered = number(&mut other.process, &self.suite.items, &other.suite.items)?;
        other.fresh |= self.fresh;
        other.suite.items.clone_from(&self.suite.items);
        Ok(numbered.map(|_shuffled| other))
    }

    /// How to have the suite as pytest collects it in a view with other texts of some files, and without some other ones; only some
    /// files of it, if any are named.
    pub(crate) fn with_changes(
        &self,
        changed: Vec<(PathBuf, String)>,
        (without, files): (Vec<PathBuf>, Vec<String>),
        budget: Budget,
    ) -> impl FnOnce() -> Result<Self, RunnerError> + Send + use<> {
        let files = if files.is_empty() { self.start.files.clone() } else { files };
        let start = ProcessStart { files, without, changed, ..self.start.clone() };
        let (test_timeout, fresh) = (self.test_timeout, self.fresh);
        move || {
            let mut other = Self::start(start, test_timeout, budget)?;
            other.fresh |= fresh;
            Ok(other)
        }
    }

    /// The suite as pytest collects it in another directory, with these arguments in place of the user's; only some files of it, if any
    /// are named.
    pub(crate) fn in_directory(
        &self,
        (directory, files): (PathBuf, Vec<String>),
        argument: impl Fn(&str) -> String,
    ) -> Result<Self, RunnerError> {
        let arguments = self.start.arguments.iter().map(|each| argument(each)).collect();
        let files = if files.is_empty() { &self.start.files } else { &files };
        let files = files.iter().map(|each| argument(each)).collect();
        let directory = Some(directory);
        let mut other = self.another(ProcessStart { arguments, files, directory, ..self.start.clone() })?;
        other.fresh |= self.fresh;
        Ok(other)
    }

    fn another(&self, start: ProcessStart) -> Result<Self, RunnerError> {
        Self::start(start, self.test_timeout, self.budget.clone())
    }
}

/// How to start processes that collect some files of a suite.
#[derive(Debug, Clone)]
pub(crate) struct FilesStart {
    start: ProcessStart,
    test_timeout: Duration,
    pub(crate) budget: Budget,
    fresh: bool,
    /// Where answers of such processes are kept.
    pub(crate) journal: JournalFile,
}

impl FilesStart {
    /// A process that has collected the whole suite, and tells which lines seed generators of random numbers.
    pub(crate) fn watch_seeds(&self) -> Result<Zygote, RunnerError> {
        let start = ProcessStart { watch_seeds: true, ..self.start.clone() };
        let mut zygote = Zygote::start(start, self.test_timeout, self.budget.clone())?;
        zygote.fresh |= self.fresh;
        Ok(zygote)
    }

    /// A process that has collected these files, in this order, and has observed state meanwhile.
    pub(crate) fn collect(
        &self,
        files: Vec<String>,
        watch: Option<CollectionLook>,
    ) -> Result<Zygote, RunnerError> {
        let start = ProcessStart { files, watch, ..self.start.clone() };
        let mut zygote = Zygote::start(start, self.test_timeout, self.budget.clone())?;
        zygote.fresh |= self.fresh;
        Ok(zygote)
    }
}
