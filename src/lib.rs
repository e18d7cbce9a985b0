//! taster finds the Python import that poisons the next one.
//!
//! A scenario (a TOML file of file operations, imports and sleeps) is performed in every order on a Python
//! interpreter under a virtual clock; the orders in which one test makes another fail become findings.

pub mod bisect;
pub mod bless;
pub mod budget;
pub mod cause;
mod child;
pub mod diagnose;
pub mod emit;
pub mod explain;
pub mod explore;
pub mod harness;
pub mod interpreter;
pub mod kind;
pub mod layers;
pub mod minimize;
pub mod note;
pub mod ordering;
pub mod remedy;
pub mod replay;
pub mod report;
pub mod run;
pub mod scenario;
pub mod suite;
pub mod sweep;
pub mod verdict;
pub mod world;

pub use harness::harness;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
