//! Who makes the difference in one ordering: the tests that stand before the failing step are halved until no smaller part of them
//! shows the same.

use super::experimenter::{Experimenter, Suspect};
use super::outcomes::Witness;
use crate::explore::ExploreError;
use crate::kind::FindingKind;
use crate::minimize::minimize;

/// Whether the test fails in the ordering, and who makes it fail or, where it fails without the others, pass: `None` if the others
/// make no difference.
pub(super) fn narrow(
    experimenter: &mut Experimenter<'_, '_>,
    test: usize,
    steps: &[usize],
) -> Result<(bool, Option<Suspect>), ExploreError> {
    let failure = experimenter.failure(steps, test)?;
    let fails = failure.is_some();
    let kind = if fails { FindingKind::Victim } else { FindingKind::Brittle };
    if experimenter.shows(kind, test, steps, &[])? {
        return Ok((fails, None));
    }
    let before = before(steps, test, failure.map(|(number, _)| number));
    Ok((fails, Some(smallest(experimenter, kind, test, (steps, &before))?)))
}

/// The smallest part of `before` with which the test still does what shows a finding of this kind, in the order of the ordering.
pub(super) fn smallest(
    experimenter: &mut Experimenter<'_, '_>,
    kind: FindingKind,
    test: usize,
    (steps, before): (&[usize], &[usize]),
) -> Result<Suspect, ExploreError> {
    let own = experimenter.scope(&[], test);
    let candidates: Vec<usize> = before.iter().copied().filter(|other| !own.contains(other)).collect();
    let shows = experimenter.shows(kind, test, steps, &candidates)?;
    let others = if shows {
        minimize(&candidates, |part| experimenter.shows(kind, test, steps, part))?
    } else {
        candidates
    };
    let scope = experimenter.scope(&others, test);
    if shows && let Some(suspect) = experimenter.suspect(kind, test, others.clone(), &scope)? {
        return Ok(suspect);
    }
    let word = experimenter.explorer().shape().word_from(steps);
    Ok(Suspect { kind, test, others, minimal: false, witness: Witness { word, neighbour: None } })
}

/// The other tests that begin before the test's step of this number, or before the end of the test, in the order in which they
/// begin.
pub(super) fn before(steps: &[usize], test: usize, number: Option<usize>) -> Vec<usize> {
    let own = steps.iter().enumerate().filter(|(_, step)| **step == test).map(|(at, _)| at);
    let until = own.take(number.unwrap_or(usize::MAX)).last().unwrap_or(steps.len());
    let mut tests = Vec::new();
    for &step in &steps[..until] {
        if step != test && !tests.contains(&step) {
            tests.push(step);
        }
    }
    tests
}
