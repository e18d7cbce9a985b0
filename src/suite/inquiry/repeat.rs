//! Whether what an order showed shows again when the order runs again: what does not is chance, and no set of tests is sought for it.

use std::cmp::Reverse;

use super::Inquiry;
use crate::suite::finding::Tally;
use crate::suite::judge::hints;
use crate::suite::judge::prove::first_look;
use crate::suite::judge::suspicion::{Suspicion, followed_by};
use crate::suite::runner::run::{Branches, OrderRun, RunRequest, Runner, RunnerError, TestRunOptions};

/// An order that is to run again.
#[derive(Debug)]
struct Repetition {
    /// With branches, if it is long, to get leads.
    wanted: RunRequest,
    /// The places of all suspicions whose orders begin it.
    serves: Vec<usize>,
}

impl<R: Runner> Inquiry<'_, R> {
    /// Runs the orders of the suspicions once more, each with whether its order took long. Returns how often each was seen.
    pub(super) fn repeat(&mut self, suspicions: &mut [(Suspicion, bool)]) -> Result<Vec<Tally>, RunnerError> {
        let mut seen = vec![Tally::ONCE; suspicions.len()];
        if !self.plan.victims.is_empty() {
            return Ok(seen); // somebody has seen it before; what confirms the answer comes at the end
        }
        let repetitions = self.repetitions(suspicions);
        self.repeat_ahead(&repetitions, suspicions)?;
        for Repetition { wanted, serves } in repetitions {
            let mut of_it: Vec<Suspicion> = serves.iter().map(|&each| suspicions[each].0.clone()).collect();
            let run = self.again(&wanted, &mut of_it)?;
            for (&place, suspicion) in serves.iter().zip(of_it) {
                seen[place] = seen[place].with(suspicion.is_shown_in(&run));
                suspicions[place].0 = suspicion;
            }
        }
        Ok(seen)
    }

    /// The orders that have to run again, the longest first: one repetition serves all suspicions whose orders begin it.
    fn repetitions(&self, suspicions: &[(Suspicion, bool)]) -> Vec<Repetition> {
        let mut repetitions = Vec::new();
        let mut rest: Vec<usize> = (0..suspicions.len()).collect();
        rest.sort_by_key(|&each| Reverse(suspicions[each].0.prefix.len()));
        while let Some(&longest) = rest.first() {
            let (first, is_long) = &suspicions[longest];
            let order = followed_by(&first.prefix, first.test);
            let begins = |each: &Suspicion| {
                each.timestamps == first.timestamps
                    && order.starts_with(&each.prefix)
                    && order.get(each.prefix.len()) == Some(&each.test)
            };
            let (serves, others): (Vec<usize>, _) =
                rest.iter().partition(|each| begins(&suspicions[**each].0));
            let tests = serves.iter().map(|&place| suspicions[place].0.test).collect();
            let items = &self.suite.items;
            let branches = if *is_long { hints::branches(items, tests, &order) } else { Branches::default() };
            let how = TestRunOptions { branches, ..TestRunOptions::plain(first.timestamps) };
            repetitions.push(Repetition { wanted: (order, how), serves });
            rest = others;
        }
        repetitions
    }

    /// Makes at once the repetitions, and the runs with which the first proofs begin if these show the same: each of them takes a whole
    /// order.
    fn repeat_ahead(
        &mut self,
        repetitions: &[Repetition],
        suspicions: &[(Suspicion, bool)],
    ) -> Result<(), RunnerError> {
        let mut likely: Vec<&Suspicion> = suspicions.iter().map(|(suspicion, _)| suspicion).collect();
        likely.sort_by_key(|each| (each.timestamps != self.plan.timestamps, each.prefix.len()));
        let proofs = likely.into_iter().filter_map(first_look).take(self.plan.jobs);
        let repeated = repetitions.iter().map(|repetition| repetition.wanted.clone());
        self.run_ahead(&repeated.chain(proofs).collect::<Vec<_>>())
    }

    /// Runs an order again; what its branches tell are leads. What they seem to have turned round runs once more without them.
    fn again(
        &mut self,
        (order, how): &RunRequest,
        suspicions: &mut [Suspicion],
    ) -> Result<OrderRun, RunnerError> {
        let run = self.judge.run(order, how)?;
        if how.branches.places.is_empty() {
            return Ok(run);
        }
        hints::find(&run, suspicions);
        let all = suspicions
            .iter()
            .all(|suspicion| run.of(suspicion.test).is_none() || suspicion.is_shown_in(&run));
        if all { Ok(run) } else { self.judge.run(order, &TestRunOptions::plain(how.timestamps)) }
    }
}
