//! Proves pairs that states have shown: the test that a pair is about, and the one before it that decides what it does.
//!
//! All pairs run again in few runs: in each, a first test, and all that it is to decide in forks of the state that it leaves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Inquiry;
use crate::kind::FindingKind;
use crate::suite::judge::prove::{ShownBefore, prove_single, surveyed};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{AheadSize, RunRequest, Runner, RunnerError, TestResult, TestRunOptions};
use crate::suite::runner::surveyed::SurveyOptions;

/// So many tests run alone sooner in a survey than in runs of their own.
const WORTH_A_SURVEY: usize = 4;

/// What tests did after a first one, by both.
type AfterFirst = BTreeMap<(usize, usize), TestResult>;

impl<R: Runner> Inquiry<'_, R> {
    /// The pairs whose first test decides most outcomes come first.
    pub(super) fn prove_pairs(&mut self, mut pairs: Vec<Suspicion>) -> Result<(), RunnerError> {
        let mut decides: BTreeMap<Vec<usize>, BTreeSet<usize>> = BTreeMap::new();
        for pair in &pairs {
            decides.entry(pair.prefix.clone()).or_default().insert(pair.test);
        }
        pairs.sort_by_key(|pair| Reverse(decides[&pair.prefix].len()));
        self.alone_again(&pairs)?;
        let again = self.pairs_again(&pairs)?;
        self.prove_firsts_ahead(&pairs, &again)?;
        for pair in pairs {
            let [single] = pair.prefix[..] else { continue };
            if let Some(suspicion) = self.as_alone_says(pair)? {
                self.tell_of(suspicion.test);
                let seen = self.seen(single, &suspicion, &again);
                if !self.try_single(&suspicion, single, &seen)? {
                    self.ledger.did_not_pass_after(suspicion.test, &suspicion.prefix);
                }
            }
        }
        Ok(())
    }

    /// Makes the runs that the first pair of each first test is likely to take: the others take none.
    fn prove_firsts_ahead(&mut self, pairs: &[Suspicion], again: &AfterFirst) -> Result<(), RunnerError> {
        let mut singles = BTreeSet::new();
        let is_first = |pair: &&Suspicion| {
            let is_open = pair.prefix.len() == 1 && !self.ledger.settled.contains(&pair.test);
            is_open && singles.insert((pair.prefix[0], pair.timestamps))
        };
        let firsts: Vec<&Suspicion> = pairs.iter().filter(is_first).collect();
        let seen: Vec<ShownBefore> =
            firsts.iter().map(|pair| self.seen(pair.prefix[0], pair, again)).collect();
        if self.plan.jobs == 1 || firsts.len() < 2 {
            return Ok(());
        }
        let knowing = self.judge.with(());
        let ask = |runner: &mut dyn Runner, next: &dyn Fn() -> Option<usize>| {
            let mut judge = knowing.with(runner);
            while let Some(number) = next() {
                let pair = firsts[number];
                if prove_single(&mut judge, pair, pair.prefix[0], &seen[number]).is_err() {
                    return;
                }
            }
        };
        let size = AheadSize { questions: firsts.len(), tests: 0 };
        self.judge.runner.ask_ahead(size, &ask).map(|_| ())
    }

    /// What is known of a pair before it is proven.
    fn seen(&self, single: usize, suspicion: &Suspicion, again: &AfterFirst) -> ShownBefore {
        if self.ledger.states.pairs.has_run(single, suspicion.test) {
            surveyed(&self.judge, suspicion, again.get(&(single, suspicion.test)))
        } else {
            ShownBefore::default()
        }
    }

    /// Whether a survey has seen a pair that is still to be proven.
    fn is_seen(&self, pair: &Suspicion) -> bool {
        let has_run =
            matches!(pair.prefix[..], [single] if self.ledger.states.pairs.has_run(single, pair.test));
        has_run && !self.ledger.settled.contains(&pair.test)
    }

    /// Runs each first test once more, and all that it is to decide in forks of the state that it leaves.
    fn pairs_again(&mut self, pairs: &[Suspicion]) -> Result<AfterFirst, RunnerError> {
        let mut by_first: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for pair in pairs.iter().filter(|pair| self.is_seen(pair)) {
            by_first.entry(pair.prefix[0]).or_default().push(pair.test);
        }
        let timestamps = self.plan.timestamps;
        let request = |(first, then): (usize, Vec<usize>)| -> RunRequest {
            let lasting = then.clone();
            let survey = SurveyOptions { together: true, then, lasting, ..SurveyOptions::default() };
            (vec![first], TestRunOptions { survey: Some(survey), ..TestRunOptions::plain(timestamps) })
        };
        let wanted: Vec<RunRequest> = by_first.into_iter().map(request).collect();
        let runs = self.judge.run_all(&wanted)?;
        let states = runs.into_iter().flat_map(|run| run.surveyed);
        let after = states.flat_map(|state| {
            let first = state.tests.first().map(|ran| ran.test);
            state.then.into_iter().filter_map(move |ran| Some(((first?, ran.test), ran)))
        });
        Ok(after.collect())
    }

    /// Runs the tests of many pairs that a survey has seen alone once more, in few runs: each in a fork of its own.
    fn alone_again(&mut self, pairs: &[Suspicion]) -> Result<(), RunnerError> {
        let is_meant = |pair: &&Suspicion| pair.kind == FindingKind::Victim && self.is_seen(pair);
        let tests: BTreeSet<usize> = pairs.iter().filter(is_meant).map(|pair| pair.test).collect();
        if tests.len() < WORTH_A_SURVEY {
            return Ok(());
        }
        self.alone_in_forks(&tests.into_iter().collect::<Vec<_>>(), 1).map(drop)
    }

    /// Runs the tests of many suspicions alone that nobody has run alone yet, in few runs: one that passes needs no further run.
    pub(super) fn alone_first(&mut self, suspicions: &[(Suspicion, bool)]) -> Result<(), RunnerError> {
        let timestamps = self.plan.timestamps;
        let is_meant = |each: &Suspicion| {
            each.timestamps == timestamps
                && !each.prefix.is_empty()
                && !self.ledger.settled.contains(&each.test)
                && self.judge.seen_alone(each).tries == 0
        };
        let tests: Vec<usize> =
            suspicions.iter().filter(|(each, _)| is_meant(each)).map(|(each, _)| each.test).collect();
        if tests.len() < WORTH_A_SURVEY {
            return Ok(());
        }
        self.alone_in_forks(&tests, 1).map(drop)
    }

    /// Runs tests alone, each so often and each time in a fork of its own, takes over what they did, and returns it.
    pub(crate) fn alone_in_forks(
        &mut self,
        tests: &[usize],
        times: usize,
    ) -> Result<Vec<TestResult>, RunnerError> {
        let timestamps = self.plan.timestamps;
        let how =
            TestRunOptions { survey: Some(SurveyOptions::default()), ..TestRunOptions::plain(timestamps) };
        let parts = tests.chunks(tests.len().div_ceil(self.plan.jobs.max(1)).max(1));
        let parts = std::iter::repeat_n(parts, times).flatten();
        let wanted: Vec<RunRequest> = parts.map(|part| (part.to_vec(), how.clone())).collect();
        let runs = self.judge.run_all(&wanted)?;
        let ran: Vec<TestResult> =
            runs.iter().flat_map(|run| &run.surveyed).flat_map(|state| state.tests.clone()).collect();
        ran.iter().for_each(|ran| self.judge.ran_alone(ran, timestamps));
        Ok(ran)
    }
}
