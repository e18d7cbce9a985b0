//! What a run is doing and how far it is: events for progress displays. They are produced here and shown by others.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::budget::Budget;
use crate::explore::WalkProgress;

/// How far a run is. Counts of one phase only grow; where a run has to explore once more in another manner, it begins again
/// with [`Phase::Exploring`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What the run is doing.
    pub phase: Phase,
    /// Distinct states that were explored so far.
    pub states: u64,
    /// Steps that were performed between them.
    pub transitions: u64,
    /// Findings so far.
    pub findings: usize,
    /// What is left of the real time that the phase may take, or `None` if there is no limit.
    pub time_left: Option<Duration>,
}

/// What a run is doing. The phases come in this order; one that is not needed is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// Walking through all orderings.
    Exploring,
    /// Counting all orderings on the model, layer by layer.
    Counting,
    /// Performing a sample of the orderings.
    Sampling {
        /// Orderings performed so far.
        orderings: usize,
    },
    /// Performing orderings again from a fresh interpreter.
    Auditing {
        /// Orderings performed again so far.
        orderings: usize,
        /// All that are to be performed again.
        of: usize,
    },
    /// Seeking the findings of each test.
    Searching {
        /// Tests done.
        tests: usize,
        /// All tests.
        of: usize,
    },
    /// Performing again the orderings that findings rest on.
    Confirming {
        /// Orderings performed again so far.
        orderings: usize,
        /// All that are to be performed again.
        of: usize,
    },
    /// Seeking a finding's cause, cleaners and remedies.
    Diagnosing {
        /// The finding, from 1.
        finding: usize,
        /// All findings.
        of: usize,
    },
    /// Trying a finding's recommended remedy on the whole scenario.
    TryingRemedies {
        /// The finding, from 1.
        finding: usize,
        /// All findings.
        of: usize,
    },
    /// Asking the model for a second opinion.
    AskingModel {
        /// States that the model explored so far.
        states: u64,
    },
}

/// Receives a run's events, from several threads.
pub type EventWatcher<'a> = &'a (dyn Fn(Event) + Sync);

/// Tells a watcher of a run's phases, and remembers the counts that all of them share.
pub(super) struct Announcer<'a> {
    watcher: EventWatcher<'a>,
    counts: Mutex<Counts>,
}

/// What all phases share.
#[derive(Default, Clone, Copy)]
struct Counts {
    states: u64,
    transitions: u64,
    findings: usize,
}

impl<'a> Announcer<'a> {
    pub(super) fn new(watcher: EventWatcher<'a>) -> Self {
        Self { watcher, counts: Mutex::default() }
    }

    /// The run is in this phase, within this budget.
    pub(super) fn phase(&self, phase: Phase, budget: &Budget) {
        self.announce(phase, budget, |_| {});
    }

    /// The same, with so many states and steps.
    pub(super) fn walked(&self, phase: Phase, progress: WalkProgress, budget: &Budget) {
        self.announce(phase, budget, |counts| {
            // Workers count at once and tell one after the other: what comes late is no step back.
            counts.states = counts.states.max(progress.states);
            counts.transitions = counts.transitions.max(progress.transitions);
        });
    }

    /// All begins again.
    pub(super) fn begin(&self) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Counts::default();
    }

    /// There are so many findings.
    pub(super) fn found(&self, findings: usize) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).findings = findings;
    }

    /// Changes the counts and tells them while nobody else does, so that they arrive in order.
    fn announce(&self, phase: Phase, budget: &Budget, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut counts);
        let Counts { states, transitions, findings } = *counts;
        (self.watcher)(Event { phase, states, transitions, findings, time_left: budget.time_left() });
    }
}
