//! States of what tests leave that only tests of the same file find, such as a fixture of their module. Files need not wait for one
//! another.

use std::collections::{BTreeSet, VecDeque};

use super::cover::WantedState;
use super::leavings::Left;
use super::rounds::{EACH, Rounds};
use crate::suite::runner::run::{Runner, RunnerError};

/// A file of which there are states to make.
#[derive(Debug)]
struct OpenFile<'f> {
    tests: &'f [usize],
    /// Those of them that can find something of what one of them leaves for the file.
    seconds: Vec<usize>,
    /// What was in a state of the file.
    tried: BTreeSet<Left>,
}

impl<R: Runner> Rounds<'_, '_, '_, R> {
    /// Makes all these states, as far as the time goes.
    pub(super) fn of_near(&mut self) -> Result<(), RunnerError> {
        let files = self.files();
        let mut open: VecDeque<OpenFile<'_>> = files.iter().map(|file| self.open_file(file)).collect();
        while self.goes_on() {
            let wanted = self.some_near(&mut open);
            if wanted.is_empty() {
                return self.lost_near(&files);
            }
            self.decide_all(&wanted)?;
        }
        Ok(())
    }

    /// The tests of each file.
    fn files(&self) -> Vec<Vec<usize>> {
        let file = |test: &usize| &self.judge.items[*test].file;
        self.tests.chunk_by(|one, other| file(one) == file(other)).map(<[usize]>::to_vec).collect()
    }

    fn open_file<'f>(&self, tests: &'f [usize]) -> OpenFile<'f> {
        let (leavings, items) = (&self.states.leavings, self.judge.items);
        let finds = |second: &usize| {
            tests.iter().any(|&first| leavings.is_near((first, &items[first]), &items[*second]))
        };
        let seconds = self.seconds.iter().copied().filter(|test| tests.contains(test) && finds(test));
        OpenFile { tests, seconds: seconds.collect(), tried: BTreeSet::new() }
    }

    /// The next state of each of some files, as many as are of use at once.
    fn some_near(&self, open: &mut VecDeque<OpenFile<'_>>) -> Vec<WantedState> {
        let mut wanted = Vec::new();
        for _ in 0..open.len() {
            if wanted.len() == EACH * self.jobs {
                break;
            }
            let Some(mut file) = open.pop_front() else { break };
            let state = match file.seconds[..] {
                [] => Vec::new(),
                _ => self.next_merged(file.tests, &mut file.tried, |leaving| &leaving.near),
            };
            if !state.is_empty() {
                wanted.push((state, file.seconds.clone()));
                open.push_back(file);
            }
        }
        wanted
    }

    /// What one test has set up for its class is torn down before a test of another class, so that a state of several
    /// has it only for those of the last one.
    fn lost_near(&mut self, files: &[Vec<usize>]) -> Result<(), RunnerError> {
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
}
