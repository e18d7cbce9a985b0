//! All patches together, in the given order: which of the tests that they are for fail there all the same. A patch that leaves its own
//! test failing is exchanged for a change of that test, if one cures it there, too.

use std::collections::BTreeSet;

use super::candidate::PatchReach;
use super::changed::{TrialResult, is_cured_in_given_order};
use super::choice::candidates;
use super::edits::FileEdits;
use super::group::PatchGroup;
use super::offered::OfferedPatch;
use super::patches::Patches;
use super::trial::PatchTrial;
use crate::suite::runner::run::RunnerError;

impl Patches<'_> {
    /// Exchanges patches where that cures; returns the groups whose patch is another one now, and says what still fails.
    pub(super) fn all_together(
        &mut self,
        trial: &mut PatchTrial<'_>,
    ) -> (Vec<(Vec<usize>, OfferedPatch)>, Option<String>) {
        let [first, others @ ..] = &self.offered[..] else { return (Vec::new(), None) };
        if others.is_empty() && is_cured_in_given_order(&first.tried) {
            return (Vec::new(), None);
        }
        // Where the time is over, what each patch does by itself stands as it is.
        let failing = self.failing_with_all(trial).unwrap_or_default();
        let exchanged = self.exchanged(&failing, trial).unwrap_or_default();
        let failing = match &exchanged[..] {
            [] => failing,
            _ => self.failing_with_all(trial).unwrap_or_default(),
        };
        (exchanged, said(&failing))
    }

    /// The tests that patches are for, and that fail in the given order with as many of the patches as go together.
    fn failing_with_all(&self, trial: &mut PatchTrial<'_>) -> Result<BTreeSet<String>, RunnerError> {
        let (mut all, mut cured) = (FileEdits::new(), BTreeSet::new());
        for patch in &self.offered {
            if patch.fits(&all) {
                patch.add_to(&mut all);
                cured.extend(patch.cures.iter().cloned());
            }
        }
        trial.check_time()?;
        let beside = trial.given_with(&self.texts(&all))?;
        Ok(beside.map(|beside| &beside.failing & &cured).unwrap_or_default())
    }

    fn exchanged(
        &mut self,
        failing: &BTreeSet<String>,
        trial: &mut PatchTrial<'_>,
    ) -> Result<Vec<(Vec<usize>, OfferedPatch)>, RunnerError> {
        let mut exchanged = Vec::new();
        for group in self.groups.iter().filter(|group| failing.contains(&group.first().victim)) {
            let is_its_own = |patch: &OfferedPatch| patch.places == group.places;
            let Some(at) = self.offered.iter().position(is_its_own) else { continue };
            if let Some(patch) = self.curing_everywhere(group, trial)? {
                self.offered.remove(at);
                exchanged.push((group.places.clone(), patch));
            }
        }
        Ok(exchanged)
    }

    /// A change of the victim that cures it in the given order, too.
    fn curing_everywhere(
        &mut self,
        group: &PatchGroup<'_>,
        trial: &mut PatchTrial<'_>,
    ) -> Result<Option<OfferedPatch>, RunnerError> {
        let all = candidates(group, &mut self.sources).unwrap_or_default();
        for candidate in all.into_iter().filter(|each| each.reach == PatchReach::Victim) {
            trial.check_time()?;
            if let TrialResult::Cures(tried) = trial.of(group, &self.texts(&candidate.edits))?
                && is_cured_in_given_order(&tried)
            {
                return Ok(self.offer(group, candidate, tried).ok());
            }
        }
        Ok(None)
    }
}

fn said(failing: &BTreeSet<String>) -> Option<String> {
    let first = failing.first()?;
    let text = match failing.len() - 1 {
        0 => format!("{first} still fails"),
        more => format!("{first} and {more} more still fail"),
    };
    Some(format!("with all patches together, {text} in the given order: hunt again once they are applied"))
}
