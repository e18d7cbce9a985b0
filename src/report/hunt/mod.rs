//! The results of a hunt: for people in `terminal`, `telling` and `block`, for programs in `json`.

pub(super) mod block;
mod compared;
mod json;
mod label;
mod last;
#[cfg(test)]
pub(super) mod samples;
mod telling;
mod terminal;
mod verified;

pub use compared::{compared, compared_json};
pub use json::hunted_json;
pub(super) use last::in_words;
pub use telling::{HuntTelling, hunted};
pub(super) use terminal::after_findings;
pub use verified::{verified, verified_json};
