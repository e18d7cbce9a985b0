//! The patches that were written so far, with what is known of changes: which texts they make, whether one helps other findings too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::candidate::PatchCandidate;
use super::edits::{ChangedTexts, FileEdits, applied};
use super::experience::TrialExperience;
use super::group::PatchGroup;
use super::helping::can_help;
use super::offered::OfferedPatch;
use super::reason;
use super::sources::TestSources;
use super::trial::PatchTrial;
use super::unified;
use crate::kind::FindingKind;
use crate::suite::emit::emitter::slug;

/// The patches so far, with the sources read so far.
#[derive(Debug)]
pub(super) struct Patches<'a> {
    folder: &'a Path,
    /// What the paths of the patches are relative to.
    top: PathBuf,
    /// pytest's root.
    root: PathBuf,
    /// All groups of the hunt.
    pub(super) groups: &'a [PatchGroup<'a>],
    pub(super) sources: TestSources,
    pub(super) experience: TrialExperience,
    pub(super) offered: Vec<OfferedPatch>,
    /// Groups, by their places, with the change that has cured them where those of others were made too.
    pub(super) promising: BTreeMap<Vec<usize>, FileEdits>,
    /// The groups, by their places, that were not cured beside others by a kind of change: that kind is tried for each by itself.
    pub(super) unlike: BTreeSet<(Vec<usize>, String)>,
}

impl<'a> Patches<'a> {
    pub(super) fn new(folder: &'a Path, root: &Path, groups: &'a [PatchGroup<'a>]) -> Self {
        let (top, root) = (unified::top(root), root.to_owned());
        let (sources, experience) = (TestSources::default(), TrialExperience::default());
        let (offered, promising, unlike) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        Self { folder, top, root, groups, sources, experience, offered, promising, unlike }
    }

    /// A patch for other findings that cures these too; the first ones are left out.
    pub(super) fn known(
        &mut self,
        group: &PatchGroup<'_>,
        trial: &mut PatchTrial<'_>,
        since: usize,
    ) -> Option<OfferedPatch> {
        if let Some(patch) = self.offered.iter().find(|patch| patch.was_tried_on(group)) {
            return Some(patch.clone());
        }
        let victim = &group.first().victim;
        // Nothing in the file of a state-setter helps a brittle test that runs alone.
        let others = group.before().iter().filter(|_| group.first().finding != FindingKind::Brittle);
        let files: Vec<PathBuf> = others.chain([victim]).filter_map(|id| group.file_of(id)).collect();
        let running: Vec<&str> = group.before().iter().chain([victim]).map(String::as_str).collect();
        let is_near = |at: &usize| {
            self.offered[*at].edits.iter().any(|(path, edits)| {
                path.ends_with("conftest.py")
                    || files.contains(path)
                        && self
                            .sources
                            .of(path)
                            .is_none_or(|source| can_help(source, edits, &group.tests_of(path), &running))
            })
        };
        // One that cannot be tried is no reason against others.
        let at = (since..self.offered.len())
            .filter(is_near)
            .find(|&at| trial.cures(group, &self.texts(&self.offered[at].edits)).is_ok_and(|cures| cures))?;
        self.offered[at].cures.extend(victims(group));
        Some(self.offered[at].clone())
    }

    pub(super) fn offer(
        &mut self,
        group: &PatchGroup<'_>,
        candidate: PatchCandidate,
        tried: Vec<String>,
    ) -> Result<OfferedPatch, String> {
        let head = format!("{}# {} (tried: {})\n", reason::told(group), candidate.what, tried.join(", "));
        let file = self.write(group, head, &self.texts(&candidate.edits))?;
        let cures = victims(group);
        let PatchCandidate { edits, what, .. } = candidate;
        let patch = OfferedPatch { file, edits, what, tried, cures, places: group.places.clone() };
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

fn victims(group: &PatchGroup<'_>) -> Vec<String> {
    group.findings.iter().map(|finding| finding.victim.clone()).collect()
}
