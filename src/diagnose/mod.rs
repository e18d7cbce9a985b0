//! From what was explored to findings.

mod finding;

pub use finding::{Alone, Cause, Finding, FindingKind, Probability, Remedy, StepPlace, Trial};
