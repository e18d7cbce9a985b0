//! The front door of the engine: one scenario, one interpreter, one clock in; a verdict, or why there is none, out. An `attempt`
//! explores in one manner: `cover` goes through the orderings, or has the model count them and confirms its `effects`; `audit` performs some of them again, which `reruns` chooses and which
//! can show steps that are `unsteady`; `judge` diagnoses what fails and makes the verdict, with the model's `opinion` and the
//! `notes`, of which `missing_module` makes those on first mistakes. How it proceeds is `options`, how far it is `events`, why it could not be done `error` and
//! `not_run`, and what a `shard` of many runs says of itself is there.

mod attempt;
mod audit;
mod cover;
mod effects;
mod error;
mod events;
mod everywhere;
mod judge;
mod missing_module;
mod not_run;
mod notes;
mod opinion;
mod options;
mod reruns;
mod shard;
mod unsteady;

pub use error::RunError;
pub(crate) use error::meant_for;
pub use events::{Event, EventWatcher, Phase};
pub use everywhere::{RunPlace, everywhere};
pub use not_run::{NotRun, NotRunKind};
pub use options::{AUDIT_BY_EFFORT, Diagnosis, RunOptions};
pub use shard::{PartOfRun, ShardOfRun};

pub use crate::explore::{WorkerLimit, WorkerPermit};

use crate::explore::Lab;
use crate::interpreter::Installation;
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::Verdict;
use attempt::{Manner, Setting};

/// Explores all orderings of `scenario` on the interpreter under one clock, diagnoses what fails, and compares it with what
/// the scenario declares. Where orderings that are performed again show that states which differ were taken for one, all is
/// explored once more without merging. `watcher` is called from several threads.
///
/// # Errors
/// Where there can be no verdict.
pub fn run(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    options: &RunOptions,
    watcher: EventWatcher<'_>,
) -> Result<Verdict, RunError> {
    meant_for(scenario, &installation.identity)?;
    let lab = Lab::new(scenario, installation, timestamps);
    let setting = Setting::new(lab, options, watcher);
    let mut manner = Manner::first(options);
    loop {
        match judge::judge(&setting, manner)? {
            Some(verdict) => return Ok(verdict),
            None => manner = manner.stricter(),
        }
    }
}
