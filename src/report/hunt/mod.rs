//! The results of a hunt: for people in one file, for programs in the other.

mod json;
#[cfg(test)]
mod samples;
mod terminal;

pub use json::hunted_json;
pub use terminal::hunted;
