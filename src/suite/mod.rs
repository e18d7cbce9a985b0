//! Real pytest and unittest suites: collect, run an order, search.
//!
//! ```text
//! process, message -> zygote (a Runner) -> pool -> journal, limits -> judge -> search -> hunt -> terminal, json
//! ```
//!
//! [`hunt()`] does the whole of it and gives a [`Report`]. The search knows of tests by number and of processes only
//! through the `Runner` trait.

mod again;
mod cause;
mod changes;
mod checks;
mod cleaner;
mod collection;
mod command;
mod experiment;
mod finding;
mod folder;
mod ground;
mod hunt;
mod in_place;
mod journal;
mod judge;
mod keeper;
mod lead;
mod left;
mod limits;
mod listen;
mod message;
mod old_files;
mod orders;
mod places;
mod plan;
mod pool;
mod process;
mod recheck;
#[cfg(test)]
mod rehearsal;
mod repair;
mod reproduce;
mod run;
mod scenario;
mod scratch;
mod search;
mod sighting;
mod suspicion;
mod undo;
mod without;
mod written;
mod zygote;

pub mod json;
pub mod terminal;

pub use changes::Change;
pub use finding::{About, Broken, Confirmed, Finding, Kind, Remedy, Report, Reproduction, Seen, SeenFailing};
pub use hunt::{HuntError, Isolation, Settings, hunt};
pub use keeper::keep;
pub use message::Cell;
pub use plan::{OrderKind, Progress};
pub use process::ProcessError;
pub use run::{Halt, Outcome, Timestamps};
