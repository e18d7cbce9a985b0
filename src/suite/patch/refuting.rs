//! Refutes changes at little cost: of a suite that takes long to collect, only the files that a finding and a change are about are
//! collected. What does not cure there does not cure in the whole suite either, if the finding shows there as it does in the whole. What
//! does cure there is tried in the whole suite.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::changed::{ChangedSuite, TrialFailure, TrialGround, TrialResult};
use super::edits::ChangedTexts;
use super::group::PatchGroup;
use super::start::ChangedStart;
use crate::budget::Interruption;
use crate::suite::runner::run::RunnerError;

/// So many times as fast has the collection of few files to be.
const GAIN: u32 = 2;

impl TrialGround<'_, '_> {
    /// Why a change does not cure, if few files show that; nothing is asked before another change has failed.
    pub(super) fn refuted(
        &self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        unwanted: &Interruption,
    ) -> Result<Option<TrialResult>, RunnerError> {
        if !self.few.expects_failure(group) {
            return Ok(None);
        }
        let files = self.concerned(group, texts);
        let key = (group.places.clone(), files.clone());
        let known = self.few.serve.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let serve = if let Some(known) = known {
            known
        } else {
            let serve = self.serves(group, &files, unwanted)?;
            self.few.serve.lock().unwrap_or_else(PoisonError::into_inner).insert(key, serve);
            serve
        };
        if !serve {
            return Ok(None);
        }
        let Some(mut changed) = self.in_view_of(group, texts, files, unwanted)? else { return Ok(None) };
        let shows = changed.still_shows(group);
        self.few.runs.fetch_add(changed.zygote.runs, Ordering::SeqCst);
        Ok(TrialFailure::not_curing(&shows?))
    }

    /// The files of the tests that a finding runs, and those of tests that are changed, in the order in which they are collected.
    fn concerned(&self, group: &PatchGroup<'_>, texts: &ChangedTexts) -> Vec<String> {
        let victims = group.findings.iter().map(|finding| &finding.victim);
        let run = group.before().iter().chain(victims).filter_map(|id| group.file_of(id));
        let wanted: BTreeSet<PathBuf> = run.chain(texts.keys().cloned()).collect();
        let all = self.given.iter().map(|&test| &self.suite.items[test].file);
        let mut files: Vec<String> = Vec::new();
        for file in all.filter(|file| wanted.contains(Path::new(file.as_str()))) {
            if !files.contains(file) {
                files.push(file.clone());
            }
        }
        files
    }

    /// Whether these files, without a change, show for the findings what the whole suite shows, and are collected much faster.
    fn serves(
        &self,
        group: &PatchGroup<'_>,
        files: &[String],
        unwanted: &Interruption,
    ) -> Result<bool, RunnerError> {
        let all: BTreeSet<&str> = self.suite.items.iter().map(|item| item.file.as_str()).collect();
        if files.is_empty() || files.len() * 2 > all.len() {
            return Ok(false);
        }
        let whole = self.plain.lock().unwrap_or_else(PoisonError::into_inner).zygote.collected_in;
        let plain = self.in_view_of(group, &ChangedTexts::new(), files.to_vec(), unwanted)?;
        let Some(mut plain) = plain.filter(|plain| plain.zygote.collected_in * GAIN <= whole) else {
            return Ok(false);
        };
        let shows = plain.shows_as_found(group);
        self.few.runs.fetch_add(plain.zygote.runs, Ordering::SeqCst);
        shows
    }

    fn in_view_of(
        &self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        files: Vec<String>,
        unwanted: &Interruption,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        let start = ChangedStart { files, ..ChangedStart::of(group) };
        self.in_view(texts, &start, unwanted.clone())
    }
}
