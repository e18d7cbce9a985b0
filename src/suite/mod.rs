//! Real pytest and unittest suites: collect, run an order, search.
//!
//! ```text
//! plugin (Python) <- keeper, runner <- in_place, files <- judge <- orders, inquiry <- survey, search <- hunt, emit
//! ```
//!
//! [`hunt()`] runs a whole hunt and returns a [`HuntReport`]. The search refers to tests by number, and to processes
//! only through the `Runner` trait.

mod baseline;
mod begin;
mod collection;
mod commands;
mod emit;
mod error;
mod event;
mod files;
mod finding;
mod guilty;
mod hunt;
mod hunt_report;
mod in_place;
mod inquiry;
mod joined;
mod judge;
mod keeper;
mod leaks;
mod ledger;
mod near;
mod orders;
mod part;
mod passed;
mod patch;
mod plan;
mod project_copy;
mod reproduction;
mod runner;
mod search;
mod settings;
mod summary;
mod survey;
mod time_for_patches;
mod verify;

pub use baseline::{Baseline, BaselineError, Compared, KnownFinding};
pub use error::HuntError;
pub use event::{HuntEvent, HuntProgress};
pub use files::changes::Change;
pub use finding::{Confirmation, HuntFinding, HuntRemedy, RandomUse, Tally};
pub use hunt::hunt;
pub use hunt_report::{About, BrokenTest, HuntReport, PairAccount, SeenFailing, ShardOfHunt};
pub use joined::joined;
pub use keeper::keep;
pub(crate) use leaks::cells_of;
pub use patch::PatchResult;
pub use plan::OrderKind;
pub use reproduction::{FindingCommands, Reproduction};
pub use runner::cell::{Cell, CellKind, NotPutBack};
pub use runner::process_error::ProcessError;
pub use runner::run::{HuntClock, RunnerError, TestOutcome};
pub use runner::source_line::{GuiltyLine, RepeatableCall, SourceLine};
pub use settings::{HuntSettings, Isolation};
pub use verify::{StillHolds, Verified, verify};
