//! Which of the tests that made a state turn the tests that did something else there than alone.

use std::collections::{BTreeMap, BTreeSet};

use super::cover::{WantedState, every_other, halves};
use super::readers::Readers;
use super::rounds::Rounds;
use super::states::Turned;
use crate::suite::runner::run::{Runner, RunnerError};

impl<R: Runner> Rounds<'_, '_, '_, R> {
    /// Runs tests that turned in a state where every other of its tests has run, every other pair, and so on: if one of them is to
    /// blame, that tells which. Returns those of which it was not so.
    pub(super) fn by_places(
        &mut self,
        state: &[usize],
        turned: Vec<Turned>,
    ) -> Result<Vec<Turned>, RunnerError> {
        let tests: Vec<usize> = turned.iter().map(|(test, _)| *test).collect();
        let wanted: Vec<WantedState> =
            every_other(state).into_iter().map(|part| (part, tests.clone())).collect();
        if turned.is_empty() || wanted.is_empty() {
            return Ok(turned);
        }
        let in_parts = self.blamed_in(&wanted)?;
        let in_parts: Vec<BTreeSet<usize>> =
            in_parts.into_iter().map(|part| part.into_iter().map(|(test, _)| test).collect()).collect();
        let mut by_first: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for test in tests {
            let bit =
                |(number, part): (usize, &BTreeSet<usize>)| usize::from(!part.contains(&test)) << number;
            let place: usize = in_parts.iter().enumerate().map(bit).sum();
            if let Some(&first) = state.get(place).filter(|first| **first != test) {
                by_first.entry(first).or_default().push(test);
            }
        }
        self.by_single_ones(by_first, turned)
    }

    /// Runs tests that turned in a state right after that one of the tests that made it whose traces their code names. Returns those of
    /// which it was not so.
    pub(super) fn by_words(
        &mut self,
        state: &[usize],
        turned: Vec<Turned>,
    ) -> Result<Vec<Turned>, RunnerError> {
        let readers = Readers::of(state, &self.states.leavings);
        let mut by_first: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (test, _) in &turned {
            let words = self.states.words.get(test);
            if let Some(first) = words.and_then(|words| readers.likely(*test, words)) {
                by_first.entry(first).or_default().push(*test);
            }
        }
        self.by_single_ones(by_first, turned)
    }

    /// Runs tests right after the single one that is likely to turn them; returns those of `turned` that it does not turn.
    fn by_single_ones(
        &mut self,
        by_first: BTreeMap<usize, Vec<usize>>,
        turned: Vec<Turned>,
    ) -> Result<Vec<Turned>, RunnerError> {
        let wanted: Vec<WantedState> =
            by_first.into_iter().map(|(first, tests)| (vec![first], tests)).collect();
        let found = self.blamed_in(&wanted)?;
        let mut explained = BTreeSet::new();
        for ((first, _), turned) in wanted.iter().zip(&found) {
            self.suspect(first, turned);
            explained.extend(turned.iter().map(|(test, _)| *test));
        }
        Ok(turned.into_iter().filter(|(test, _)| !explained.contains(test)).collect())
    }

    /// Runs tests that turned in a state in the halves of it, in halves of these, and so on, each without itself.
    pub(super) fn by_halves(&mut self, state: &[usize], turned: Vec<Turned>) -> Result<(), RunnerError> {
        let (own, others): (Vec<Turned>, Vec<Turned>) =
            turned.into_iter().partition(|(test, _)| state.contains(test));
        let mut open = vec![(state.to_vec(), others)];
        for (test, _) in own {
            let without: Vec<usize> = state.iter().copied().filter(|each| *each != test).collect();
            let turned = self.blamed_in(&[(without.clone(), vec![test])])?.remove(0);
            open.push((without, turned));
        }
        loop {
            open.retain(|(_, turned)| !turned.is_empty());
            let (single, wholes): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|(state, _)| state.len() == 1);
            single.iter().for_each(|(state, turned)| self.suspect(state, turned));
            if wholes.is_empty() {
                return Ok(());
            }
            let halves: Vec<WantedState> = wholes.iter().flat_map(halves).collect();
            let in_halves = self.blamed_in(&halves)?;
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
}
