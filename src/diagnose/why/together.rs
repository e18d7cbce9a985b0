//! Two pieces of state, each enough to fail the test: neither repair alone makes it pass, both do.

use super::suspicion::SuspectedCause;
use crate::cause::Cause;

/// Suspicions that are put together, at most.
const MOST: usize = 5;

/// Pairs of suspicions of different causes whose repairs stand at one place, each as one suspicion. What answers first is the cause:
/// `sys.modules` before all else.
pub(super) fn pairs(suspicions: &[SuspectedCause]) -> Vec<SuspectedCause> {
    let few = &suspicions[..suspicions.len().min(MOST)];
    let mut pairs = Vec::new();
    for (at, one) in few.iter().enumerate() {
        let others = few[at + 1..].iter();
        let fitting =
            others.filter(|other| one.cause != other.cause && one.at == other.at && one.proof == other.proof);
        pairs.extend(fitting.map(|other| both(one, other)));
    }
    pairs
}

fn both(one: &SuspectedCause, other: &SuspectedCause) -> SuspectedCause {
    let (first, second) = if other.cause == Cause::RetainedModule { (other, one) } else { (one, other) };
    let mut both = first.clone();
    both.repair.extend(second.repair.iter().cloned());
    both.evidence.extend(second.evidence.iter().cloned());
    both
}
