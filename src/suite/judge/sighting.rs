//! Tests that were seen failing, and in which order: what can be told of them where a search ends before it looks into them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::suspicion::followed_by;
use crate::suite::hunt_report::SeenFailing;
use crate::suite::runner::journal_file::SeenInOrder;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::{HuntClock, OrderRun, TestOutcome, TestResult, TestRunOptions};

/// Ids of tests in all orders that a report gives together.
const MOST_IDS: usize = 100_000;

/// One test in one order.
#[derive(Debug, Clone)]
struct Sighting {
    outcome: TestOutcome,
    text: String,
    order: Arc<[usize]>,
    /// Places in that order: of the first test of the process, and of the test.
    start: usize,
    place: usize,
}

/// The first time that each test was seen failing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sightings(BTreeMap<(usize, HuntClock), Sighting>);

impl Sightings {
    /// Remembers which tests failed in a run, unless something was put back, watched or recorded in it: plain pytest does not do that.
    pub(crate) fn note(&mut self, run: &OrderRun, how: &TestRunOptions) {
        if !how.is_plain() || !run.tests.iter().any(|ran| ran.outcome.is_failure()) {
            return;
        }
        let order: Arc<[usize]> = run.order().into();
        for (place, ran) in run.tests.iter().enumerate().filter(|(_, ran)| ran.outcome.is_failure()) {
            self.add(ran, how.timestamps, &order, (run.start_of(place), place));
        }
    }

    /// The same for a run that was cut short, which may be a survey: what failed in its states is not asked again.
    pub(crate) fn note_cut(&mut self, run: &OrderRun, how: &TestRunOptions) {
        self.note(run, how);
        for state in &run.surveyed {
            let made: Vec<usize> = state.tests.iter().map(|ran| ran.test).collect();
            state.then.iter().for_each(|ran| self.note_after(&made, ran, how.timestamps));
        }
    }

    /// Remembers what a test did alone, if it failed.
    pub(crate) fn note_alone(&mut self, ran: &TestResult, timestamps: HuntClock) {
        self.note_after(&[], ran, timestamps);
    }

    /// Remembers what a test did after these, if it failed.
    pub(crate) fn note_after(&mut self, before: &[usize], ran: &TestResult, timestamps: HuntClock) {
        if ran.outcome.is_failure() {
            let order: Arc<[usize]> = followed_by(before, ran.test).into();
            self.add(ran, timestamps, &order, (0, before.len()));
        }
    }

    /// Forgets a test that was seen failing where another run was in its way: by itself it does not fail so.
    pub(crate) fn forget(&mut self, test: usize, timestamps: HuntClock) {
        self.0.remove(&(test, timestamps));
    }

    fn add(
        &mut self,
        ran: &TestResult,
        timestamps: HuntClock,
        order: &Arc<[usize]>,
        (start, place): (usize, usize),
    ) {
        self.0.entry((ran.test, timestamps)).or_insert_with(|| Sighting {
            outcome: ran.outcome,
            text: ran.text.clone(),
            order: Arc::clone(order),
            start,
            place,
        });
    }

    /// What the test said when it was first seen failing under these times.
    pub(crate) fn text_of(&self, test: usize, timestamps: HuntClock) -> Option<&str> {
        Some(&self.0.get(&(test, timestamps))?.text)
    }

    /// Those that are not known to be looked into: the test, the tests before it in its process, and the timestamps.
    pub(crate) fn unknown(&self, is_known: impl Fn(usize, HuntClock) -> bool) -> Vec<SeenInOrder> {
        let left = self.0.iter().filter(|((test, timestamps), _)| !is_known(*test, *timestamps));
        let unknown = |((test, timestamps), sighting): (&(usize, HuntClock), &Sighting)| {
            (sighting.order[sighting.start..sighting.place].to_vec(), *test, *timestamps)
        };
        left.map(unknown).collect()
    }

    /// Those that nobody has looked into.
    pub(crate) fn left(
        &self,
        items: &[Item],
        is_known: impl Fn(usize, HuntClock) -> bool,
    ) -> Vec<SeenFailing> {
        let mut ids = 0;
        let left = self.0.iter().filter(|((test, timestamps), _)| !is_known(*test, *timestamps));
        left.map(|((test, timestamps), sighting)| {
            let order = &sighting.order[sighting.start..=sighting.place];
            ids += order.len();
            SeenFailing {
                test: items[*test].id.clone(),
                outcome: sighting.outcome.name().into(),
                message: sighting.text.clone(),
                timestamps: *timestamps,
                after: order.len() - 1,
                order: (ids <= MOST_IDS).then(|| order.iter().map(|&each| items[each].id.clone()).collect()),
            }
        })
        .collect()
    }
}
