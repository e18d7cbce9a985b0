//! Tests whose outcome depends on what else is collected: nobody is called brittle who only suffers from another file, and at the
//! end each test is asked what it does with its own file alone.

use std::path::Path;

use super::Inquiry;
use crate::suite::event::HuntEvent;
use crate::suite::plan::OrderKind;
use crate::suite::runner::run::{Runner, RunnerError};

impl<R: Runner> Inquiry<'_, R> {
    /// Whether a test that passes, or fails, on its own does the opposite if its file is collected alone. Then that is a finding.
    pub(crate) fn collection_decides(&mut self, test: usize, passes: bool) -> Result<bool, RunnerError> {
        let timestamps = self.plan.timestamps;
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.is_worth_asking()) else { return Ok(false) };
        if self.ledger.settled.contains(&test)
            || !self.ledger.asked_of_collection.insert(test)
            || !desk.is_opposite(&mut self.judge.runner, test, passes, timestamps)?
        {
            return Ok(false);
        }
        let alone = self.judge.alone(test, timestamps)?;
        if (passes && !alone.passes()) || (!passes && !alone.fails()) {
            return Ok(false);
        }
        self.tell_of(test);
        let Some(desk) = &mut self.desk else { return Ok(false) };
        let Some(finding) = desk.finding(test, (passes, alone.text), timestamps)? else { return Ok(false) };
        self.found(test, finding);
        Ok(true)
    }

    /// Runs each test with nothing but its file collected, those of small files first: one that passes otherwise needs other files.
    /// Only a search that runs all kinds of orders does so.
    pub(crate) fn ask_of_all_files(&mut self) -> Result<(), RunnerError> {
        let is_asked = self.plan.victims.is_empty() && self.plan.orders.contains(&OrderKind::Random);
        let Some(desk) = self.desk.as_ref().filter(|desk| is_asked && desk.is_worth_asking()) else {
            return Ok(());
        };
        for tests in desk.tests_by_file() {
            let asked: Vec<usize> =
                tests.into_iter().filter(|test| self.is_asked_of_its_file(*test)).collect();
            for test in self.failing_in_their_file(&asked)? {
                self.collection_decides(test, true)?;
            }
        }
        Ok(())
    }

    fn is_asked_of_its_file(&self, test: usize) -> bool {
        let is_planned = self.plan.given.contains(&test) && !self.judge.left_out.contains(&test);
        let is_known = self.ledger.fails_alone.contains(&test) || self.ledger.settled.contains(&test);
        is_planned && !is_known && self.plan.asks_for(test)
    }

    /// Those of these tests of one file that fail with nothing but that file collected.
    fn failing_in_their_file(&mut self, tests: &[usize]) -> Result<Vec<usize>, RunnerError> {
        let Some(first) = tests.first() else { return Ok(Vec::new()) };
        let file = Path::new(&self.suite.items[*first].file);
        self.tell(HuntEvent::File { file, tests: tests.len(), so_far: self.so_far() });
        let Some(desk) = &mut self.desk else { return Ok(Vec::new()) };
        desk.failing(&mut self.judge.runner, tests, self.plan.timestamps)
    }
}
