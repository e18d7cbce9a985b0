//! The suite as it is: what fails without a change.

use std::collections::{BTreeSet, HashMap};

use crate::suite::runner::run::{HuntClock, Runner as _, RunnerError, TestRunOptions};
use crate::suite::runner::zygote::Zygote;

/// The suite without a change, and what was seen to fail in it.
#[derive(Debug)]
pub(super) struct PlainSuite<'a> {
    pub(super) zygote: &'a mut Zygote,
    failing: HashMap<(Vec<usize>, HuntClock), BTreeSet<String>>,
}

impl<'a> PlainSuite<'a> {
    pub(super) fn new(zygote: &'a mut Zygote) -> Self {
        Self { zygote, failing: HashMap::new() }
    }

    /// The tests that fail in an order; each order runs once.
    pub(super) fn failing(
        &mut self,
        order: &[usize],
        timestamps: HuntClock,
    ) -> Result<BTreeSet<String>, RunnerError> {
        let key = (order.to_vec(), timestamps);
        if let Some(known) = self.failing.get(&key) {
            return Ok(known.clone());
        }
        let failing = failing(self.zygote, order, timestamps)?;
        self.failing.insert(key, failing.clone());
        Ok(failing)
    }
}

/// The tests that fail in an order.
pub(super) fn failing(
    zygote: &mut Zygote,
    order: &[usize],
    timestamps: HuntClock,
) -> Result<BTreeSet<String>, RunnerError> {
    zygote.budget.check()?;
    let run = zygote.run(order, &TestRunOptions::plain(timestamps))?;
    let failed = run.tests.iter().filter(|ran| ran.outcome.is_failure());
    Ok(failed.map(|ran| zygote.suite.items[ran.test].id.clone()).collect())
}
