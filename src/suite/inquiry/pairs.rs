//! Proves pairs that states have shown: the test that a pair is about, and the one before it that decides what it does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Inquiry;
use crate::kind::FindingKind;
use crate::suite::judge::prove::{NOT_YET, surveyed};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{RunRequest, Runner, RunnerError, TestResult, TestRunOptions};
use crate::suite::runner::surveyed::SurveyOptions;

/// So many tests run alone sooner in a survey than in runs of their own.
const WORTH_A_SURVEY: usize = 4;

impl<R: Runner> Inquiry<'_, R> {
    /// The pairs whose first test decides most outcomes come first.
    pub(super) fn prove_pairs(&mut self, mut pairs: Vec<Suspicion>) -> Result<(), RunnerError> {
        let mut decides: BTreeMap<Vec<usize>, BTreeSet<usize>> = BTreeMap::new();
        for pair in &pairs {
            decides.entry(pair.prefix.clone()).or_default().insert(pair.test);
        }
        pairs.sort_by_key(|pair| Reverse(decides[&pair.prefix].len()));
        self.alone_again(&pairs)?;
        for pair in pairs {
            let [single] = pair.prefix[..] else { continue };
            if let Some(suspicion) = self.as_alone_says(pair)? {
                self.tell_of(suspicion.test);
                let is_surveyed = self.ledger.states.pairs.has_run(single, suspicion.test);
                let seen = if is_surveyed { surveyed(&self.judge, &suspicion) } else { NOT_YET };
                if !self.try_single(&suspicion, single, seen)? {
                    self.ledger.did_not_pass_after(suspicion.test, &suspicion.prefix);
                }
            }
        }
        Ok(())
    }

    /// Runs the tests of many pairs that a survey has seen alone once more, in few runs: each in a fork of its own.
    fn alone_again(&mut self, pairs: &[Suspicion]) -> Result<(), RunnerError> {
        let timestamps = self.plan.timestamps;
        let is_meant = |pair: &&Suspicion| {
            let is_seen =
                matches!(pair.prefix[..], [single] if self.ledger.states.pairs.has_run(single, pair.test));
            is_seen && pair.kind == FindingKind::Victim && !self.ledger.settled.contains(&pair.test)
        };
        let tests: BTreeSet<usize> = pairs.iter().filter(is_meant).map(|pair| pair.test).collect();
        if tests.len() < WORTH_A_SURVEY {
            return Ok(());
        }
        let tests: Vec<usize> = tests.into_iter().collect();
        let how =
            TestRunOptions { survey: Some(SurveyOptions::default()), ..TestRunOptions::plain(timestamps) };
        let parts = tests.chunks(tests.len().div_ceil(self.plan.jobs.max(1)));
        let wanted: Vec<RunRequest> = parts.map(|part| (part.to_vec(), how.clone())).collect();
        for run in self.judge.run_all(&wanted)? {
            let ran: Vec<TestResult> = run.surveyed.iter().flat_map(|state| state.tests.clone()).collect();
            ran.iter().for_each(|ran| self.judge.ran_alone(ran, timestamps));
        }
        Ok(())
    }
}
