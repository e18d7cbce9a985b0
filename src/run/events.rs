//! What a run is doing and how far it is: events for progress displays. They are produced here and shown by others.

use std::sync::{Mutex, MutexGuard, PoisonError};
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
    /// Performing the distinct effects that the model counted, along chosen orderings.
    ConfirmingEffects {
        /// Orderings performed so far.
        orderings: usize,
        /// All that were chosen.
        of: usize,
    },
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

/// Tells a watcher of a run's phases. It remembers what all of them share: the counts, and the budget whose time is left.
pub(super) struct Announcer<'a> {
    watcher: EventWatcher<'a>,
    shared: Mutex<RunFigures>,
}

/// What all phases share.
struct RunFigures {
    states: u64,
    transitions: u64,
    findings: usize,
    budget: Budget,
}

impl<'a> Announcer<'a> {
    pub(super) fn new(watcher: EventWatcher<'a>, budget: Budget) -> Self {
        Self { watcher, shared: Mutex::new(RunFigures { states: 0, transitions: 0, findings: 0, budget }) }
    }

    /// Tells that the run is in this phase.
    pub(super) fn phase(&self, phase: Phase) {
        self.announce(phase, |_| {});
    }

    /// Tells that the run is in this phase, with so many states and steps.
    pub(super) fn walked(&self, phase: Phase, progress: WalkProgress) {
        self.announce(phase, |shared| {
            // Workers count at once and tell one after the other: a count that comes late is no step back.
            shared.states = shared.states.max(progress.states);
            shared.transitions = shared.transitions.max(progress.transitions);
        });
    }

    /// Begins to count again, within this budget.
    pub(super) fn begin(&self, budget: &Budget) {
        let mut shared = self.lock();
        *shared = RunFigures { states: 0, transitions: 0, findings: 0, budget: budget.clone() };
    }

    /// From now on the run works within this budget.
    pub(super) fn go_on_within(&self, budget: &Budget) {
        self.lock().budget = budget.clone();
    }

    /// Records how many findings there are.
    pub(super) fn found(&self, findings: usize) {
        self.lock().findings = findings;
    }

    fn lock(&self) -> MutexGuard<'_, RunFigures> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the counts and tells them while nobody else does, so that they arrive in order.
    fn announce(&self, phase: Phase, change: impl FnOnce(&mut RunFigures)) {
        let mut shared = self.lock();
        change(&mut shared);
        let RunFigures { states, transitions, findings, ref budget } = *shared;
        (self.watcher)(Event { phase, states, transitions, findings, time_left: budget.time_left() });
    }
}
