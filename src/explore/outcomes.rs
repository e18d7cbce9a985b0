//! Outcomes as small numbers: thousands of steps have few different ones, and each is kept once.

use std::collections::HashMap;

use crate::interpreter::Outcome;

/// The number of an outcome in its table.
pub(super) type OutcomeId = u32;

/// Different outcomes, each kept once.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    known: Vec<Outcome>,
    ids: HashMap<Outcome, OutcomeId>,
}

impl Outcomes {
    /// The number of an outcome, a new one where it is not known yet.
    pub(super) fn id(&mut self, outcome: &Outcome) -> OutcomeId {
        if let Some(&id) = self.ids.get(outcome) {
            return id;
        }
        let id = OutcomeId::try_from(self.known.len()).expect("memory holds fewer than 2^32 outcomes");
        self.known.push(outcome.clone());
        self.ids.insert(outcome.clone(), id);
        id
    }

    /// The outcome of this number.
    pub(super) fn get(&self, id: OutcomeId) -> &Outcome {
        &self.known[id as usize]
    }
}
