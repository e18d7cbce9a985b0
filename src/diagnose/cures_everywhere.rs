//! A recommended remedy on the whole scenario: does its test pass in every ordering then?

use std::time::Instant;

use super::Inquiry;
use crate::explore::{Budget, ExploreError, Explorer, Reach, tally};
use crate::interpreter::NoOutcome;
use crate::ordering::Shape;
use crate::scenario::Scenario;
use crate::world::World;

/// Whether a test passes in every ordering of a scenario; none where the time did not suffice.
pub(super) fn passes_everywhere(
    scenario: &Scenario,
    (test, merges): (usize, bool),
    inquiry: Inquiry<'_>,
    until: Instant,
) -> Result<Option<bool>, ExploreError> {
    let out_of_reach = Shape::of(scenario).states_at_least() > inquiry.budget.states;
    if out_of_reach || Instant::now() >= until {
        return Ok(None);
    }
    let limits = Budget { until: Some(until), ..inquiry.budget.clone() };
    let explored = Explorer::beginning_at(scenario, World::new(inquiry.tick), merges, inquiry.start);
    let covered = explored.and_then(|mut explorer| {
        let all: Vec<usize> = (0..scenario.tests.len()).collect();
        let reach = explorer.cover(&all, 1, &limits, &|_| {})?;
        Ok((explorer, reach))
    });
    match covered {
        Ok((explorer, Reach::Complete)) => {
            let failing = tally(&explorer.graph(), explorer.shape()).failing_by_test;
            Ok(Some(failing[test] == num_bigint::BigUint::ZERO))
        }
        Ok(_) | Err(ExploreError::Interpreter(NoOutcome::Refused { .. })) => Ok(None),
        Err(problem) => Err(problem),
    }
}
