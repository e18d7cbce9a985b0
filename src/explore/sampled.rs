//! Orderings that were performed one by one: the outcome of every step, and nothing else. They stand beside the graph, which would
//! need a state for every step of them.

use std::collections::{BTreeSet, HashMap};

use super::outcomes::{OutcomeId, Outcomes};
use super::script::StepRecord;
use crate::interpreter::Outcome;

/// The orderings, and the outcomes of their steps.
#[derive(Debug, Default)]
pub(super) struct SampledOrderings {
    orderings: HashMap<Box<[usize]>, Box<[OutcomeId]>>,
    outcomes: Outcomes,
    steps: u64,
    writers: BTreeSet<(usize, usize)>,
}

impl SampledOrderings {
    /// Records the outcomes of an ordering's steps.
    pub(super) fn record(&mut self, steps: &[usize], performed: &[StepRecord]) {
        let mut done = HashMap::new();
        for (&test, step) in steps.iter().zip(performed) {
            let number = done.entry(test).and_modify(|number| *number += 1).or_insert(1_usize);
            if step.wrote_files {
                self.writers.insert((test, *number));
            }
        }
        let outcomes: Vec<Outcome> = performed.iter().map(|step| step.outcome.clone()).collect();
        self.remember(steps, &outcomes);
    }

    /// Records the outcomes of an ordering whose steps wrote no files themselves.
    pub(super) fn remember(&mut self, steps: &[usize], performed: &[Outcome]) {
        let outcomes = performed.iter().map(|outcome| self.outcomes.id(outcome)).collect();
        self.orderings.insert(steps.into(), outcomes);
        self.steps += performed.len() as u64;
    }

    /// The outcomes of this ordering's steps, or `None` if it was not performed.
    pub(super) fn get(&self, steps: &[usize]) -> Option<Vec<Outcome>> {
        let outcomes = self.orderings.get(steps)?;
        Some(outcomes.iter().map(|&id| self.outcomes.get(id).clone()).collect())
    }

    /// Steps performed.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Steps whose own code wrote files: (test, number from 1).
    pub(super) fn writers(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.writers.iter().copied()
    }
}
