//! Real pytest and unittest suites: collect, run an order, search.
//!
//! ```text
//! plugin (Python) <- keeper, runner <- in_place, files <- judge <- search <- hunt, emit <- terminal, json
//! ```
//!
//! [`hunt()`] does the whole of it and gives a [`Report`]. The search knows of tests by number and of processes only
//! through the `Runner` trait.

mod collection;
mod emit;
mod files;
mod finding;
mod hunt;
mod in_place;
mod judge;
mod keeper;
mod orders;
mod plan;
mod runner;
mod search;

pub mod json;
pub mod terminal;

pub use files::changes::Change;
pub use finding::{About, Broken, Confirmed, Finding, Kind, Remedy, Report, Reproduction, Seen, SeenFailing};
pub use hunt::{HuntError, Isolation, Settings, hunt};
pub use keeper::keep;
pub use plan::{OrderKind, Progress};
pub use runner::message::Cell;
pub use runner::process::ProcessError;
pub use runner::run::{Halt, Outcome, Timestamps};
