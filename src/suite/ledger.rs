//! The knowledge of a search, apart from any one run: results, finished tests, and the content of the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::orders::OrdersSeen;
use crate::suite::passed::PassedAfter;
use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::run::{HuntClock, OrderRun};
use crate::suite::survey::states::States;

/// The knowledge of a search.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) findings: Vec<HuntFinding>,
    pub(crate) fails_alone: BTreeSet<usize>,
    /// Tests that fail alone where modification times stand still, and pass otherwise.
    pub(crate) frozen_only: BTreeSet<usize>,
    /// Orders that ran, by kind.
    pub(crate) orders: BTreeMap<String, usize>,
    pub(crate) notes: BTreeSet<String>,
    pub(crate) seen: OrdersSeen,
    /// Tests that failed in an order under these times, and that were looked into, with or without a result.
    pub(crate) looked_into: BTreeSet<(usize, HuntClock)>,
    /// Files that runs wrote in views of their own.
    pub(crate) written_apart: BTreeSet<PathBuf>,
    /// Files that runs wrote and that existed before.
    pub(crate) existed_before: BTreeSet<PathBuf>,
    /// Known findings, which the search need not look into.
    pub(crate) known: Vec<(usize, FindingKind)>,
    /// Tests of other machines that failed where those see it, too: they look into it.
    pub(crate) others: BTreeSet<usize>,
    /// Tests with a finding.
    pub(crate) settled: BTreeSet<usize>,
    /// Tests of which it was asked what they do with their file alone.
    pub(crate) asked_of_collection: BTreeSet<usize>,
    /// The tests that ran before a test when it first passed.
    pub(crate) passed_after: PassedAfter,
    /// What surveys have shown.
    pub(crate) states: States,
}

impl Ledger {
    /// The ledger before the first order of a plan, in a suite of `total` tests.
    pub(crate) fn new(plan: &HuntPlan, total: usize) -> Self {
        Self {
            findings: Vec::new(),
            fails_alone: BTreeSet::new(),
            frozen_only: BTreeSet::new(),
            orders: BTreeMap::new(),
            notes: BTreeSet::new(),
            seen: OrdersSeen::new(total, &plan.given),
            looked_into: BTreeSet::new(),
            written_apart: BTreeSet::new(),
            existed_before: BTreeSet::new(),
            known: Vec::new(),
            others: BTreeSet::new(),
            settled: BTreeSet::new(),
            asked_of_collection: BTreeSet::new(),
            passed_after: PassedAfter::default(),
            states: States::new(total),
        }
    }

    /// Counts an order that ran.
    pub(crate) fn count(&mut self, kind: OrderKind, timestamps: HuntClock) {
        let name = match timestamps {
            HuntClock::Real => kind.name().to_owned(),
            other => format!("{} ({} timestamps)", kind.name(), other.name()),
        };
        *self.orders.entry(name).or_default() += 1;
    }

    /// Records what a run shows, whether or not it will be looked into.
    pub(crate) fn see(&mut self, run: &OrderRun) {
        run.in_one_process().iter().for_each(|order| self.seen.neighbours.note(order));
        self.seen.imports_change |= run.imports_changed.is_some();
        let old = run.left_behind.iter().filter(|left| left.existed_before);
        self.existed_before.extend(old.map(|left| left.path.clone()));
    }

    /// Whether a failed test needs no further look: there is a finding, it is broken, or it was not asked for.
    pub(crate) fn is_known(&self, plan: &HuntPlan, test: usize, timestamps: HuntClock) -> bool {
        let frozen_only = timestamps != plan.timestamps && self.frozen_only.contains(&test);
        !plan.asks_for(test)
            || self.others.contains(&test)
            || self.settled.contains(&test)
            || self.fails_alone.contains(&test)
            || frozen_only
    }

    /// Whether the test fails alone, and nobody has looked yet into why it passed elsewhere: it may be brittle, not broken.
    pub(crate) fn may_be_brittle(&self, test: usize) -> bool {
        self.fails_alone.contains(&test) && self.passed_after.of(test).is_some()
    }

    /// A test that fails alone did not pass after these once more.
    pub(crate) fn did_not_pass_after(&mut self, test: usize, before: &[usize]) {
        if self.passed_after.of(test) == Some(before) {
            self.passed_after.remove(test);
        }
    }

    /// The notes on a finding, without what was said word for word of another test.
    pub(crate) fn not_told_of_others(&self, finding: &HuntFinding) -> Vec<String> {
        let is_told = |note: &String| {
            let of_it = note.strip_prefix(&finding.victim[..]);
            of_it.is_some_and(|rest| self.notes.iter().any(|told| told.ends_with(rest)))
        };
        finding.notes().filter(|note| !is_told(note)).collect()
    }

    /// Whether each of the named tests has a finding: then nothing is left to do.
    pub(crate) fn all_settled(&self, plan: &HuntPlan) -> bool {
        !plan.victims.is_empty() && plan.victims.iter().all(|test| self.settled.contains(test))
    }
}
