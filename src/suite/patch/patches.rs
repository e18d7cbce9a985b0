//! The making of patches: for each group of findings, changes are tried until one cures, and that one is written.

use std::fs;
use std::path::{Path, PathBuf};

use super::candidate::PatchCandidate;
use super::choice::{TestSources, candidates};
use super::edits::{ChangedTexts, FileEdits, applied};
use super::group::PatchGroup;
use super::reason;
use super::result::PatchResult;
use super::trial::{PatchTrial, TrialResult};
use super::unified;
use crate::suite::emit::emitter::slug;
use crate::suite::runner::run::RunnerError;

/// Changes that are tried for one group of findings.
const MOST_TRIED: usize = 16;

/// A patch that was written.
#[derive(Debug, Clone)]
pub(super) struct OfferedPatch {
    pub(super) file: String,
    pub(super) edits: FileEdits,
    what: String,
    tried: Vec<String>,
}

/// The patches so far, with the sources read so far.
#[derive(Debug)]
pub(super) struct Patches<'a> {
    folder: &'a Path,
    /// What the paths of the patches are relative to.
    top: PathBuf,
    /// pytest's root.
    root: PathBuf,
    sources: TestSources,
    pub(super) offered: Vec<OfferedPatch>,
}

impl<'a> Patches<'a> {
    pub(super) fn new(folder: &'a Path, root: &Path) -> Self {
        let (top, root) = (unified::top(root), root.to_owned());
        Self { folder, top, root, sources: TestSources::default(), offered: Vec::new() }
    }

    /// The patch of a group, or why there is none.
    pub(super) fn result(&mut self, group: &PatchGroup<'_>, trial: &mut PatchTrial<'_>) -> PatchResult {
        let leaks = group.leak();
        match self.found(group, trial) {
            Ok(patch) => {
                PatchResult::Offered { file: patch.file, what: patch.what, tried: patch.tried, leaks }
            }
            Err(why_not) => PatchResult::None { why_not, leaks },
        }
    }

    fn found(&mut self, group: &PatchGroup<'_>, trial: &mut PatchTrial<'_>) -> Result<OfferedPatch, String> {
        let candidates = candidates(group, &mut self.sources)?;
        if let Some(patch) = self.known(group, trial) {
            return Ok(patch);
        }
        let mut reasons = Vec::new();
        for candidate in candidates.into_iter().take(MOST_TRIED) {
            let texts = self.texts(&candidate.edits);
            match trial.of(group, &texts) {
                Ok(TrialResult::Cures(tried)) => return self.offer(group, candidate, tried),
                Ok(TrialResult::Fails(why)) => reasons.push(format!("{}: {why}", candidate.what)),
                Err(halt @ (RunnerError::Interrupted | RunnerError::OutOfBudget)) => {
                    return Err(format!("not tried to the end: {halt}"));
                }
                Err(halt) => reasons.push(format!("{}: {halt}", candidate.what)),
            }
        }
        let first = reasons.first().map_or("", String::as_str);
        Err(match reasons.len() {
            1 => format!("one change was tried, and does not cure ({first})"),
            many => format!("{many} changes were tried, and none cures (the smallest: {first})"),
        })
    }

    /// A patch for other findings that cures these too.
    fn known(&self, group: &PatchGroup<'_>, trial: &mut PatchTrial<'_>) -> Option<OfferedPatch> {
        let tests = group.before().iter().chain([&group.first().victim]);
        let files: Vec<PathBuf> = tests.filter_map(|id| group.file_of(id)).collect();
        let near = self.offered.iter().filter(|patch| patch.edits.keys().any(|path| files.contains(path)));
        // One that cannot be tried is no reason against others.
        near.into_iter()
            .find(|patch| trial.cures(group, &self.texts(&patch.edits)).is_ok_and(|cures| cures))
            .cloned()
    }

    fn offer(
        &mut self,
        group: &PatchGroup<'_>,
        candidate: PatchCandidate,
        tried: Vec<String>,
    ) -> Result<OfferedPatch, String> {
        let head = format!("{}# {} (tried: {})\n", reason::told(group), candidate.what, tried.join(", "));
        let file = self.write(group, head, &self.texts(&candidate.edits))?;
        let patch = OfferedPatch { file, edits: candidate.edits, what: candidate.what, tried };
        self.offered.push(patch.clone());
        Ok(patch)
    }

    /// The files with these changes.
    pub(super) fn texts(&self, edits: &FileEdits) -> ChangedTexts {
        let text = |path: &Path, edits: &[_]| Some((path.to_owned(), applied(self.text_of(path)?, edits)));
        edits.iter().filter_map(|(path, edits)| text(path, edits)).collect()
    }

    /// The text of a file that was read.
    pub(super) fn text_of(&self, path: &Path) -> Option<&str> {
        self.sources.of(path).map(|source| source.text.as_str())
    }

    /// A path as one says it: relative to pytest's root.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// Writes the difference below a text for people; returns the path of the file.
    fn write(
        &self,
        group: &PatchGroup<'_>,
        mut text: String,
        texts: &ChangedTexts,
    ) -> Result<String, String> {
        let path = self.folder.join(format!("{}.patch", slug(group.first())));
        for (changed, new) in texts {
            let Some(old) = self.text_of(changed) else { continue };
            text += &unified::diff(&self.top, changed, old, new);
        }
        let written = fs::create_dir_all(self.folder).and_then(|()| fs::write(&path, text));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(path.to_string_lossy().into_owned())
    }
}
