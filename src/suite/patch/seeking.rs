//! The search for the patch of a group of findings: changes are tried until one cures. A change that uncovers other findings is tried
//! together with what cures those.

use super::candidate::PatchCandidate;
use super::changed::{TrialFailure, TrialResult};
use super::choice::{candidates, needing_what_is_restored, refusal};
use super::edits::ChangedTexts;
use super::group::PatchGroup;
use super::offered::{FirstResult, NoPatch, OfferedPatch};
use super::patches::Patches;
use super::result::PatchResult;
use super::together::LikeChanges;
use super::trial::PatchTrial;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::run::RunnerError;

/// Changes that are tried for one group of findings.
const MOST_TRIED: usize = 16;
/// Changes for other findings that are joined to one which uncovers these.
const MOST_JOINED: usize = 3;
/// How often the like changes of several tests are tried, each time without one that does not cure.
const MOST_TOGETHER: usize = 3;
/// Joined changes that are tried for one group of findings.
const MOST_JOINED_TRIED: usize = 12;

/// A change that is to be tried.
#[derive(Debug)]
struct ChangeToTry {
    candidate: PatchCandidate,
    /// Whether it has cured beside the changes of other groups. Then the like changes of those are tried with it first, else once it
    /// cures.
    is_promising: bool,
}

/// A change that cures.
#[derive(Debug)]
struct CuringChange<'a> {
    /// The group and others, if it was joined for them.
    all: Option<PatchGroup<'a>>,
    candidate: PatchCandidate,
    tried: Vec<String>,
}

