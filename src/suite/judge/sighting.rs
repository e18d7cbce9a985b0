//! Tests that were seen failing, and in which order: what can be told of them where a search ends before it looks into them.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::suite::hunt_report::SeenFailing;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::{HuntClock, OrderRun, TestOutcome};

/// Ids of tests in all orders that a report gives together.
const MOST_IDS: usize = 100_000;

/// One test in one order.
#[derive(Debug)]
struct Sighting {
    outcome: TestOutcome,
    text: String,
    order: Rc<[usize]>,
    /// Places in that order: of the first test of the process, and of the test.
    start: usize,
    place: usize,
}

/// The first time that each test was seen failing.
#[derive(Debug, Default)]
pub(crate) struct Sightings(BTreeMap<(usize, HuntClock), Sighting>);

impl Sightings {
    /// Remembers which tests failed in a run.
    pub(crate) fn note(&mut self, run: &OrderRun, timestamps: HuntClock) {
        let order: Rc<[usize]> = run.order().into();
        for (place, ran) in run.tests.iter().enumerate().filter(|(_, ran)| ran.outcome.is_failure()) {
            self.0.entry((ran.test, timestamps)).or_insert_with(|| Sighting {
                outcome: ran.outcome,
                text: ran.text.clone(),
                order: Rc::clone(&order),
                start: run.start_of(place),
                place,
            });
        }
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
                outcome: sighting.outcome.name(),
                message: sighting.text.clone(),
                timestamps: *timestamps,
                after: order.len() - 1,
                order: (ids <= MOST_IDS).then(|| order.iter().map(|&each| items[each].id.clone()).collect()),
            }
        })
        .collect()
    }
}
