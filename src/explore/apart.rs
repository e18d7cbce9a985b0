//! Orderings that were performed each on its own: what every step came to, and nothing else. Beside the graph, which would need
//! a state for every step of them.

use std::collections::{BTreeSet, HashMap};

use super::Deed;
use crate::interpreter::Outcome;

/// The orderings, and the outcomes of their steps.
#[derive(Debug, Default)]
pub(super) struct Apart {
    orderings: HashMap<Box<[usize]>, Box<[u32]>>,
    outcomes: Vec<Outcome>,
    ids: HashMap<Outcome, u32>,
    steps: u64,
    writers: BTreeSet<(usize, usize)>,
}

impl Apart {
    /// Remembers what the steps of an ordering came to.
    pub(super) fn record(&mut self, steps: &[usize], performed: &[Deed]) {
        let mut done = HashMap::new();
        for (&test, step) in steps.iter().zip(performed) {
            let number = done.entry(test).and_modify(|number| *number += 1).or_insert(1_usize);
            if step.wrote_files {
                self.writers.insert((test, *number));
            }
        }
        let outcomes = performed.iter().map(|step| self.id(&step.outcome)).collect();
        self.orderings.insert(steps.into(), outcomes);
        self.steps += performed.len() as u64;
    }

    fn id(&mut self, outcome: &Outcome) -> u32 {
        if let Some(&id) = self.ids.get(outcome) {
            return id;
        }
        let id = u32::try_from(self.outcomes.len()).expect("fewer outcomes than steps in memory");
        self.outcomes.push(outcome.clone());
        self.ids.insert(outcome.clone(), id);
        id
    }

    /// What the steps of this ordering came to, where it was performed.
    pub(super) fn get(&self, steps: &[usize]) -> Option<Vec<Outcome>> {
        let outcomes = self.orderings.get(steps)?;
        Some(outcomes.iter().map(|&id| self.outcomes[id as usize].clone()).collect())
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
