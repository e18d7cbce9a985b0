//! What a survey has told of its states, and how much of that is sure: a fork that a test ends has not looked at
//! everything that its tests have changed.

use super::message::Message;
use super::outcome::TestResult;
use super::surveyed::SurveyedState;

/// The states so far.
#[derive(Debug, Default)]
pub(super) struct HeardStates {
    states: Vec<SurveyedState>,
    /// So many results of the last state are sure, or so many states as long as others do not run in them.
    sure: usize,
}

impl HeardStates {
    /// A next state begins.
    pub(super) fn begins(&mut self) {
        if self.is_made() {
            self.sure = self.states.len();
        }
        self.states.push(SurveyedState::default());
    }

    pub(super) fn is_any(&self) -> bool {
        !self.states.is_empty()
    }

    /// Adds what is told of the last state.
    pub(super) fn hear(&mut self, message: Message) {
        let results = self.results();
        let Some(state) = self.states.last_mut() else { return };
        match message {
            Message::Left(left) => state.left = Some(left),
            Message::Then => (state.made, self.sure) = (true, 0),
            Message::Changes { i, cells } => {
                state.changed.extend(usize::try_from(i).ok().map(|test| (test, cells)));
            }
            Message::LeavesToo { i, cells } => {
                state.left_too.extend(usize::try_from(i).ok().map(|test| (test, cells)));
            }
            Message::Reads { i, names } => {
                state.reads.extend(usize::try_from(i).ok().map(|test| (test, names)));
            }
            Message::Forget { count } => self.forget(count),
            Message::Sure => self.sure = results,
            _ => {}
        }
    }

    /// Adds the end of a test.
    pub(super) fn ended(&mut self, result: TestResult) {
        if let Some(state) = self.states.last_mut() {
            state.ended(result);
        }
    }

    /// All states when a run is over, and the test that ended the last fork, if others that ran there before are forgotten
    /// for that. The first test of a fork has run in any case, but nobody has looked at all that it leaves.
    pub(super) fn told(&mut self) -> (Vec<SurveyedState>, Option<usize>) {
        let unsure = self.results().saturating_sub(self.sure);
        let last = self.states.last().and_then(|state| state.then.last().or(state.tests.last()));
        let ended_by = last.map(|ran| ran.test).filter(|_| unsure > 1);
        if unsure > 1 {
            self.forget(unsure);
        } else if unsure == 1
            && let Some(state) = self.states.last_mut().filter(|state| !state.made)
        {
            state.left = None;
        }
        (std::mem::take(&mut self.states), ended_by)
    }

    fn is_made(&self) -> bool {
        self.states.last().is_some_and(|state| state.made)
    }

    /// The results of the last state if others run in it, or else the states.
    fn results(&self) -> usize {
        match self.states.last() {
            Some(state) if state.made => state.then.len(),
            _ => self.states.len(),
        }
    }

    /// Forgets the last states, or the last others of the last state.
    fn forget(&mut self, count: usize) {
        match self.states.last_mut() {
            Some(state) if state.made => state.forget(count),
            _ => self.states.truncate(self.states.len().saturating_sub(count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HeardStates;
    use crate::suite::runner::message::Message;
    use crate::suite::runner::outcome::{TestOutcome, TestResult};
    use crate::suite::runner::surveyed::Leftovers;

    fn ended(states: &mut HeardStates, test: usize) {
        states.ended(TestResult { test, outcome: TestOutcome::Passed, text: String::new() });
    }

    /// Tests on their own, one after the other.
    fn alone(states: &mut HeardStates, tests: &[usize]) {
        for &test in tests {
            states.begins();
            ended(states, test);
            states.hear(Message::Left(Leftovers::default()));
        }
    }

    /// The tests of a state, whether it is known what is left, and those that ran there.
    type ToldState = (Vec<usize>, bool, Vec<usize>);

    fn told(mut states: HeardStates) -> (Vec<ToldState>, Option<usize>) {
        let (told, ended_by) = states.told();
        let tests = |ran: &[TestResult]| ran.iter().map(|ran| ran.test).collect();
        let told = told.iter().map(|state| (tests(&state.tests), state.left.is_some(), tests(&state.then)));
        (told.collect(), ended_by)
    }

    #[test]
    fn tests_before_one_that_ends_their_fork_are_forgotten() {
        let mut states = HeardStates::default();
        alone(&mut states, &[1, 2]);
        states.hear(Message::Sure);
        alone(&mut states, &[3, 4, 5]);
        assert_eq!(told(states), (vec![(vec![1], true, vec![]), (vec![2], true, vec![])], Some(5)));
    }

    #[test]
    fn what_the_first_test_of_a_lost_fork_leaves_is_unknown() {
        let mut states = HeardStates::default();
        alone(&mut states, &[1]);
        states.hear(Message::Sure);
        alone(&mut states, &[2]);
        assert_eq!(told(states), (vec![(vec![1], true, vec![]), (vec![2], false, vec![])], None));
    }

    #[test]
    fn others_in_a_state_are_sure_by_themselves() {
        let mut states = HeardStates::default();
        for state in [1, 2] {
            alone(&mut states, &[state]);
            states.hear(Message::Then);
            ended(&mut states, 6);
            states.hear(Message::Sure);
        }
        ended(&mut states, 7);
        ended(&mut states, 8);
        let first = (vec![1], true, vec![6]);
        assert_eq!(told(states), (vec![first, (vec![2], true, vec![6])], Some(8)));
    }
}
