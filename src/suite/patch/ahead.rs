//! Tries several changes of a group at once, each in a process of its own: while one is judged, the next ones are collected and
//! judged. All stands as if they were tried one by one: the first one that cures is taken, and what comes after it ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::changed::{ChangedSuite, TrialResult};
use super::edits::ChangedTexts;
use super::group::PatchGroup;
use super::trial::PatchTrial;
use crate::budget::Interruption;
use crate::suite::runner::run::RunnerError;

/// What came of a trial, with the suite and the number of runs.
type MadeTrial = (TrialResult, Option<ChangedSuite>, usize);

impl PatchTrial<'_> {
    /// Makes the trials of these changes until one does more than fail, unless the first of them is made already.
    pub(super) fn make_ahead(&mut self, group: &PatchGroup<'_>, wanted: &[ChangedTexts]) {
        let key = |texts: &ChangedTexts| (group.places.clone(), texts.clone());
        let is_made = wanted.first().is_none_or(|first| self.ahead.contains_key(&key(first)));
        if self.jobs == 1 || wanted.len() < 2 || is_made {
            return;
        }
        let mut made = self.at_once(group, wanted);
        // What does not cure beside others may do so by itself: tests may share what no view separates, such as a port.
        if let Some((0, (result, Some(changed), runs))) = made.first_mut()
            && result.is_plain_failure()
            && let Ok(again) = self.ground().tried(group, &wanted[0], changed)
        {
            *runs = changed.zygote.runs;
            if !again.is_plain_failure() {
                self.jobs = 1;
                made.truncate(1);
            }
            made[0].1.0 = again;
        }
        self.ahead.extend(made.into_iter().map(|(at, (result, _, runs))| (key(&wanted[at]), (result, runs))));
    }

    /// The trials up to the first that does more than fail. Only that of the first change has its suite.
    fn at_once(&self, group: &PatchGroup<'_>, wanted: &[ChangedTexts]) -> Vec<(usize, MadeTrial)> {
        let (next, last) = (AtomicUsize::new(0), AtomicUsize::new(wanted.len() - 1));
        let unwanted: Vec<Interruption> = wanted.iter().map(|_| Interruption::default()).collect();
        let all = Mutex::new(Vec::new());
        let ground = self.ground();
        let make = |at: usize| -> Result<MadeTrial, RunnerError> {
            if let Some(failure) = ground.refuted(group, &wanted[at], &unwanted[at])? {
                return Ok((failure, None, 0));
            }
            let changed = ground.changed_for(group, &wanted[at], unwanted[at].clone())?;
            let (result, changed, runs) = ground.whole(group, &wanted[at], changed)?;
            Ok((result, changed.filter(|_| at == 0), runs))
        };
        let end_after = |at: usize| {
            last.fetch_min(at, Ordering::SeqCst);
            for later in &unwanted[at + 1..] {
                later.request();
            }
        };
        let work = || {
            while let Some(at) =
                Some(next.fetch_add(1, Ordering::SeqCst)).filter(|at| *at <= last.load(Ordering::SeqCst))
            {
                let made = make(at);
                if let Ok((result, ..)) = &made {
                    ground.few.note(group, result.is_plain_failure());
                }
                if !matches!(&made, Ok((result, ..)) if result.is_plain_failure()) {
                    end_after(at);
                }
                let made = made.map(|made| (at, made));
                all.lock().unwrap_or_else(PoisonError::into_inner).extend(made);
            }
        };
        std::thread::scope(|scope| {
            (1..self.jobs.min(wanted.len())).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        let mut all: Vec<(usize, MadeTrial)> = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.sort_by_key(|(at, _)| *at);
        all
    }
}
