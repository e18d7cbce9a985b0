//! Verdicts as people and machines read them: one format per file, all behind the trait [`Report`]. Nothing here runs
//! anything or decides anything; writing goes to whatever the caller hands in.

mod account;
mod bisect;
mod bless;
mod changes;
mod check;
mod code;
mod command;
#[cfg(test)]
mod confirmed_samples;
mod explain;
mod gather;
mod hunt;
mod json;
mod layout;
mod merge;
mod notes;
mod origin;
mod package;
mod plot;
mod pythons;
mod replay;
#[cfg(test)]
mod samples;
mod sweep;
mod terminal;
mod timeline;
mod words;

use std::io;

pub use account::{Account, AccountFormat, AccountOfRun, UnknownFormat};
pub use bisect::{bisected, bisected_json};
pub use bless::diff;
pub use check::checked;
pub use command::Spellings;
pub use explain::{explanation, topics};
pub use hunt::{HuntTelling, compared, compared_json, hunted, hunted_json, verified, verified_json};
pub use json::Json;
pub use merge::{missing, missing_json};
pub use package::{shard_of_package_json, surveyed, surveyed_json, surveyed_part_json};
pub use plot::{PlotError, plot};
pub use pythons::{pythons, pythons_json};
pub use replay::replayed;
pub use sweep::{swept, swept_json};
pub use terminal::{Terminal, Verbosity, explained, numbered};
pub use timeline::timeline;

use crate::run::NotRun;
use crate::verdict::Verdict;

/// A format: told each verdict as it comes, and the end.
///
/// Verdicts of one scenario come one after the other. After [`finish`](Self::finish) no method is called.
pub trait Report {
    /// One scenario was judged on one interpreter under one clock.
    ///
    /// # Errors
    /// Where the output cannot be written.
    fn verdict(&mut self, verdict: Verdict) -> io::Result<()>;

    /// Something could not be judged.
    ///
    /// # Errors
    /// Where the output cannot be written.
    fn not_run(&mut self, not_run: NotRun) -> io::Result<()>;

    /// That was all.
    ///
    /// # Errors
    /// Where the output cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}
