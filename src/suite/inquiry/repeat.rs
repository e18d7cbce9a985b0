//! Whether what an order showed shows again when the order runs again: what does not is chance, and no set of tests is sought for it.

use super::Inquiry;
use crate::suite::finding::Tally;
use crate::suite::judge::hints;
use crate::suite::judge::suspicion::{Suspicion, followed_by};
use crate::suite::runner::run::{Branches, HuntClock, OrderRun, Runner, RunnerError, TestRunOptions};

impl<R: Runner> Inquiry<'_, R> {
    /// Runs the orders of the suspicions once more, each with whether its order took long. One repetition serves all suspicions whose
    /// orders begin it. Returns how often each was seen.
    pub(super) fn repeat(&mut self, suspicions: &mut [(Suspicion, bool)]) -> Result<Vec<Tally>, RunnerError> {
        let mut seen = vec![Tally::ONCE; suspicions.len()];
        if !self.plan.victims.is_empty() {
            return Ok(seen); // somebody has seen it before; what confirms the answer comes at the end
        }
        let mut rest: Vec<usize> = (0..suspicions.len()).collect();
        rest.sort_by_key(|&each| std::cmp::Reverse(suspicions[each].0.prefix.len()));
        while let Some(&longest) = rest.first() {
            let (first, is_long) = suspicions[longest].clone();
            let order = followed_by(&first.prefix, first.test);
            let begins = |each: &Suspicion| {
                each.timestamps == first.timestamps
                    && order.starts_with(&each.prefix)
                    && order.get(each.prefix.len()) == Some(&each.test)
            };
            let (served, others) = rest.iter().partition(|each| begins(&suspicions[**each].0));
            let served: Vec<usize> = served;
            let mut of_it: Vec<Suspicion> = served.iter().map(|&each| suspicions[each].0.clone()).collect();
            let run = self.again(&order, first.timestamps, is_long, &mut of_it)?;
            for (&place, suspicion) in served.iter().zip(of_it) {
                seen[place] = seen[place].with(suspicion.is_shown_in(&run));
                suspicions[place].0 = suspicion;
            }
            rest = others;
        }
        Ok(seen)
    }

    /// Runs an order again; with branches, if it is long, to get leads for its suspicions.
    fn again(
        &mut self,
        order: &[usize],
        timestamps: HuntClock,
        is_long: bool,
        suspicions: &mut [Suspicion],
    ) -> Result<OrderRun, RunnerError> {
        let plain = TestRunOptions::plain(timestamps);
        let tests = suspicions.iter().map(|suspicion| suspicion.test).collect();
        let branches =
            if is_long { hints::branches(&self.suite.items, tests, order) } else { Branches::default() };
        if branches.places.is_empty() {
            return self.judge.run(order, &plain);
        }
        let run = self.judge.run(order, &TestRunOptions { branches, ..plain.clone() })?;
        hints::find(&run, suspicions);
        let all = suspicions
            .iter()
            .all(|suspicion| run.of(suspicion.test).is_none() || suspicion.is_shown_in(&run));
        if all { Ok(run) } else { self.judge.run(order, &plain) }
    }
}
