//! taster finds the Python import that poisons the next one.
//!
//! A scenario (a TOML file of file operations, imports and sleeps) is performed in every order on a Python
//! interpreter under a virtual clock; the orders in which one test makes another fail become findings.

pub mod minimize;
pub mod suite;
pub mod verdict;
pub mod world;

pub use harness::harness;
