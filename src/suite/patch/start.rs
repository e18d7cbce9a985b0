//! How processes are started that have the suite with changed texts in a view.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::changed::{ChangedSuite, TrialGround};
use super::edits::ChangedTexts;
use super::group::PatchGroup;
use crate::budget::Interruption;
use crate::suite::runner::run::{HuntClock, RunnerError};
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;

/// The suite with texts, to start another process, for findings that show so.
#[derive(Debug, Clone)]
pub(super) struct ChangedStart {
    pub(super) without: Vec<PathBuf>,
    pub(super) timestamps: HuntClock,
    /// The only files to collect; empty: all.
    pub(super) files: Vec<String>,
}

impl ChangedStart {
    pub(super) fn whole(timestamps: HuntClock) -> Self {
        Self { without: Vec::new(), timestamps, files: Vec::new() }
    }

    pub(super) fn of(group: &PatchGroup<'_>) -> Self {
        let first = group.first();
        let root = Path::new(&group.suite.about.root);
        let without = first.hidden_by.iter().map(|path| root.join(path)).collect();
        Self { without, timestamps: first.timestamps, files: Vec::new() }
    }
}

impl TrialGround<'_, '_> {
    /// The suite with these texts for a group, in a view, until somebody says that it is not wanted.
    pub(super) fn changed_for(
        &self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        unwanted: Interruption,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        self.in_view(texts, &ChangedStart::of(group), unwanted)
    }

    /// The same for findings that show so.
    pub(super) fn in_view(
        &self,
        texts: &ChangedTexts,
        start: &ChangedStart,
        unwanted: Interruption,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        with_all(self.started(texts, start.clone(), unwanted), self.suite, start)
    }

    /// Starts a process that collects the suite, or some files of it, with these texts in a view.
    pub(super) fn started(
        &self,
        texts: &ChangedTexts,
        start: ChangedStart,
        unwanted: Interruption,
    ) -> Result<Zygote, RunnerError> {
        let texts = texts.iter().map(|(path, text)| (path.clone(), text.clone())).collect();
        let begin = {
            let plain = self.plain.lock().unwrap_or_else(PoisonError::into_inner);
            let budget = plain.zygote.budget.clone().unless(unwanted);
            plain.zygote.with_changes(texts, (start.without, start.files), budget)
        };
        begin()
    }
}

/// A suite that could be started and has all tests of the hunt, if all files are collected.
pub(super) fn with_all(
    started: Result<Zygote, RunnerError>,
    suite: &Suite,
    start: &ChangedStart,
) -> Result<Option<ChangedSuite>, RunnerError> {
    let timestamps = start.timestamps;
    match started {
        Err(RunnerError::Process(_)) => Ok(None),
        started if !start.files.is_empty() => Ok(Some(ChangedSuite { zygote: started?, timestamps })),
        started => Ok(Some(ChangedSuite { zygote: started?, timestamps }).filter(|it| it.has_all(suite))),
    }
}
