//! Surveys of the mock: what its tests leave, and what others do there.

use super::MockRules;
use crate::suite::runner::cell::{Cell, CellKind};
use crate::suite::runner::run::{TestOutcome, TestResult};
use crate::suite::runner::surveyed::{LeftCell, Leftovers, SurveyOptions, SurveyedState};

impl MockRules {
    /// The states that a survey asks for. Each test leaves a cell, and every tenth test the same one with another value.
    pub(super) fn surveyed(&self, order: &[usize], survey: &SurveyOptions) -> Vec<SurveyedState> {
        let parts: Vec<&[usize]> =
            if survey.together { vec![order] } else { order.iter().map(std::slice::from_ref).collect() };
        parts.into_iter().map(|part| self.state(part, survey)).collect()
    }

    fn state(&self, part: &[usize], survey: &SurveyOptions) -> SurveyedState {
        let ran = |before: &[usize], test: usize| {
            let failed = (self.rule)(before, test, self.lengths.len());
            let outcome = if failed { TestOutcome::Failed } else { TestOutcome::Passed };
            TestResult { test, outcome, text: String::new() }
        };
        let left = |&test: &usize| LeftCell {
            cell: Cell::of(CellKind::Attribute, &format!("cell_{}", test % 10)),
            held: Some(test.to_string()),
            lasts: false,
            plain: false,
        };
        let mut state = SurveyedState::default();
        state.tests = part.iter().enumerate().map(|(place, &test)| ran(&part[..place], test)).collect();
        let cells = part.iter().map(left).collect();
        state.left = survey.look.then(|| Leftovers { cells, all: true, ..Leftovers::default() });
        let and_last = |&test: &usize| {
            let last = survey.last.map(|last| ran(&[part, &[test]].concat(), last));
            std::iter::once(ran(part, test)).chain(last)
        };
        state.then = survey.then.iter().flat_map(and_last).collect();
        state
    }
}
