//! Rounds of states: which tests make the next one, and who runs there. Which of the tests that made it are to blame is for `blame`.
//!
//! ```text
//! all that tests leave, each cell once     one state of many tests, in which all tests run
//! those that turned there                  after the one test whose traces their code names, if there is one
//! those that this does not explain         in states of every second test, every second pair, ...: which of these turn them tells which one does
//! that one                                 in a state of its own, with those that it turns; what it does not turn is sought by halves
//! all at once that a test leaves           in states of tests of which none changes what another one leaves: it may take several things to turn a test
//! what was not there as it is alone        in states of tests that leave nothing in one container: what is put there may depend on the rest
//! what a test leaves only in a state       in that state with this test: what several do one after the other may turn a test
//! what is still not there                  in states of one test each: what nobody can tell, say, is like no other
//! ```
//!
//! The tests of a state run there, too, a second time: what they leave themselves was there in any case.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Instant;

use super::cover::{Apart, WantedState, next_state, uncovered};
use super::leavings::{Leaving, Left};
use super::states::{States, Turned};
use crate::kind::FindingKind;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{HuntClock, RunRequest, Runner, RunnerError};

/// So many states for each process are asked for at once, where they need not wait for one another.
pub(super) const EACH: usize = 4;

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
}

impl<'s, 'j, 'a, R: Runner> Rounds<'s, 'j, 'a, R> {
    pub(super) fn new(
        states: &'s mut States,
        judge: &'j mut Judge<'a, R>,
        (tests, seconds): (Vec<usize>, Vec<usize>),
        (timestamps, jobs, until): (HuntClock, usize, Option<Instant>),
    ) -> Self {
        Self { states, judge, tests, seconds, timestamps, jobs, until, suspicions: Vec::new() }
    }

    /// Makes a state of many tests that leave what has been in none yet, or not as they leave it alone. Returns false if there is
    /// nothing of that kind, or the time is over.
    pub(super) fn next_of_many(&mut self) -> Result<bool, RunnerError> {
        if !self.states.tried.is_empty() {
            return Ok(self.next_whole()? || self.next_apart()? || self.next_linked()?);
        }
        if self.seconds.is_empty() || !self.goes_on() {
            return Ok(false);
        }
        let mut tried = BTreeSet::new();
        let state = self.next_merged(&self.tests, &mut tried, |leaving| &leaving.everywhere);
        self.states.tried = tried;
        if state.is_empty() {
            return Ok(false);
        }
        self.decide(&(state, self.seconds.clone()))?;
        Ok(true)
    }

    /// Makes a state of tests that may have been in the way of one another, but not of one that stands alone.
    fn next_apart(&mut self) -> Result<bool, RunnerError> {
        if !self.goes_on() {
            return Ok(false);
        }
        let States { leavings, tried_apart, .. } = &*self.states;
        let covered = self.states.covered(&self.tests, &self.seconds, tried_apart);
        let new = |test| uncovered(leavings.of(test).map(|leaving| &leaving.everywhere), &covered);
        let state = next_state(leavings, &self.tests, new, |leaving| &leaving.everywhere, Apart::Containers);
        let left = leavings.of_all(&state);
        self.states.tried_apart.extend(left);
        self.decide_of_several(state)
    }

    /// Makes a state of tests each of which leaves several things that have not been there at once for all others.
    fn next_whole(&mut self) -> Result<bool, RunnerError> {
        if !self.goes_on() {
            return Ok(false);
        }
        let States { leavings, tried_whole, .. } = &*self.states;
        let new = |test: usize| {
            let leaving = leavings.of(test).filter(|_| !tried_whole.contains(&test));
            let several = leaving.map(|leaving| &leaving.everywhere).filter(|left| left.len() > 1);
            several.filter(|_| !self.states.lost(test, &self.seconds).is_empty()).cloned().unwrap_or_default()
        };
        let state = next_state(leavings, &self.tests, new, |leaving| &leaving.everywhere, Apart::Cells);
        self.states.tried_whole.extend(&state);
        self.decide_of_several(state)
    }

    /// Makes a state for those for whom not all was there yet that one of these tests leaves, unless it is of one test: those come
    /// last. Returns whether it was made.
    fn decide_of_several(&mut self, state: Vec<usize>) -> Result<bool, RunnerError> {
        let is_of_several = state.len() > 1;
        if is_of_several {
            let lost: BTreeSet<usize> =
                state.iter().flat_map(|test| self.states.lost(*test, &self.seconds)).collect();
            let seconds: Vec<usize> =
                self.seconds.iter().copied().filter(|test| lost.contains(test)).collect();
            if !seconds.is_empty() {
                self.decide(&(state, seconds))?;
            }
        }
        Ok(is_of_several)
    }

