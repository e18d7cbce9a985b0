//! Makes surveys run: one that a file, a crash or a hang has cut off goes on in another run, after none of the earlier
//! tests, and with none of their files; the test that ended a process runs there without others before it.

use super::run::{OrderRun, RunnerError, TestOutcome, TestRunOptions};
use super::surveyed::SurveyOptions;
use super::zygote::Zygote;

impl Zygote {
    /// Surveys tests; nothing is surveyed where runs cannot be forks.
    pub(super) fn survey(
        &mut self,
        order: &[usize],
        how: &TestRunOptions,
        survey: &SurveyOptions,
    ) -> Result<OrderRun, RunnerError> {
        let mut done = OrderRun::default();
        self.be_ready()?;
        if self.fresh || how.fresh || !self.can_fork()? {
            return Ok(done);
        }
        let (mut order, mut survey) = (order.to_vec(), survey.clone());
        loop {
            let how = TestRunOptions { survey: Some(survey.clone()), ..how.clone() };
            match self.one(&order, &how) {
                Ok((run, whole)) => {
                    let goes_on = !whole && rest(&mut order, &mut survey, &run);
                    done.goes_on_with(run);
                    if !goes_on {
                        return Ok(done);
                    }
                }
                Err(halt) => {
                    done.goes_on_with(self.cut.take().unwrap_or_default());
                    self.cut = Some(done);
                    return Err(halt);
                }
            }
        }
    }
}

/// Leaves in a request what a run of it has not done; returns whether the rest is worth another run.
fn rest(order: &mut Vec<usize>, survey: &mut SurveyOptions, run: &OrderRun) -> bool {
    let states = &run.surveyed;
    let new = run.ended_by.filter(|test| !survey.lasting.contains(test));
    survey.lasting.extend(new);
    if !survey.together {
        let before = order.len();
        order.retain(|test| !states.iter().flat_map(|state| &state.tests).any(|ran| ran.test == *test));
        return !order.is_empty() && (new.is_some() || order.len() < before);
    }
    let before = survey.then.len();
    survey.then.retain(|test| !states.iter().flat_map(|state| &state.then).any(|ran| ran.test == *test));
    let is_end = |outcome| matches!(outcome, TestOutcome::Crashed | TestOutcome::TimedOut);
    let is_broken = states.iter().flat_map(|state| &state.tests).any(|ran| is_end(ran.outcome));
    !is_broken && !survey.then.is_empty() && (new.is_some() || survey.then.len() < before)
}
