//! Tries changed test files: the suite is collected with them, and the tests that are concerned run. `ahead` tries several at once,
//! and what came of them is kept here until it is asked for.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::changed::{BesidePlain, ChangedSuite, TrialFailure, TrialGround, TrialResult};
use super::checkout_copy::CheckoutCopy;
use super::edits::ChangedTexts;
use super::few::FewFiles;
use super::group::PatchGroup;
use super::plain::PlainSuite;
use super::start::{ChangedStart, with_all};
use crate::budget::Interruption;
use crate::suite::runner::process_error::ProcessError;
use crate::suite::runner::run::{HuntClock, RunnerError};
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;

/// Why a change is not even tried.
pub(super) const OTHER_TESTS: &str = "pytest then collects other tests";

/// The findings that a change is tried for, by their places, and the texts of the changed files.
pub(super) type TrialKey = (Vec<usize>, ChangedTexts);

/// The suite as it is, and what was tried on it.
#[derive(Debug)]
pub(super) struct PatchTrial<'a> {
    plain: Mutex<PlainSuite<'a>>,
    suite: &'a Suite,
    given: &'a [usize],
    /// So many changes are tried at a time.
    pub(super) jobs: usize,
    /// The copy of the checkout in which changed files are tried, where there is no private view.
    copy: Option<CheckoutCopy>,
    few: FewFiles,
    /// The suite with the texts that were last tried on a further group.
    last: Option<(ChangedTexts, Vec<String>, ChangedSuite)>,
    /// What came of trials that nobody has asked for yet, with the number of their runs.
    pub(super) ahead: HashMap<TrialKey, (TrialResult, usize)>,
}

impl<'a> PatchTrial<'a> {
    /// `jobs` changes at a time, unless they would have to share a copy of the checkout.
    pub(super) fn new(zygote: &'a mut Zygote, suite: &'a Suite, given: &'a [usize], jobs: usize) -> Self {
        let jobs = if zygote.is_private() { jobs } else { 1 };
        let plain = Mutex::new(PlainSuite::new(zygote));
        let few = FewFiles::default();
        Self { plain, suite, given, jobs, copy: None, few, last: None, ahead: HashMap::new() }
    }

    pub(super) fn time_left(&mut self) -> Option<Duration> {
        self.zygote().budget.time_left()
    }

