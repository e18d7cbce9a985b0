//! A crate without code: it exists for its scenarios.
