//! The shipped scenarios as trials.
fn main() {}
