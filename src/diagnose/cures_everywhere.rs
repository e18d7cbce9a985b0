//! A recommended remedy on the whole scenario: does its test pass in every ordering then?

use crate::budget::Budget;
use crate::explore::{ExploreError, Explorer};
use crate::interpreter::NoOutcome;
use crate::ordering::Shape;
use crate::scenario::{Scenario, Test};

/// What was asked, and the answers.
#[derive(Default)]
pub(super) struct CuresEverywhere {
    /// The tests of a whole scenario, the one among them that is to pass, and whether it does.
    known: Vec<(Vec<Test>, usize, bool)>,
}

impl CuresEverywhere {
    /// Whether a test passes in every ordering of a scenario, or `None` if the time did not suffice.
    pub(super) fn ask(
        &mut self,
        explorer: &Explorer<'_>,
        scenario: Scenario,
        test: usize,
        budget: &Budget,
    ) -> Result<Option<bool>, ExploreError> {
        let known = self.known.iter().find(|(tests, known, _)| *known == test && *tests == scenario.tests);
        if let Some((.., passes)) = known {
            return Ok(Some(*passes));
        }
        let answer = passes_everywhere(explorer, &scenario, test, budget)?;
        self.known.extend(answer.map(|passes| (scenario.tests, test, passes)));
        Ok(answer)
    }
}

fn passes_everywhere(
    explorer: &Explorer<'_>,
    scenario: &Scenario,
    test: usize,
    budget: &Budget,
) -> Result<Option<bool>, ExploreError> {
    if budget.check_states(Shape::of(scenario).states_at_least()).is_err() {
        return Ok(None);
    }
    let explored = Explorer::new(explorer.lab().with_scenario(scenario), explorer.merges());
    match explored.and_then(|mut explorer| explorer.can_fail(test, budget)) {
        Ok(fails) => Ok(fails.map(|fails| !fails)),
        Err(ExploreError::Interpreter(NoOutcome::Refused { .. })) => Ok(None),
        Err(problem) => Err(problem),
    }
}
