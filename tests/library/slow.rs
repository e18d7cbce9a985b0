//! Tests that take minutes, which `cargo test` alone leaves out: `cargo test --test slow audit::` runs one of these
//! files, `cargo test --test slow` all of them, as CI does.

// What others share.
mod generated;
mod modules;
mod not_run;
mod pythons;

mod audit;
mod emit;
mod engine;
mod hostile;
mod large;
mod probability;
