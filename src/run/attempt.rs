//! One attempt at a scenario: what it works with, in which manner it explores, and how much time there is.

use std::time::{Duration, Instant};

use super::error::RunError;
use super::events::{Announcer, EventWatcher};
use super::options::RunOptions;
use crate::budget::Budget;
use crate::explore::{Explorer, Lab, WorkerPermit};
use crate::interpreter::Kind;
use crate::ordering::Counter;

/// States up to which the model is done before a second worker has begun.
const FEW_STATES: u64 = 2_000;

/// Of the time of a search, the part that diagnosing its findings has at least: one of so many.
const SHARE: u32 = 10;

/// What is judged, and how; the same for all attempts.
pub(super) struct Setting<'s> {
    pub(super) lab: Lab<'s>,
    pub(super) options: &'s RunOptions,
    pub(super) announcer: Announcer<'s>,
    /// The budget of the search.
    pub(super) budget: Budget,
    began: Instant,
}

impl<'s> Setting<'s> {
    /// The time begins now.
    pub(super) fn new(lab: Lab<'s>, options: &'s RunOptions, watcher: EventWatcher<'s>) -> Self {
        let budget = Budget::of(options.interruption.clone());
        let budget = budget.with_states(options.max_states).with_time(options.max_time);
        let announcer = Announcer::new(watcher, budget.clone());
        Self { lab, options, announcer, budget, began: Instant::now() }
    }

    /// Real time since the run began.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The budget of what comes after the search: what that has left, and at least a share of the whole.
    pub(super) fn budget_afterwards(&self) -> Budget {
        let least = self.options.diagnose_time.min(self.options.max_time / SHARE);
        self.budget.clone().with_at_least(least)
    }
}

/// What is taken for one while orderings are explored; each manner takes less for granted than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// States that are equal as far as can be seen.
    Merging,
    /// Nothing; orderings that begin alike share their beginning.
    Unmerged,
    /// Nothing; every ordering has an interpreter of its own.
    Afresh,
}

impl Manner {
    /// The manner in which the user wants to begin.
    pub(super) const fn first(options: &RunOptions) -> Self {
        if options.merge { Self::Merging } else { Self::Unmerged }
    }

    /// The manner after this one; the last stays the last.
    pub(super) const fn stricter(self) -> Self {
        match self {
            Self::Merging => Self::Unmerged,
            Self::Unmerged | Self::Afresh => Self::Afresh,
        }
    }
}

/// An attempt to explore a scenario in one manner.
pub(super) struct Attempt<'s> {
    pub(super) setting: &'s Setting<'s>,
    pub(super) manner: Manner,
    pub(super) explorer: Explorer<'s>,
    /// Counts all orderings.
    pub(super) counter: Counter,
}

impl<'s> Attempt<'s> {
    /// Starts an interpreter and performs setup.
    pub(super) fn new(setting: &'s Setting<'s>, manner: Manner) -> Result<Self, RunError> {
        setting.announcer.begin(&setting.budget);
        let mut explorer = Explorer::new(setting.lab, manner == Manner::Merging)?;
        if manner == Manner::Afresh {
            explorer = explorer.afresh();
        }
        explorer.limit(&setting.budget);
        explorer.take_workers_from(&setting.options.shared_workers);
        let all: Vec<usize> = (0..explorer.shape().tests()).collect();
        let counter = Counter::new(explorer.shape(), &all)?;
        Ok(Self { setting, manner, explorer, counter })
    }

    /// All tests.
    pub(super) fn tests(&self) -> Vec<usize> {
        (0..self.explorer.shape().tests()).collect()
    }

    /// Whether the interpreter is the model.
    pub(super) fn is_on_model(&self) -> bool {
        self.explorer.identity().kind == Kind::Model
    }

    /// A number of states that no exploration in this manner can stay below.
    pub(super) fn states_at_least(&self) -> u64 {
        let merged = self.explorer.shape().states_at_least();
        match self.manner {
            Manner::Merging => merged,
            // A number that no counter of states reaches, where there are more orderings.
            Manner::Unmerged | Manner::Afresh => {
                u64::try_from(self.counter.total()).map_or(u64::MAX, |orderings| merged.max(orderings))
            }
        }
    }

    /// Workers that explore at once: the model is done with few states before a second one has begun.
    pub(super) fn jobs(&self) -> usize {
        let few = self.explorer.shape().states_at_least() <= FEW_STATES;
        if few && self.is_on_model() { 1 } else { self.setting.options.jobs }
    }

    /// Workers beside the first, as many as there are free now and this attempt may have.
    pub(super) fn more_workers(&self) -> Vec<WorkerPermit> {
        let shared = &self.setting.options.shared_workers;
        (1..self.jobs()).map_while(|_| shared.take()).collect()
    }
}