impl<'a> Patches<'a> {
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
        trial.check_time().map_err(|halt| not_to_the_end(&halt))?;
        if let Some(patch) = self.known(group, trial, 0) {
            return Ok(patch);
        }
        let changes = self.changes_to_try(group, candidates?);
        let (mut reasons, mut uncovered) = (Vec::new(), Vec::new());
        let mut joined_tries = MOST_JOINED_TRIED;
        for at in 0..changes.len() {
            let what = &changes[at].candidate.what;
            match self.first_of((group, trial), &changes[at..], &mut joined_tries) {
                Ok(Ok(CuringChange { all, candidate, tried })) => {
                    return self
                        .offer(all.as_ref().unwrap_or(group), candidate, tried)
                        .map_err(NoPatch::from);
                }
                Ok(Err(failure)) => {
                    reasons.push(format!("{what}: {}", failure.why));
                    uncovered.extend(failure.uncovers);
                }
                Err(halt @ (RunnerError::Interrupted | RunnerError::OutOfBudget)) => {
                    return Err(not_to_the_end(&halt));
                }
                Err(halt) => reasons.push(format!("{what}: {halt}")),
            }
        }
        let first = reasons.first().map_or("", String::as_str);
        let why = match reasons.len() {
            _ if group.first().state.iter().any(Cell::is_threads) => {
                "threads that go on: the test that starts them has to tell them to end".to_owned()
            }
            1 => format!("one change was tried, and does not cure ({first})"),
            many => format!("{many} changes were tried, and none cures (the first: {first})"),
        };
        Err(NoPatch { why, uncovered })
    }

    /// The changes for a group, the first one to try first.
    fn changes_to_try(
        &self,
        group: &PatchGroup<'_>,
        mut candidates: Vec<PatchCandidate>,
    ) -> Vec<ChangeToTry> {
        self.experience.sort(group, &mut candidates);
        let promising = self.promising.get(&group.places);
        let is_promising = |candidate: &PatchCandidate| Some(&candidate.edits) == promising;
        let changes = candidates.into_iter();
        let changes =
            changes.map(|candidate| ChangeToTry { is_promising: is_promising(&candidate), candidate });
        let (mut changes, others): (Vec<_>, Vec<_>) = changes.partition(|each| each.is_promising);
        changes.extend(others);
        changes.truncate(MOST_TRIED);
        changes
    }

    /// Tries the first of these changes: what cures, or why it does not.
    fn first_of(
        &mut self,
        (group, trial): (&PatchGroup<'_>, &mut PatchTrial<'_>),
        changes: &[ChangeToTry],
        joined_tries: &mut usize,
    ) -> Result<Result<CuringChange<'a>, TrialFailure>, RunnerError> {
        let ChangeToTry { candidate, is_promising } = &changes[0];
        if !is_promising {
            self.ahead(group, trial, changes.iter().map(|change| &change.candidate));
        } else if let Some(cured) = self.for_all(group, candidate, trial) {
            return Ok(Ok(cured));
        }
        let (joined, result) =
            self.tried((group, trial), (candidate.clone(), &[]), MOST_JOINED, joined_tries)?;
        self.experience.add(group, candidate, matches!(result, TrialResult::Cures(_)));
        Ok(match result {
            TrialResult::Fails(failure) => Err(failure),
            TrialResult::Cures(tried) => {
                let all = if *is_promising { None } else { self.for_all(group, &joined, trial) };
                Ok(all.unwrap_or(CuringChange { all: None, candidate: joined, tried }))
            }
        })
    }

    /// What cures a brittle test, done for the others of its file too: which findings that cures, by which changes.
    fn for_all(
        &mut self,
        group: &PatchGroup<'_>,
        candidate: &PatchCandidate,
        trial: &mut PatchTrial<'_>,
    ) -> Option<CuringChange<'a>> {
        let (offered, unlike, promising) = (&self.offered, &self.unlike, &self.promising);
        let is_promising = promising.contains_key(&group.places);
        let is_open = |other: &PatchGroup<'_>, kind: &str, like: &PatchCandidate| {
            (!is_promising || promising.get(&other.places) == Some(&like.edits))
                && !unlike.contains(&(other.places.clone(), kind.to_owned()))
                && !offered.iter().any(|patch| patch.was_tried_on(other))
        };
        let mut like = LikeChanges::of((self.groups, is_open), group, candidate, &mut self.sources)?;
        for _ in 0..MOST_TOGETHER {
            let (all, joined) = like.joined()?;
            match trial.of(&all, &self.texts(&joined.edits)).ok()? {
                TrialResult::Cures(tried) => {
                    let cured = CuringChange { all: Some(all), candidate: joined, tried };
                    return Some(self.shorter(&like, trial).unwrap_or(cured));
                }
                TrialResult::Fails(failure) => {
                    (!failure.fails.contains(&group.first().victim)).then_some(())?;
                    let unlike = like.leave_out(&failure.fails);
                    (!unlike.is_empty()).then_some(())?;
                    self.unlike.extend(unlike);
                }
            }
        }
        None
    }

    /// The same where each step of a longer test calls only the one before it, if that cures all of them.
    fn shorter(&mut self, like: &LikeChanges<'a>, trial: &mut PatchTrial<'_>) -> Option<CuringChange<'a>> {
        let (all, joined) = like.by_last_setters(&self.sources)?.joined()?;
        match trial.of(&all, &self.texts(&joined.edits)).ok()? {
            TrialResult::Cures(tried) => Some(CuringChange { all: Some(all), candidate: joined, tried }),
            TrialResult::Fails(_) => None,
        }
    }

    /// Tries a change, which was joined for some tests. If it uncovers other findings, because the leak that it ends hid them, then
    /// with what may cure those.
    fn tried(
        &mut self,
        (group, trial): (&PatchGroup<'_>, &mut PatchTrial<'_>),
        (candidate, joined_for): (PatchCandidate, &[String]),
        joins: usize,
        tries: &mut usize,
    ) -> Result<(PatchCandidate, TrialResult), RunnerError> {
        let result = trial.of(group, &self.texts(&candidate.edits))?;
        let TrialResult::Fails(TrialFailure { uncovers, .. }) = &result else {
            return Ok((candidate, result));
        };
        // What was joined for a test that fails all the same is no beginning.
        let is_no_help = joined_for.iter().any(|test| uncovers.contains(test));
        let joined =
            if joins == 0 || is_no_help { Vec::new() } else { self.joined(group, &candidate, uncovers) };
        for (at, each) in joined.iter().enumerate() {
            let Some(left) = tries.checked_sub(1) else { break };
            self.ahead(group, trial, joined[at..].iter().take(*tries).map(|(each, _)| each));
            *tries = left;
            let (each, joined_for) = each.clone();
            let (joined, result) = self.tried((group, trial), (each, &joined_for), joins - 1, tries)?;
            if matches!(result, TrialResult::Cures(_)) {
                return Ok((joined, result));
            }
        }
        Ok((candidate, result))
    }

    /// Tries the first of these changes, and the next ones meanwhile.
    fn ahead<'c>(
        &self,
        group: &PatchGroup<'_>,
        trial: &mut PatchTrial<'_>,
        next: impl Iterator<Item = &'c PatchCandidate>,
    ) {
        if trial.jobs > 1 {
            let texts: Vec<ChangedTexts> = next.map(|each| self.texts(&each.edits)).collect();
            trial.make_ahead(group, &texts);
        }
    }

    /// A change together with what may cure the findings of tests that it uncovers, with the tests that this is for: the patches that
    /// do, for all tests at once; then each change for the first of the tests, the smallest first.
    fn joined(
        &mut self,
        group: &PatchGroup<'_>,
        candidate: &PatchCandidate,
        uncovered: &[String],
    ) -> Vec<(PatchCandidate, Vec<String>)> {
        let Some(test) = uncovered.first() else { return Vec::new() };
        let known = self.offered.iter().filter(|patch| patch.cures.contains(test));
        let mut found: Vec<PatchCandidate> =
            known.filter_map(|patch| candidate.and(&patch.what, &patch.edits)).collect();
        let is_about = |group: &&PatchGroup<'_>| group.findings.iter().any(|finding| finding.victim == *test);
        let mut own: Vec<PatchCandidate> = Vec::new();
        for group in self.groups.iter().filter(is_about).filter(|group| refusal(group).is_none()) {
            own.extend(candidates(group, &mut self.sources).unwrap_or_default());
        }
        own.extend(needing_what_is_restored(group, test, &mut self.sources));
        found.extend(own.iter().filter_map(|own| candidate.and(&own.what, &own.edits)));
        found.retain(|each| each.edits != candidate.edits);
        found.sort_by_key(PatchCandidate::size);
        let each = found.into_iter().map(|each| (each, vec![test.clone()]));
        self.with_known(candidate, uncovered).into_iter().chain(each).collect()
    }

    /// A change together with the patches that cure several tests, if more than one does, and those tests.
    fn with_known(
        &self,
        candidate: &PatchCandidate,
        uncovered: &[String],
    ) -> Option<(PatchCandidate, Vec<String>)> {
        let (mut all, mut tests, mut many) = (candidate.clone(), Vec::new(), 0);
        for test in uncovered {
            if tests.contains(test) {
                continue;
            }
            let known = self.offered.iter().filter(|patch| patch.cures.contains(test));
            let mut known = known.filter_map(|patch| Some((patch, all.and(&patch.what, &patch.edits)?)));
            let Some((patch, both)) = known.next() else { continue };
            tests.extend(uncovered.iter().filter(|test| patch.cures.contains(test)).cloned());
            (all, many) = (both, many + 1);
        }
        (many > 1).then_some((all, tests))
    }
}

fn not_to_the_end(halt: &RunnerError) -> NoPatch {
    format!("not tried to the end: {halt}").into()
}
