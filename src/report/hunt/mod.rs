//! The results of a hunt, for people and for programs.

pub mod json;
pub mod terminal;