    /// Which of several groups that show alike are cured with these texts, whatever else they do; `None` if other tests are there then.
    pub(super) fn cured_by(
        &mut self,
        groups: &[&PatchGroup<'_>],
        texts: &ChangedTexts,
    ) -> Result<Option<Vec<bool>>, RunnerError> {
        let Some(first) = groups.first() else { return Ok(None) };
        let Some(mut changed) = self.changed(first, texts)? else { return Ok(None) };
        let cured: Result<Vec<bool>, _> = groups.iter().map(|group| changed.seems_cured(group)).collect();
        self.zygote().runs += changed.zygote.runs;
        cured.map(Some)
    }

    /// An error where nothing more can be tried.
    pub(super) fn check_time(&mut self) -> Result<(), RunnerError> {
        self.zygote().budget.check().map_err(RunnerError::from)
    }

    /// Whether a change cures a group and does no harm.
    pub(super) fn of(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<TrialResult, RunnerError> {
        let (mut result, runs) = match self.ahead.remove(&(group.places.clone(), texts.clone())) {
            Some(made) => made,
            None => self.of_now(group, texts)?,
        };
        if let TrialResult::Cures(tried) = result {
            result = self.with_its_file_alone(group, texts, tried)?;
        }
        self.few.note(group, result.is_plain_failure());
        self.zygote().runs += runs + self.few.runs.swap(0, Ordering::SeqCst);
        Ok(result)
    }

    fn of_now(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<(TrialResult, usize), RunnerError> {
        if self.zygote().is_private()
            && let Some(failure) = self.ground().refuted(group, texts, &Interruption::default())?
        {
            return Ok((failure, 0));
        }
        let changed = self.changed(group, texts)?;
        self.ground().whole(group, texts, changed).map(|(result, _, runs)| (result, runs))
    }

    /// What comes of a change that cures where all is collected: tests that need other files have to pass without those too.
    fn with_its_file_alone(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        mut tried: Vec<String>,
    ) -> Result<TrialResult, RunnerError> {
        let first = group.first();
        if !first.needs_files() {
            return Ok(TrialResult::Cures(tried));
        }
        let file = group.file_of(&first.victim);
        let files = file.map(|file| file.to_string_lossy().into_owned()).into_iter().collect();
        let start = ChangedStart { files, ..ChangedStart::of(group) };
        let Some(mut changed) = self.with_texts(texts, &start)? else {
            return Ok(TrialFailure::because(OTHER_TESTS.to_owned()));
        };
        let failing = changed.fail_alone(group);
        self.zygote().runs += changed.zygote.runs;
        tried.insert(0, "with its file alone".to_owned());
        Ok(TrialFailure::not_curing(&failing?).unwrap_or(TrialResult::Cures(tried)))
    }

    /// Whether a change that does no harm cures a group too.
    pub(super) fn cures(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<bool, RunnerError> {
        let first = group.first();
        if first.needs_files() {
            return Ok(matches!(self.of(group, texts)?, TrialResult::Cures(_)));
        }
        let fits = |(known, hidden_by, changed): &(ChangedTexts, Vec<String>, ChangedSuite)| {
            known == texts && *hidden_by == first.hidden_by && changed.timestamps == first.timestamps
        };
        if !self.last.as_ref().is_some_and(fits) {
            // The other process ends before this one begins.
            self.last = None;
            let Some(changed) = self.changed(group, texts)? else { return Ok(false) };
            self.last = Some((texts.clone(), first.hidden_by.clone(), changed));
        }
        let Some((.., changed)) = &mut self.last else { return Ok(false) };
        let before = changed.zygote.runs;
        let shows = changed.still_shows(group);
        let runs = changed.zygote.runs - before;
        self.zygote().runs += runs;
        Ok(shows?.is_empty())
    }

    /// What fails in the given order with these texts; `None` if other tests are there then.
    pub(super) fn given_with(&mut self, texts: &ChangedTexts) -> Result<Option<BesidePlain>, RunnerError> {
        let start = ChangedStart::whole(HuntClock::Real);
        let Some(mut changed) = self.with_texts(texts, &start)? else { return Ok(None) };
        let beside = self.ground().beside_plain(self.given, &mut changed);
        self.zygote().runs += changed.zygote.runs;
        beside.map(Some)
    }

    pub(super) fn ground(&self) -> TrialGround<'_, 'a> {
        TrialGround { plain: &self.plain, suite: self.suite, given: self.given, few: &self.few }
    }

    fn zygote(&mut self) -> &mut Zygote {
        self.plain.get_mut().unwrap_or_else(PoisonError::into_inner).zygote
    }

    fn changed(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        self.with_texts(texts, &ChangedStart::of(group))
    }

    /// The suite with these texts, or `None` if a test of the hunt is missing in it.
    fn with_texts(
        &mut self,
        texts: &ChangedTexts,
        start: &ChangedStart,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        if self.zygote().is_private() {
            return self.ground().in_view(texts, start, Interruption::default());
        }
        if self.copy.is_none() {
            let made = CheckoutCopy::make(self.zygote().around());
            self.copy = Some(made.map_err(ProcessError::Folder)?);
        }
        let copy = self.copy.as_mut().expect("it was made");
        copy.change(texts).map_err(ProcessError::Folder)?;
        let plain = self.plain.get_mut().unwrap_or_else(PoisonError::into_inner);
        let here = (copy.directory(), start.files.clone());
        let started = plain.zygote.in_directory(here, |argument| copy.argument(argument));
        with_all(started, self.suite, start)
    }
}

impl TrialGround<'_, '_> {
    /// What came of a change, with the suite that has it and the number of runs.
    pub(super) fn whole(
        &self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        changed: Option<ChangedSuite>,
    ) -> Result<(TrialResult, Option<ChangedSuite>, usize), RunnerError> {
        let Some(mut changed) = changed else {
            return Ok((TrialFailure::because(OTHER_TESTS.to_owned()), None, 0));
        };
        let result = self.tried(group, texts, &mut changed)?;
        let runs = changed.zygote.runs;
        Ok((result, Some(changed), runs))
    }
}