    /// Makes a state of a former one and of tests that left something there that they do not leave alone: what they and those before
    /// them do together may turn a test.
    fn next_linked(&mut self) -> Result<bool, RunnerError> {
        if !self.goes_on() {
            return Ok(false);
        }
        let Some((state, links)) = self.states.next_link() else { return Ok(false) };
        let has_turned = |test: &usize| state.iter().any(|first| self.states.has_turned(*first, *test));
        let seconds = self.seconds.iter().copied().filter(|test| !has_turned(test)).collect();
        self.decide(&([state, links].concat(), seconds))?;
        Ok(true)
    }

    /// The tests of the next state of all that these leave that is not among `tried`, which then has it: none if there is nothing more.
    pub(super) fn next_merged(
        &self,
        tests: &[usize],
        tried: &mut BTreeSet<Left>,
        of: fn(&Leaving) -> &BTreeSet<Left>,
    ) -> Vec<usize> {
        let leavings = &self.states.leavings;
        let new = |test| uncovered(leavings.of(test).map(of), tried);
        let state = next_state(leavings, tests, new, of, Apart::Cells);
        tried.extend(state.iter().filter_map(|test| leavings.of(*test)).flat_map(of));
        state
    }

    /// Makes states of what was not there yet as a test leaves it, and of what only tests of the same file find.
    pub(super) fn of_few(&mut self) -> Result<(), RunnerError> {
        self.of_one()?;
        self.of_near()
    }

    /// States of one test each, of those first that leave most of what was not there, and then of those that leave what
    /// was not there at once.
    fn of_one(&mut self) -> Result<(), RunnerError> {
        let mut made = Vec::new();
        while self.goes_on()
            && let Some((test, lost)) = self.next_of_one(&made)
        {
            made.push(test);
            self.decide(&(vec![test], lost))?;
        }
        Ok(())
    }

    /// The next test that is to make a state by itself, once these have made theirs, and who is to run there.
    fn next_of_one(&self, made: &[usize]) -> Option<(usize, Vec<usize>)> {
        let left_out = &self.judge.left_out;
        let seconds: Vec<usize> =
            self.seconds.iter().copied().filter(|test| !left_out.contains(test)).collect();
        let leavings = &self.states.leavings;
        let covered = self.states.covered(&self.tests, &seconds, &leavings.of_all(made));
        let new = |test| uncovered(leavings.of(test).map(|leaving| &leaving.everywhere), &covered).len();
        // Of several that leave the same, another one than before: what a test leaves itself, it does not meet.
        let last = |test: usize| Reverse(self.states.pairs.ran_after(test));
        let open = self.tests.iter().rev().filter(|test| !made.contains(*test));
        let lost = open.map(|&test| (test, self.states.lost(test, &seconds)));
        lost.filter(|(_, lost)| !lost.is_empty()).max_by_key(|(test, _)| (new(*test), last(*test)))
    }

    /// What the first states of one test each are likely to take, if nothing is learnt before them.
    pub(super) fn first_of_one(&self) -> Vec<RunRequest> {
        let (mut made, mut wanted) = (Vec::new(), Vec::new());
        while made.len() < self.jobs
            && let Some((test, lost)) = self.next_of_one(&made)
        {
            made.push(test);
            wanted.push((vec![test], lost));
        }
        self.asked(&wanted, 0).0
    }

    pub(super) fn goes_on(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }

    /// Runs tests in a state, and finds out which of the tests that made it turn them.
    fn decide(&mut self, wanted: &WantedState) -> Result<(), RunnerError> {
        self.decide_all(std::slice::from_ref(wanted))
    }

    /// The same for states that need not wait for one another.
    pub(super) fn decide_all(&mut self, wanted: &[WantedState]) -> Result<(), RunnerError> {
        for ((state, _), turned) in wanted.iter().zip(self.looked_at(wanted)?) {
            self.explain(state, turned)?;
        }
        Ok(())
    }

    fn explain(&mut self, state: &[usize], turned: Vec<Turned>) -> Result<(), RunnerError> {
        let is_self = |(test, _): &Turned| state[..] == [*test];
        let turned: Vec<Turned> = turned.into_iter().filter(|turned| !is_self(turned)).collect();
        if state.len() == 1 {
            self.suspect(state, &turned);
            return Ok(());
        }
        // Who is turned by one of them alone would be in any state with that one.
        let unexplained = |(test, _): &Turned| !self.states.turns_alone(state, *test);
        let turned = turned.into_iter().filter(unexplained).collect();
        let rest = self.by_words(state, turned)?;
        let rest = self.by_places(state, rest)?;
        self.by_halves(state, rest)
    }

    pub(super) fn suspect(&mut self, state: &[usize], turned: &[Turned]) {
        self.suspicions.extend(turned.iter().map(|&turned| suspicion(state, turned, self.timestamps)));
    }
}

/// What a test is suspected of that did something else in a state than alone.
pub(super) fn suspicion(state: &[usize], (test, fails): Turned, timestamps: HuntClock) -> Suspicion {
    let kind = if fails { FindingKind::Victim } else { FindingKind::Brittle };
    Suspicion::after(state.to_vec(), test, kind, timestamps)
}
