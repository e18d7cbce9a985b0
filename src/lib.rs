//! taster finds the Python import that poisons the next one.
//!
//! A scenario is a TOML file of tests, each a sequence of file operations, imports and sleeps. taster performs the tests in every
//! order on a Python interpreter, under a virtual clock. An order in which one test makes another fail becomes a finding.
//!
//! [`harness()`] runs a folder of scenarios as trials of `cargo test`. [`run()`] judges one scenario on one interpreter, a real
//! CPython or the model of the import system that is built in, and returns a [`Verdict`]. [`hunt()`] searches a real pytest suite.
//!
//! ```
//! use taster::{Cause, Places, RunOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let scenario = taster::read("scenarios/same-name.toml".as_ref())?;
//! let model = &taster::choose(&["model:3.12"], &Places::default())?[0];
//! let timestamps = &scenario.timestamps[0];
//! let verdict = taster::run(&scenario, model, timestamps, &RunOptions::default(), &|_progress| {})?;
//!
//! for found in verdict.named_findings() {
//!     println!("{} {} after {}", found.kind.as_str(), found.test, found.others.join(" and "));
//!     println!("in the order {}, because of {}", found.witness.join(", "), found.cause.code());
//! }
//! assert!(verdict.named_findings().any(|found| found.cause == Cause::RetainedModule));
//! # Ok(())
//! # }
//! ```
//!
//! The names below are the interface. The modules behind them are public for the `taster` command and for tests, and may change at
//! any time.

// Hidden from documentation only: the compiler goes on asking for documentation of all that is in them.
#[cfg_attr(doc, doc(hidden))]
pub mod bisect;
#[cfg_attr(doc, doc(hidden))]
pub mod bless;
#[cfg_attr(doc, doc(hidden))]
pub mod budget;
#[cfg_attr(doc, doc(hidden))]
pub mod cause;
mod child;
#[cfg_attr(doc, doc(hidden))]
pub mod diagnose;
#[cfg_attr(doc, doc(hidden))]
pub mod emit;
#[cfg_attr(doc, doc(hidden))]
pub mod explain;
#[cfg_attr(doc, doc(hidden))]
pub mod explore;
#[cfg_attr(doc, doc(hidden))]
pub mod harness;
#[cfg_attr(doc, doc(hidden))]
pub mod interpreter;
#[cfg_attr(doc, doc(hidden))]
pub mod kind;
#[cfg_attr(doc, doc(hidden))]
pub mod layers;
#[cfg_attr(doc, doc(hidden))]
pub mod merge;
#[cfg_attr(doc, doc(hidden))]
pub mod minimize;
mod nesting;
#[cfg_attr(doc, doc(hidden))]
pub mod note;
#[cfg_attr(doc, doc(hidden))]
pub mod ordering;
#[cfg_attr(doc, doc(hidden))]
pub mod package;
#[cfg_attr(doc, doc(hidden))]
pub mod remedy;
#[cfg_attr(doc, doc(hidden))]
pub mod replay;
#[cfg_attr(doc, doc(hidden))]
pub mod report;
#[cfg_attr(doc, doc(hidden))]
pub mod run;
#[cfg_attr(doc, doc(hidden))]
pub mod scenario;
#[cfg_attr(doc, doc(hidden))]
pub mod shard;
#[cfg_attr(doc, doc(hidden))]
pub mod suite;
#[cfg_attr(doc, doc(hidden))]
pub mod sweep;
#[cfg_attr(doc, doc(hidden))]
pub mod syntax;
#[cfg_attr(doc, doc(hidden))]
pub mod verdict;
#[cfg_attr(doc, doc(hidden))]
pub mod world;

pub use cause::Cause;
pub use diagnose::Finding;
pub use harness::harness;
pub use interpreter::Installation;
pub use interpreter::choose::choose;
pub use interpreter::cpython::discover::Places;
pub use kind::FindingKind;
pub use run::{RunError, RunOptions, run};
pub use scenario::{Scenario, Timestamps, read};
pub use suite::{HuntReport, HuntSettings, hunt};
pub use verdict::{Judgement, NamedFinding, Verdict};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
