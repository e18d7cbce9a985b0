//! What a round asks of a runner: states, and in each of them others, in the sequence that takes the fewest processes.

use super::cover::WantedState;
use super::leavings::Leaving;
use super::rounds::Rounds;
use super::states::Turned;
use crate::suite::runner::run::{OrderRun, RunRequest, Runner, RunnerError, TestRunOptions};
use crate::suite::runner::surveyed::SurveyOptions;

/// Others run on several processes at once if there are so many of them for each part.
const WORTH_A_PART: usize = 20;
/// They are in at most so many parts for each process: one may be at work on something else when the first part begins.
const EACH: usize = 4;
/// The state is looked at after each other if so many of them leave something: without a look, each of these takes a fork.
const WORTH_A_LOOK: usize = 5;

impl<R: Runner> Rounds<'_, '_, '_, R> {
    /// The tests that did something else in each of some states than alone, with whether they failed. What those that made it leave is
    /// looked at, and what the others change or leave there, which may make a further state.
    pub(super) fn looked_at(&mut self, wanted: &[WantedState]) -> Result<Vec<Vec<Turned>>, RunnerError> {
        let (requests, of) = self.asked(wanted, 0);
        let (turned, runs) = self.turned_in(&requests, &of, wanted.len())?;
        for (number, run) in of.into_iter().zip(&runs) {
            for state in &run.surveyed {
                self.states.note_links(&wanted[number].0, state);
            }
        }
        Ok(turned)
    }

    /// The same for states that are only to tell who is to blame: with few others that leave anything, looks take longer than forks.
    pub(super) fn blamed_in(&mut self, wanted: &[WantedState]) -> Result<Vec<Vec<Turned>>, RunnerError> {
        let (requests, of) = self.asked(wanted, WORTH_A_LOOK);
        Ok(self.turned_in(&requests, &of, wanted.len())?.0)
    }

    /// Makes the runs for so many states, each for that state whose number `of` says.
    fn turned_in(
        &mut self,
        requests: &[RunRequest],
        of: &[usize],
        states: usize,
    ) -> Result<(Vec<Vec<Turned>>, Vec<OrderRun>), RunnerError> {
        let runs = self.judge.run_all(requests)?;
        let mut turned = vec![Vec::new(); states];
        for (number, run) in of.iter().zip(&runs) {
            for state in &run.surveyed {
                turned[*number].extend(self.states.note(state));
            }
        }
        Ok((turned, runs))
    }

    /// The runs for some states, each with the number of its state. The state is looked at after each other if at least so many of
    /// them leave something.
    pub(super) fn asked(&self, wanted: &[WantedState], leaving: usize) -> (Vec<RunRequest>, Vec<usize>) {
        let (mut requests, mut of) = (Vec::new(), Vec::new());
        for (number, (state, seconds)) in wanted.iter().enumerate() {
            for part in self.parts(state, seconds) {
                let as_alone = self.as_alone(state);
                // Only a look finds the places of cells.
                let look =
                    part.iter().filter(|test| self.leaves(**test)).count() >= leaving || !as_alone.is_empty();
                requests.push(self.request((state, as_alone), part, look));
                of.push(number);
            }
        }
        (requests, of)
    }

    /// The others of a state in parts that can run at once. Those of the file of the last test come first: they find what is set
    /// up for it. Those that leave what cannot be restored end a process, and those that write files end a run.
    fn parts(&self, state: &[usize], seconds: &[usize]) -> Vec<Vec<usize>> {
        let left_out = &self.judge.left_out;
        let leavings = &self.states.leavings;
        let file = |test: &usize| &self.judge.items[*test].file;
        let mut others: Vec<usize> = seconds.to_vec();
        others.retain(|test| !left_out.contains(test));
        others.sort_by_cached_key(|test| {
            let wrote = leavings.of(*test).is_some_and(|leaving| leaving.wrote);
            let is_far = state.last().map(file) != Some(file(test));
            (wrote, leavings.lasts_after(state, *test), is_far)
        });
        let parts = if self.jobs > 1 { (others.len() / WORTH_A_PART).clamp(1, EACH * self.jobs) } else { 1 };
        // Each part has some of each sort.
        let part = |number: usize| others.iter().copied().skip(number).step_by(parts).collect();
        (0..parts).map(part).collect()
    }

    /// Whether a test leaves something, as far as is known.
    fn leaves(&self, test: usize) -> bool {
        self.states.leavings.of(test).is_none_or(Leaving::is_any)
    }

    /// What cells are to hold after the tests of a state: those of one test do so in any case.
    fn as_alone(&self, state: &[usize]) -> Vec<(String, String)> {
        if state.len() > 1 { self.states.leavings.as_alone(state) } else { Vec::new() }
    }

    fn request(
        &self,
        (state, as_alone): (&[usize], Vec<(String, String)>),
        then: Vec<usize>,
        look: bool,
    ) -> RunRequest {
        let fails =
            |test: &usize| self.states.alone.get(test).is_some_and(|alone| alone.outcome.is_failure());
        let survey = SurveyOptions {
            look,
            together: true,
            last: None,
            leaving: then.iter().copied().filter(|test| self.leaves(*test)).collect(),
            fails: then.iter().copied().filter(fails).collect(),
            lasting: then
                .iter()
                .copied()
                .filter(|test| self.states.leavings.lasts_after(state, *test))
                .collect(),
            known: self.states.leavings.names(),
            as_alone,
            then,
        };
        (state.to_vec(), TestRunOptions { survey: Some(survey), ..TestRunOptions::plain(self.timestamps) })
    }
}
