//! The results of a hunt: for people in `terminal`, `telling` and `block`, for programs in `json`.

mod block;
mod json;
mod label;
mod last;
#[cfg(test)]
mod samples;
mod telling;
mod terminal;

pub use json::hunted_json;
pub use telling::{HuntTelling, hunted};
