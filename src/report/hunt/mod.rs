//! The results of a hunt: for people in `terminal` and `finding`, for programs in `json`.

mod finding;
mod json;
#[cfg(test)]
mod samples;
mod terminal;

pub use json::hunted_json;
pub use terminal::hunted;
