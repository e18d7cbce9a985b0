//! A survey of a package, for people and for machines. It decides nothing.

mod json;
mod terminal;

pub use json::{shard_of_package_json, surveyed_json, surveyed_part_json};
pub use terminal::surveyed;
pub(in crate::report) use terminal::{block, closing};
