//! Rounds of states: which tests make the next one, who runs there, and which of the tests that made it are to blame.

use std::collections::BTreeSet;
use std::time::Instant;

use super::cover::{next_state, split};
use super::leavings::Left;
use super::states::{States, Turned};
use crate::kind::FindingKind;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{HuntClock, RunRequest, Runner, RunnerError, TestRunOptions};
use crate::suite::runner::surveyed::SurveyOptions;

/// Others run on several processes at once if there are so many of them.
const WORTH_SHARING: usize = 40;

/// A state that is wanted: the tests that make it, and those that run in it.
type WantedState = (Vec<usize>, Vec<usize>);

/// The rounds of one search.
#[derive(Debug)]
pub(super) struct Rounds<'s, 'j, 'a, R> {
    pub(super) states: &'s mut States,
    pub(super) judge: &'j mut Judge<'a, R>,
    /// The tests that make states, in the given order.
    pub(super) tests: Vec<usize>,
    /// The tests that run in states.
    pub(super) seconds: Vec<usize>,
    pub(super) timestamps: HuntClock,
    pub(super) jobs: usize,
    /// When to begin no further round.
    pub(super) until: Option<Instant>,
    pub(super) suspicions: Vec<Suspicion>,
    /// Tests whose leavings were not there after others had run, too: they are to make a state of their own.
    lost: Vec<usize>,
}

impl<'s, 'j, 'a, R: Runner> Rounds<'s, 'j, 'a, R> {
    pub(super) fn new(
        states: &'s mut States,
        judge: &'j mut Judge<'a, R>,
        (tests, seconds): (Vec<usize>, Vec<usize>),
        (timestamps, jobs, until): (HuntClock, usize, Option<Instant>),
    ) -> Self {
        let (suspicions, lost) = (Vec::new(), Vec::new());
        Self { states, judge, tests, seconds, timestamps, jobs, until, suspicions, lost }
    }

    /// Makes states until all that tests leave has been there, or the time is over.
    pub(super) fn all(&mut self) -> Result<(), RunnerError> {
        let mut tried = BTreeSet::new();
        while self.goes_on() {
            let state = next_state(&self.states.leavings, &self.tests, &tried, |leaving| &leaving.everywhere);
            if state.is_empty() {
                break;
            }
            self.round(&state, self.seconds.clone(), &mut tried, false)?;
        }
        for file in self.files() {
            let mut tried = tried.clone();
            while self.goes_on() {
                let state = next_state(&self.states.leavings, &file, &tried, |leaving| &leaving.near);
                if state.is_empty() {
                    break;
                }
                let seconds: Vec<usize> =
                    file.iter().copied().filter(|test| self.seconds.contains(test)).collect();
                self.round(&state, seconds, &mut tried, true)?;
            }
            self.lost_near(&file)?;
        }
        while let Some(test) = self.lost.pop().filter(|_| self.goes_on()) {
            self.decide(&[(vec![test], self.seconds.clone())])?;
        }
        Ok(())
    }

    /// What one test has set up for its class is torn down before a test of another class, so that a state of several
    /// has it only for those of the last one.
    fn lost_near(&mut self, file: &[usize]) -> Result<(), RunnerError> {
        for &test in file {
            let lost = self.states.lost_near(test, file);
            let seconds: Vec<usize> = lost.into_iter().filter(|test| self.seconds.contains(test)).collect();
            if !seconds.is_empty() && self.goes_on() {
                self.decide(&[(vec![test], seconds)])?;
            }
        }
        Ok(())
    }

    fn goes_on(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }

    /// The tests of each file.
    fn files(&self) -> Vec<Vec<usize>> {
        let file = |test: &usize| &self.judge.items[*test].file;
        self.tests.chunk_by(|one, other| file(one) == file(other)).map(<[usize]>::to_vec).collect()
    }

    /// One state, and the tests that made it in states of parts of it.
    fn round(
        &mut self,
        state: &[usize],
        seconds: Vec<usize>,
        tried: &mut BTreeSet<Left>,
        is_near: bool,
    ) -> Result<(), RunnerError> {
        for &test in state {
            let leaving = self.states.leavings.of(test);
            tried.extend(
                leaving
                    .map(|leaving| if is_near { &leaving.near } else { &leaving.everywhere })
                    .into_iter()
                    .flatten(),
            );
        }
        let inside: Vec<usize> = state.iter().copied().filter(|test| seconds.contains(test)).collect();
        let mut wanted = vec![(state.to_vec(), seconds)];
        let one_of_many = |(first, second): (Vec<usize>, Vec<usize>)| {
            let second: Vec<usize> = second.into_iter().filter(|test| inside.contains(test)).collect();
            (!second.is_empty()).then_some((first, second))
        };
        wanted.extend(split(state).into_iter().filter_map(one_of_many));
        self.decide(&wanted)?;
        if state.len() > 1 && !is_near {
            let met = |test: &usize| {
                let other = self.seconds.iter().find(|second| !state.contains(second));
                other.is_none_or(|second| {
                    self.states.pairs.follows(&self.states.leavings, *test, *second, false)
                })
            };
            self.lost.extend(state.iter().copied().filter(|test| !met(test)));
        }
        Ok(())
    }

