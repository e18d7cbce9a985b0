//! The sources of test files, each read once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::group::PatchGroup;
use super::source::TestSource;

/// The sources of test files that were read so far, or why one could not be read.
#[derive(Debug, Default)]
pub(super) struct TestSources(BTreeMap<PathBuf, Result<TestSource, String>>);

impl TestSources {
    pub(super) fn load(&mut self, path: &Path) -> Result<(), String> {
        let read = self.0.entry(path.to_owned()).or_insert_with(|| TestSource::read(path));
        read.as_ref().map(drop).map_err(Clone::clone)
    }

    /// A file that was read.
    pub(super) fn of(&self, path: &Path) -> Option<&TestSource> {
        self.0.get(path)?.as_ref().ok()
    }

    pub(super) fn of_test(&self, group: &PatchGroup<'_>, id: &str) -> Option<&TestSource> {
        self.of(&group.file_of(id)?)
    }
}
