//! One scenario on several interpreters under each of its clocks: the runs of that product, in the order in which reports have them.

use super::error::RunError;
use super::events::EventWatcher;
use super::options::RunOptions;
use super::run;
use crate::interpreter::{Installation, NoOutcome};
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::Verdict;

/// One run of many: a scenario on this interpreter under this clock.
#[derive(Debug, Clone, Copy)]
pub struct RunPlace<'a> {
    scenario: &'a Scenario,
    /// The interpreter.
    pub installation: &'a Installation,
    /// The clock.
    pub timestamps: &'a Timestamps,
}

/// The runs of `scenario` on these interpreters under each of its clocks: all clocks of one interpreter, then the next interpreter.
pub fn everywhere<'a>(
    scenario: &'a Scenario,
    installations: &'a [Installation],
) -> impl Iterator<Item = RunPlace<'a>> {
    installations.iter().flat_map(move |installation| {
        scenario.timestamps.iter().map(move |timestamps| RunPlace { scenario, installation, timestamps })
    })
}

impl RunPlace<'_> {
    /// Runs, unless somebody has asked for the end before.
    ///
    /// # Errors
    /// If there is no verdict.
    pub fn run(&self, options: &RunOptions, report: EventWatcher<'_>) -> Result<Verdict, RunError> {
        if options.interruption.is_requested() {
            return Err(NoOutcome::Interrupted.into());
        }
        run(self.scenario, self.installation, self.timestamps, options, report)
    }
}
