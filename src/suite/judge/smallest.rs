//! The fewest of the tests before a test that decide what it does.

use std::cell::RefCell;

use super::runs::Judge;
use super::suspicion::Suspicion;
use crate::minimize::minimize;
use crate::suite::runner::run::{Runner, RunnerError};

impl<R: Runner> Judge<'_, R> {
    /// A minimal ordered set within tests that are known to decide other outcomes, if they decide this one; `best` holds the smallest
    /// that was seen to.
    pub(super) fn smallest_known(
        &mut self,
        suspicion: &Suspicion,
        best: &RefCell<Vec<usize>>,
    ) -> Result<Option<Vec<usize>>, RunnerError> {
        for known in self.known.worth_trying(suspicion) {
            if self.shows(suspicion, &known)? {
                best.replace(known.clone());
                return match known.len() {
                    1 => Ok(Some(known)),
                    _ => minimize(&known, |part| self.shows(suspicion, part)).map(Some),
                };
            }
        }
        Ok(None)
    }

    /// A minimal ordered set of tests that decides the outcome; `best` always holds the smallest that was seen to.
    pub(super) fn smallest(
        &mut self,
        suspicion: &Suspicion,
        best: &RefCell<Vec<usize>>,
    ) -> Result<Vec<usize>, RunnerError> {
        // Without a lead, those of its own file are the likeliest, and few.
        let own = self.of_its_file(suspicion);
        let mut shows = |part: &[usize]| {
            if part.is_empty() {
                return Ok(false); // what it does alone is known
            }
            let shows = self.shows(suspicion, part)?;
            if shows && part.len() < best.borrow().len() {
                best.replace(part.to_vec());
            }
            Ok::<bool, RunnerError>(shows)
        };
        // Where branches have seen it turn, the last of those needed stands; that all of them do is the likely case.
        let mut smaller = None;
        if let Some((start, end)) = suspicion.lead {
            for start in [start, 0] {
                let part = &suspicion.prefix[start..end];
                if smaller.is_none() && part.len() < suspicion.prefix.len() && shows(part)? {
                    smaller = Some(part);
                }
            }
        }
        if suspicion.lead.is_none() && own.len() < suspicion.prefix.len() && shows(&own)? {
            return minimize(&own, shows);
        }
        minimize(smaller.unwrap_or(&suspicion.prefix), shows)
    }

    /// The tests of the same file that ran before it.
    fn of_its_file(&self, suspicion: &Suspicion) -> Vec<usize> {
        let file = &self.items[suspicion.test].file;
        suspicion.prefix.iter().copied().filter(|test| self.items[*test].file == *file).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::kind::FindingKind;
    use crate::suite::finding::Tally;
    use crate::suite::judge::mock_runner::{MockRules, Rule, suite};
    use crate::suite::judge::prove;
    use crate::suite::judge::runs::Judge;
    use crate::suite::judge::suspicion::Suspicion;
    use crate::suite::runner::run::HuntClock;

    #[test]
    fn tests_of_its_own_file_are_asked_first() {
        let rule: Rule = |before, test, _| test == 94 && before.contains(&93);
        let suite = suite(100);
        let mut judge = Judge::new(MockRules::new(rule, usize::MAX), &suite.items);
        let timestamps = HuntClock::Real;
        let suspicion = Suspicion::after((0..94).collect(), 94, FindingKind::Victim, timestamps);
        let (proven, halt) = prove::prove(&mut judge, &suspicion, Tally::ONCE.with(true));
        assert!(halt.is_none());
        assert_eq!(proven.before, [93]);
        // Only whether a generator decides is asked of all that ran before.
        let long = judge.runner.lengths.iter().filter(|length| **length > 5).count();
        assert_eq!(long, 1, "{:?}", judge.runner.lengths);
    }

    #[test]
    fn several_tests_that_decide_once_are_tried_before_any_long_run() {
        let rule: Rule = |before, test, _| test > 80 && before.contains(&3) && before.contains(&7);
        let suite = suite(100);
        let mut judge = Judge::new(MockRules::new(rule, usize::MAX), &suite.items);
        let mut proven = |test: usize| {
            let timestamps = HuntClock::Real;
            let suspicion = Suspicion::after((0..test).collect(), test, FindingKind::Victim, timestamps);
            let before = judge.runner.lengths.len();
            let (proven, halt) = prove::prove(&mut judge, &suspicion, Tally::ONCE.with(true));
            assert!(halt.is_none() && proven.finding.minimal);
            assert_eq!(proven.before, [3, 7]);
            judge.runner.lengths[before..].iter().copied().max()
        };
        assert!(proven(81) > Some(50));
        assert_eq!(proven(82), Some(3));
    }
}