    /// Runs states; where others do something else there than alone, the halves of the state tell why.
    fn decide(&mut self, wanted: &[WantedState]) -> Result<(), RunnerError> {
        let turned = self.turned_in(wanted)?;
        let states = wanted.iter().map(|(state, _)| state.clone());
        let mut open: Vec<(Vec<usize>, Vec<Turned>)> = states.zip(turned).collect();
        loop {
            open.retain(|(_, turned)| !turned.is_empty());
            let (single, wholes): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|(state, _)| state.len() == 1);
            single.iter().for_each(|(state, turned)| self.suspect(state, turned));
            if wholes.is_empty() {
                return Ok(());
            }
            let halves: Vec<WantedState> = wholes.iter().flat_map(halves).collect();
            let in_halves = self.turned_in(&halves)?;
            open = Vec::new();
            for ((state, turned), both) in wholes.iter().zip(in_halves.chunks(2)) {
                // What turned in the whole and in neither half takes tests of both.
                let in_none = |(test, _): &&Turned| !both.iter().flatten().any(|(other, _)| other == test);
                let of_both: Vec<Turned> = turned.iter().filter(in_none).copied().collect();
                self.suspect(state, &of_both);
            }
            open.extend(halves.into_iter().map(|(state, _)| state).zip(in_halves));
        }
    }

    fn suspect(&mut self, state: &[usize], turned: &[Turned]) {
        self.suspicions.extend(turned.iter().map(|&turned| suspicion(state, turned, self.timestamps)));
    }

    /// For each state, the tests that did something else there than alone, with whether they failed.
    fn turned_in(&mut self, wanted: &[WantedState]) -> Result<Vec<Vec<Turned>>, RunnerError> {
        let (mut requests, mut of) = (Vec::new(), Vec::new());
        for (number, (state, seconds)) in wanted.iter().enumerate() {
            for part in self.parts(state, seconds) {
                requests.push(self.request(state, part));
                of.push(number);
            }
        }
        let runs = self.judge.run_all(&requests)?;
        let mut turned = vec![Vec::new(); wanted.len()];
        for (number, run) in of.into_iter().zip(&runs) {
            for state in &run.surveyed {
                turned[number].extend(self.states.note(state));
            }
        }
        Ok(turned)
    }

    /// The others of a state in as many parts as can run at once, those that write files last.
    fn parts(&self, state: &[usize], seconds: &[usize]) -> Vec<Vec<usize>> {
        let left_out = &self.judge.left_out;
        let others = seconds.iter().copied().filter(|test| !state.contains(test) && !left_out.contains(test));
        let wrote = |test: &usize| self.states.leavings.of(*test).is_some_and(|leaving| leaving.wrote);
        let (last, mut others): (Vec<usize>, Vec<usize>) = others.partition(wrote);
        others.extend(last);
        let parts = if others.len() >= WORTH_SHARING { self.jobs } else { 1 };
        others.chunks(others.len().div_ceil(parts).max(1)).map(<[usize]>::to_vec).collect()
    }

    fn request(&self, state: &[usize], then: Vec<usize>) -> RunRequest {
        let leaves = |test: &usize| {
            self.states
                .leavings
                .of(*test)
                .is_none_or(|leaving| !leaving.everywhere.is_empty() || !leaving.near.is_empty())
        };
        let fails =
            |test: &usize| self.states.alone.get(test).is_some_and(|alone| alone.outcome.is_failure());
        let survey = SurveyOptions {
            look: true,
            together: true,
            leaving: then.iter().copied().filter(leaves).collect(),
            fails: then.iter().copied().filter(fails).collect(),
            then,
        };
        (state.to_vec(), TestRunOptions { survey: Some(survey), ..TestRunOptions::plain(self.timestamps) })
    }
}

/// What a test is suspected of that did something else in a state than alone.
pub(super) fn suspicion(state: &[usize], (test, fails): Turned, timestamps: HuntClock) -> Suspicion {
    let kind = if fails { FindingKind::Victim } else { FindingKind::Brittle };
    Suspicion::after(state.to_vec(), test, kind, timestamps)
}

/// A state in two halves, for the tests that turned in it.
fn halves((state, turned): &(Vec<usize>, Vec<Turned>)) -> [WantedState; 2] {
    let tests: Vec<usize> = turned.iter().map(|(test, _)| *test).collect();
    let (first, second) = state.split_at(state.len() / 2);
    [(first.to_vec(), tests.clone()), (second.to_vec(), tests)]
}
