//! What a suspicion is: a piece of state that could be the cause, and the steps that put it right.

use std::collections::BTreeMap;

use crate::cause::Cause;
use crate::scenario::{Action, Repair, Step};

/// A piece of state that could be the cause, what shows it, and what puts it right.
#[derive(Debug, Clone)]
pub(super) struct SuspectedCause {
    pub(super) cause: Cause,
    /// What was read from the live interpreter: label to value.
    pub(super) evidence: BTreeMap<String, String>,
    pub(super) repair: Vec<Step>,
}

impl SuspectedCause {
    pub(super) fn new<const N: usize>(
        cause: Cause,
        repair: Vec<Step>,
        evidence: [(&str, String); N],
    ) -> Self {
        let evidence = evidence.into_iter().map(|(label, value)| (label.to_owned(), value)).collect();
        Self { cause, evidence, repair }
    }
}

/// A repair as a step.
pub(super) fn repair(repair: Repair) -> Step {
    Step::Interpreter(Action::Repair(repair))
}
