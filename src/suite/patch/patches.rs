//! The making of patches: for each group of findings, changes are tried until one cures, and that one is written.

use std::fs;
use std::path::{Path, PathBuf};

use super::candidate::PatchCandidate;
use super::changed::{TrialFailure, TrialResult};
use super::choice::{TestSources, candidates, refusal};
use super::edits::{ChangedTexts, FileEdits, applied};
use super::experience::TrialExperience;
use super::group::PatchGroup;
use super::helping::can_help;
use super::offered::{FirstResult, NoPatch, OfferedPatch};
use super::reason;
use super::result::PatchResult;
use super::together::LikeChanges;
use super::trial::PatchTrial;
use super::unified;
use crate::kind::FindingKind;
use crate::suite::emit::emitter::slug;
use crate::suite::runner::run::RunnerError;

/// Changes that are tried for one group of findings.
const MOST_TRIED: usize = 16;
/// Changes for other findings that are joined to one which uncovers these.
const MOST_JOINED: usize = 3;
/// How often the like changes of several tests are tried, each time without one that does not cure.
const MOST_TOGETHER: usize = 3;
/// Joined changes that are tried for one group of findings.
const MOST_JOINED_TRIED: usize = 12;

/// The patches so far, with the sources read so far.
#[derive(Debug)]
pub(super) struct Patches<'a> {
    folder: &'a Path,
    /// What the paths of the patches are relative to.
    top: PathBuf,
    /// pytest's root.
    root: PathBuf,
    /// All groups of the hunt.
    groups: &'a [PatchGroup<'a>],
    sources: TestSources,
    experience: TrialExperience,
    pub(super) offered: Vec<OfferedPatch>,
}

