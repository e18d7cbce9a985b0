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
use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use super::cover::{Apart, WantedState, next_state, uncovered};
use super::leavings::{Leaving, Left};
use super::states::{States, Turned};
use crate::kind::FindingKind;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{HuntClock, RunRequest, Runner, RunnerError};

/// So many states for each process are asked for at once, where they need not wait for one another.
const EACH: usize = 4;

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
        let (tests, seconds) = (self.tests.clone(), self.seconds.clone());
        let mut tried = BTreeSet::new();
        let made = self.one_merged(&tests, &seconds, &mut tried, |leaving| &leaving.everywhere);
        self.states.tried = tried;
        made
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

    /// Makes states of what was not there yet as a test leaves it, and of what only tests of the same file find.
    pub(super) fn of_few(&mut self) -> Result<(), RunnerError> {
        self.of_one()?;
        for file in self.files() {
            let seconds = self.finders(&file);
            self.merged(&file, &seconds, |leaving| &leaving.near)?;
        }
        self.lost_near()
    }

    /// The tests of a file that can find something of what one of them leaves for that file.
    fn finders(&self, file: &[usize]) -> Vec<usize> {
        let (leavings, items) = (&self.states.leavings, self.judge.items);
        let finds = |second: &usize| {
            file.iter().any(|&first| leavings.is_near((first, &items[first]), &items[*second]))
        };
        self.seconds.iter().copied().filter(|test| file.contains(test) && finds(test)).collect()
    }

    /// What one test has set up for its class is torn down before a test of another class, so that a state of several
    /// has it only for those of the last one.
    fn lost_near(&mut self) -> Result<(), RunnerError> {
        let files = self.files();
        let mut open: VecDeque<(usize, &[usize])> =
            files.iter().flat_map(|file| file.iter().map(|test| (*test, &file[..]))).collect();
        while self.goes_on() {
            let wanted = self.some_lost_near(&mut open);
            if wanted.is_empty() {
                break;
            }
            // What few tests of a file find tells nothing of others, so nobody need look.
            let turned = self.blamed_in(&wanted)?;
            for ((state, _), turned) in wanted.iter().zip(&turned) {
                self.suspect(state, turned);
            }
        }
        Ok(())
    }

    /// The next states of one test that others of its file have lost, as many as are of use at once. None of them is made for what
    /// another one has.
    fn some_lost_near(&self, open: &mut VecDeque<(usize, &[usize])>) -> Vec<WantedState> {
        let (mut wanted, mut left) = (Vec::new(), BTreeSet::new());
        while let Some((test, file)) = open.front().copied().filter(|_| wanted.len() < EACH * self.jobs) {
            let lost = self.states.lost_near(test, file, self.judge.items);
            let seconds: Vec<usize> = lost.into_iter().filter(|test| self.seconds.contains(test)).collect();
            if !seconds.is_empty() {
                let near = self.states.leavings.of(test).map(|leaving| &leaving.near);
                if near.is_some_and(|near| !near.is_disjoint(&left)) {
                    break;
                }
                left.extend(near.into_iter().flatten().copied());
                wanted.push((vec![test], seconds));
            }
            open.pop_front();
        }
        wanted
    }

    fn merged(
        &mut self,
        tests: &[usize],
        seconds: &[usize],
        of: fn(&Leaving) -> &BTreeSet<Left>,
    ) -> Result<(), RunnerError> {
        let mut tried = BTreeSet::new();
        while self.one_merged(tests, seconds, &mut tried, of)? {}
        Ok(())
    }

    /// Makes one state of tests that leave what is not among `tried`, if there is any.
    fn one_merged(
        &mut self,
        tests: &[usize],
        seconds: &[usize],
        tried: &mut BTreeSet<Left>,
        of: fn(&Leaving) -> &BTreeSet<Left>,
    ) -> Result<bool, RunnerError> {
        if seconds.is_empty() || !self.goes_on() {
            return Ok(false);
        }
        let leavings = &self.states.leavings;
        let new = |test| uncovered(leavings.of(test).map(of), tried);
        let state = next_state(leavings, tests, new, of, Apart::Cells);
        if state.is_empty() {
            return Ok(false);
        }
        tried.extend(state.iter().filter_map(|test| self.states.leavings.of(*test)).flat_map(of));
        self.decide(&(state, seconds.to_vec()))?;
        Ok(true)
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
        self.asked(&wanted, |_| true).0
    }

    fn goes_on(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }

    /// The tests of each file.
    fn files(&self) -> Vec<Vec<usize>> {
        let file = |test: &usize| &self.judge.items[*test].file;
        self.tests.chunk_by(|one, other| file(one) == file(other)).map(<[usize]>::to_vec).collect()
    }

    /// Runs tests in a state, and finds out which of the tests that made it turn them.
    fn decide(&mut self, wanted: &WantedState) -> Result<(), RunnerError> {
        let state = wanted.0.clone();
        let turned = self.looked_at(wanted)?;
        let is_self = |(test, _): &Turned| state[..] == [*test];
        let turned: Vec<Turned> = turned.into_iter().filter(|turned| !is_self(turned)).collect();
        if state.len() == 1 {
            self.suspect(&state, &turned);
            return Ok(());
        }
        // Who is turned by one of them alone would be in any state with that one.
        let unexplained = |(test, _): &Turned| !self.states.turns_alone(&state, *test);
        let turned = turned.into_iter().filter(unexplained).collect();
        let rest = self.by_words(&state, turned)?;
        let rest = self.by_places(&state, rest)?;
        self.by_halves(&state, rest)
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
