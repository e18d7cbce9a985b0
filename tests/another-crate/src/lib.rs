//! A crate without code: its scenarios are what it is for.
