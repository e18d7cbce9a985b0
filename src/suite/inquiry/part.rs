//! Where machines share a search: which tests this one looks into, in which of its stages.

use super::Inquiry;
use crate::suite::runner::run::{HuntClock, Runner, RunnerError, TestOutcome, TestResult};

impl<R: Runner> Inquiry<'_, R> {
    /// From here on orders run that no other machine runs, so all that fails in them is looked into here. What has failed so far fails
    /// on every machine, and is left to the one that looks into it.
    pub(crate) fn goes_on_alone(&mut self) {
        let Some(part) = &mut self.plan.part else { return };
        let failed = self.judge.sightings.unknown(|test, _| part.is_own(test));
        let failed = failed.into_iter().map(|(_, test, _)| test);
        let alone =
            self.ledger.states.failing_alone().map(|alone| alone.test).filter(|test| !part.is_own(*test));
        self.ledger.others = failed.chain(alone).collect();
        part.is_alone = true;
        part.shared = Some(self.ledger.seen.neighbours.coverage().0);
    }

    /// From here on each machine looks into its own tests again.
    pub(crate) fn looks_at_own(&mut self) {
        if let Some(part) = &mut self.plan.part {
            part.is_alone = false;
        }
    }

    /// Leaves a test out of further orders that ends every process, if another machine looks into it.
    pub(crate) fn leaves_out(&mut self, ran: &TestResult, timestamps: HuntClock) -> Result<(), RunnerError> {
        let ends_runs = matches!(ran.outcome, TestOutcome::Crashed | TestOutcome::TimedOut);
        let is_others = self.plan.part.as_ref().is_some_and(|part| !part.looks_into(ran.test));
        if ends_runs && is_others && !self.judge.left_out.contains(&ran.test) {
            self.is_alone_as_well(ran.test, timestamps)?;
        }
        Ok(())
    }
}