impl<'a> Patches<'a> {
    pub(super) fn new(folder: &'a Path, root: &Path, groups: &'a [PatchGroup<'a>]) -> Self {
        let (top, root) = (unified::top(root), root.to_owned());
        let (sources, experience) = (TestSources::default(), TrialExperience::default());
        Self { folder, top, root, groups, sources, experience, offered: Vec::new() }
    }

    /// The patch of a group, or why there is none.
    pub(super) fn first(&mut self, group: &PatchGroup<'_>, trial: &mut PatchTrial<'_>) -> FirstResult {
        let (result, uncovered) = match self.found(group, trial) {
            Ok(patch) => (patch.result(group), Vec::new()),
            Err(none) => (PatchResult::None { why_not: none.why, leaks: group.leak() }, none.uncovered),
        };
        FirstResult { result, uncovered, offered: self.offered.len() }
    }

    /// The same where there was no patch, with the patches that were found since then.
    pub(super) fn again(
        &mut self,
        group: &PatchGroup<'_>,
        trial: &mut PatchTrial<'_>,
        first: FirstResult,
    ) -> PatchResult {
        let has_one = matches!(first.result, PatchResult::Offered { .. });
        let new = self.offered.get(first.offered..).unwrap_or_default();
        if has_one || new.is_empty() || refusal(group).is_some() {
            return first.result;
        }
        let helps = new.iter().any(|patch| first.uncovered.iter().any(|test| patch.cures.contains(test)));
        if helps {
            return self.first(group, trial).result;
        }
        self.known(group, trial, first.offered).map_or(first.result, |patch| patch.result(group))
    }

    fn found(&mut self, group: &PatchGroup<'_>, trial: &mut PatchTrial<'_>) -> Result<OfferedPatch, NoPatch> {
        if let Some(why) = refusal(group) {
            return Err(why.into());
        }
        let candidates = candidates(group, &mut self.sources);
        if let Some(patch) = self.known(group, trial, 0) {
            return Ok(patch);
        }
        let (mut reasons, mut uncovered) = (Vec::new(), Vec::new());
        let mut joined_tries = MOST_JOINED_TRIED;
        let mut candidates = candidates?;
        self.experience.sort(group, &mut candidates);
        candidates.truncate(MOST_TRIED);
        for (at, candidate) in candidates.iter().enumerate() {
            self.ahead(group, trial, &candidates[at..]);
            let what = candidate.what.clone();
            let tried = self.tried((group, trial), candidate.clone(), MOST_JOINED, &mut joined_tries);
            if let Ok((_, result)) = &tried {
                self.experience.add(group, candidate, matches!(result, TrialResult::Cures(_)));
            }
            match tried {
                Ok((candidate, TrialResult::Cures(tried))) => {
                    let offered = match self.for_all(group, &candidate, trial) {
                        Some((all, candidate, tried)) => self.offer(&all, candidate, tried),
                        None => self.offer(group, candidate, tried),
                    };
                    return offered.map_err(NoPatch::from);
                }
                Ok((_, TrialResult::Fails(failure))) => {
                    reasons.push(format!("{what}: {}", failure.why));
                    uncovered.extend(failure.uncovers);
                }
                Err(halt @ (RunnerError::Interrupted | RunnerError::OutOfBudget)) => {
                    return Err(format!("not tried to the end: {halt}").into());
                }
                Err(halt) => reasons.push(format!("{what}: {halt}")),
            }
        }
        let first = reasons.first().map_or("", String::as_str);
        let why = match reasons.len() {
            1 => format!("one change was tried, and does not cure ({first})"),
            many => format!("{many} changes were tried, and none cures (the smallest: {first})"),
        };
        Err(NoPatch { why, uncovered })
    }

    /// What cures a brittle test, done for the others of its file too: which findings that cures, by which changes.
    fn for_all(
        &mut self,
        group: &PatchGroup<'_>,
        candidate: &PatchCandidate,
        trial: &mut PatchTrial<'_>,
    ) -> Option<(PatchGroup<'a>, PatchCandidate, Vec<String>)> {
        let mut like = LikeChanges::of(self.groups, group, candidate, &mut self.sources)?;
        for _ in 0..MOST_TOGETHER {
            let (all, joined) = like.joined()?;
            match trial.of(&all, &self.texts(&joined.edits)).ok()? {
                TrialResult::Cures(tried) => {
                    return Some(self.shorter(&like, trial).unwrap_or((all, joined, tried)));
                }
                TrialResult::Fails(failure) => {
                    let is_less = like.leave_out(&failure.fails?);
                    is_less.then_some(())?;
                }
            }
        }
        None
    }

    /// The same where each step of a longer test calls only the one before it, if that cures all of them.
    fn shorter(
        &mut self,
        like: &LikeChanges<'a>,
        trial: &mut PatchTrial<'_>,
    ) -> Option<(PatchGroup<'a>, PatchCandidate, Vec<String>)> {
        let (all, joined) = like.by_last_setters(&self.sources)?.joined()?;
        match trial.of(&all, &self.texts(&joined.edits)).ok()? {
            TrialResult::Cures(tried) => Some((all, joined, tried)),
            TrialResult::Fails(_) => None,
        }
    }

    /// Tries a change. If it uncovers another finding, because the leak that it ends hid that, then with what may cure that one.
    fn tried(
        &mut self,
        (group, trial): (&PatchGroup<'_>, &mut PatchTrial<'_>),
        candidate: PatchCandidate,
        joins: usize,
        tries: &mut usize,
    ) -> Result<(PatchCandidate, TrialResult), RunnerError> {
        let result = trial.of(group, &self.texts(&candidate.edits))?;
        let TrialResult::Fails(TrialFailure { uncovers: Some(test), .. }) = &result else {
            return Ok((candidate, result));
        };
        let joined = if joins == 0 { Vec::new() } else { self.joined(&candidate, test) };
        for (at, each) in joined.iter().enumerate() {
            let Some(left) = tries.checked_sub(1) else { break };
            self.ahead(group, trial, &joined[at..joined.len().min(at + *tries)]);
            *tries = left;
            let (joined, result) = self.tried((group, trial), each.clone(), joins - 1, tries)?;
            if matches!(result, TrialResult::Cures(_)) {
                return Ok((joined, result));
            }
        }
        Ok((candidate, result))
    }

    /// Tries the first of these changes, and the next ones meanwhile.
    fn ahead(&self, group: &PatchGroup<'_>, trial: &mut PatchTrial<'_>, next: &[PatchCandidate]) {
        if trial.jobs > 1 {
            let texts: Vec<ChangedTexts> = next.iter().map(|each| self.texts(&each.edits)).collect();
            trial.make_ahead(group, &texts);
        }
    }

    /// A change together with each one that may cure the finding of a test: patches that do, and what would be tried for it. The
    /// smallest comes first.
    fn joined(&mut self, candidate: &PatchCandidate, test: &str) -> Vec<PatchCandidate> {
        let known = self.offered.iter().filter(|patch| patch.cures.iter().any(|cured| cured == test));
        let mut found: Vec<PatchCandidate> =
            known.filter_map(|patch| candidate.and(&patch.what, &patch.edits)).collect();
        let is_about = |group: &&PatchGroup<'_>| group.findings.iter().any(|finding| finding.victim == test);
        for group in self.groups.iter().filter(is_about).filter(|group| refusal(group).is_none()) {
            let own = candidates(group, &mut self.sources).unwrap_or_default();
            found.extend(own.iter().filter_map(|own| candidate.and(&own.what, &own.edits)));
        }
        found.retain(|each| each.edits != candidate.edits);
        found.sort_by_key(PatchCandidate::size);
        found
    }

    /// A patch for other findings that cures these too; the first ones are left out.
    fn known(
        &mut self,
        group: &PatchGroup<'_>,
        trial: &mut PatchTrial<'_>,
        since: usize,
    ) -> Option<OfferedPatch> {
        let tried = |patch: &&OfferedPatch| group.places.iter().all(|place| patch.places.contains(place));
        if let Some(patch) = self.offered.iter().find(tried) {
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

    fn offer(
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
