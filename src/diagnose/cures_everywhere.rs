//! A recommended remedy on the whole scenario: does its test pass in every ordering then?

use crate::budget::Budget;
use crate::explore::{ExploreError, Explorer, Reach, tally};
use crate::interpreter::NoOutcome;
use crate::ordering::Shape;
use crate::scenario::Scenario;

/// Whether a test passes in every ordering of a scenario, or `None` if the time did not suffice.
pub(super) fn passes_everywhere(
    explorer: &Explorer<'_>,
    scenario: &Scenario,
    test: usize,
    budget: &Budget,
) -> Result<Option<bool>, ExploreError> {
    if budget.check_states(Shape::of(scenario).states_at_least()).is_err() {
        return Ok(None);
    }
    let explored = Explorer::new(explorer.lab().with_scenario(scenario), explorer.merges());
    let covered = explored.and_then(|mut explorer| {
        let all: Vec<usize> = (0..scenario.tests.len()).collect();
        let reach = explorer.cover(&all, 1, budget, &|_| {})?;
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
