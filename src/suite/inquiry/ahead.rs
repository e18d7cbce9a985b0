//! Looks into several tests ahead, at once on processes of their own. All that is looked into is looked into once more, one by one,
//! and then most of the runs that this takes are there: what one test shows may help with the next one, and a search goes the same way
//! however many processes there are.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Inquiry;
use crate::suite::finding::Tally;
use crate::suite::judge::explain::explain;
use crate::suite::judge::prove::{Proven, prove};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{AheadSize, RunRequest, Runner, RunnerError};

/// So many for each process are explained ahead before the first of them is told.
const EACH: usize = 3;

impl<R: Runner> Inquiry<'_, R> {
    /// Makes a run, and meanwhile, on other processes, those of `beside` that it takes the time for.
    pub(crate) fn run_beside(&mut self, run: RunRequest, beside: Vec<RunRequest>) -> Result<(), RunnerError> {
        if beside.is_empty() {
            return Ok(());
        }
        let wanted: Vec<RunRequest> = std::iter::once(run).chain(beside).collect();
        self.ask_for(&wanted, true)
    }

    /// Makes these runs at once, if several can be made at once.
    pub(super) fn run_ahead(&mut self, wanted: &[RunRequest]) -> Result<(), RunnerError> {
        if self.plan.jobs == 1 || wanted.len() < 2 {
            return Ok(());
        }
        self.ask_for(wanted, false)
    }

    /// Asks ahead for these runs, until one cannot be made or, if wanted, the first of them is over.
    fn ask_for(&mut self, wanted: &[RunRequest], until_the_first: bool) -> Result<(), RunnerError> {
        let is_over = AtomicBool::new(false);
        let ask = |runner: &mut dyn Runner, next: &dyn Fn() -> Option<usize>| {
            while !is_over.load(Ordering::SeqCst)
                && let Some(number) = next()
            {
                let (order, how) = &wanted[number];
                if runner.run(order, how).is_err() || (until_the_first && number == 0) {
                    is_over.store(true, Ordering::SeqCst);
                }
            }
        };
        let tests = wanted.iter().map(|(order, _)| order.len()).sum();
        self.judge.runner.ask_ahead(AheadSize { questions: wanted.len(), tests }, &ask).map(|_| ())
    }

    /// How many findings are explained ahead at a time.
    pub(super) fn at_a_time(&self) -> usize {
        EACH * self.plan.jobs
    }

    /// Makes the runs that are likely to explain these findings.
    pub(super) fn explain_ahead(&mut self, proven: &[Proven]) -> Result<(), RunnerError> {
        if self.plan.jobs == 1 || proven.len() == 1 {
            return Ok(());
        }
        let (knowing, explained) = (self.judge.with(()), &self.explained);
        let ask = |runner: &mut dyn Runner, next: &dyn Fn() -> Option<usize>| {
            let (mut judge, mut explained) = (knowing.with(runner), explained.clone());
            while let Some(number) = next() {
                if explain(&mut judge, &mut proven[number].clone(), &mut explained).is_some() {
                    return;
                }
            }
        };
        let size = AheadSize { questions: proven.len(), tests: 0 };
        self.judge.runner.ask_ahead(size, &ask).map(|_| ())
    }

    /// Makes the runs that are likely to prove these suspicions, unless they are settled.
    pub(super) fn prove_ahead(&mut self, suspicions: &[(Suspicion, Tally)]) -> Result<(), RunnerError> {
        let is_open = |(suspicion, _): &&(Suspicion, Tally)| !self.ledger.settled.contains(&suspicion.test);
        let open: Vec<&(Suspicion, Tally)> = suspicions.iter().filter(is_open).collect();
        if self.plan.jobs == 1 || open.len() < 2 {
            return Ok(());
        }
        let knowing = self.judge.with(());
        let ask = |runner: &mut dyn Runner, next: &dyn Fn() -> Option<usize>| {
            let mut judge = knowing.with(runner);
            while let Some((suspicion, seen)) = next().map(|number| open[number]) {
                if prove(&mut judge, suspicion, *seen).1.is_some() {
                    return;
                }
            }
        };
        let size = AheadSize { questions: open.len(), tests: 0 };
        self.judge.runner.ask_ahead(size, &ask).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::suite::event::HuntEvent;
    use crate::suite::finding::HuntFinding;
    use crate::suite::judge::mock_runner::{MockRules, Rule, plan, suite};
    use crate::suite::plan::{HuntPlan, OrderKind};
    use crate::suite::runner::ahead::RecordingRunner;
    use crate::suite::runner::journal::Journal;
    use crate::suite::runner::journal_file::JournalFile;
    use crate::suite::runner::offers::Offers;
    use crate::suite::runner::run::{
        AheadSize, AskAhead, MadeRun, OrderRun, Runner, RunnerError, TestRunOptions,
    };
    use crate::suite::search::HuntSearch;

    /// Rules that answer ahead too, one question after the other.
    #[derive(Debug)]
    struct AnsweringAhead {
        rules: MockRules,
        made_ahead: usize,
        /// How many tests each of the runs, but surveys, took that somebody waited for.
        waited_for: Vec<usize>,
    }

    impl Runner for AnsweringAhead {
        fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
            if how.survey.is_none() {
                self.waited_for.push(order.len());
            }
            self.rules.run(order, how)
        }

        fn ask_ahead(&mut self, size: AheadSize, ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
            let next = AtomicUsize::new(0);
            let offers = Offers::default();
            let mut runner = RecordingRunner::new(&mut self.rules, &offers);
            ask(&mut runner, &|| Some(next.fetch_add(1, Ordering::SeqCst)).filter(|at| *at < size.questions));
            self.made_ahead += runner.made.len();
            Ok(runner.made)
        }
    }

    /// What a hunt with so many processes finds by these rules in these orders of 80 tests, and who answered.
    fn hunted(rule: Rule, orders: &[OrderKind], jobs: usize) -> (Vec<HuntFinding>, AnsweringAhead) {
        let suite = suite(80);
        let folder = tempfile::tempdir().unwrap();
        let file = JournalFile::open(&folder.path().join("journal"), false).unwrap();
        let rules = MockRules::new(rule, usize::MAX);
        let mut watch = |_: HuntEvent<'_>| ();
        let plan = HuntPlan { jobs, ..plan(80, orders, Vec::new()) };
        let answering = AnsweringAhead { rules, made_ahead: 0, waited_for: Vec::new() };
        let mut search = HuntSearch::new(Journal::new(answering, file, false), &suite, plan, &mut watch);
        search.all().unwrap();
        let inquiry = &mut search.inquiry;
        let mut findings = std::mem::take(&mut inquiry.ledger.findings);
        findings.iter_mut().for_each(|finding| finding.seconds = 0.0);
        (findings, search.inquiry.judge.runner.into_inner())
    }

    #[test]
    fn what_is_looked_into_ahead_is_found_alike_with_fewer_runs_to_wait_for() {
        let rule: Rule = |before, test, _| match test {
            50 => before.contains(&3),
            60 | 61 => before.contains(&4),
            70 => before.contains(&7) && before.contains(&9),
            _ => false,
        };
        let (one_by_one, by_itself) = hunted(rule, &[OrderKind::Given], 1);
        let (ahead, answered) = hunted(rule, &[OrderKind::Given], 2);
        assert_eq!((one_by_one.len(), by_itself.made_ahead), (4, 0));
        assert_eq!(ahead, one_by_one);
        let (left, all) = (answered.waited_for.len(), by_itself.waited_for.len());
        assert!(answered.made_ahead > 0 && left * 5 < all * 3, "{left} of {all} left");
    }

    #[test]
    fn what_states_have_shown_is_proven_ahead() {
        let pairs: Rule = |before, test, _| (50..56).contains(&test) && before.contains(&(test - 50));
        let sets: Rule = |before, test, _| {
            let first = test.wrapping_sub(50);
            test < 54 && before.contains(&first) && before.contains(&(first + 4))
        };
        for (rule, found) in [(pairs, 6), (sets, 4)] {
            let (one_by_one, by_itself) = hunted(rule, &[OrderKind::State], 1);
            let (ahead, answered) = hunted(rule, &[OrderKind::State], 2);
            // Which comes first depends on the parts in which tests run in a state.
            let told = |findings: &[HuntFinding]| -> BTreeSet<_> {
                findings.iter().map(|each| (each.victim.clone(), each.polluters.clone())).collect()
            };
            assert_eq!((one_by_one.len(), told(&ahead)), (found, told(&one_by_one)));
            let (left, all) = (answered.waited_for.len(), by_itself.waited_for.len());
            assert!(left * 10 < all, "{left} of {all} left");
        }
    }

    #[test]
    fn an_order_runs_again_beside_the_first_look_at_what_decides_in_it() {
        let rule: Rule = |before, test, _| test == 5 && before.contains(&70);
        let long = |jobs| {
            let (found, answered) = hunted(rule, &[OrderKind::Given, OrderKind::Reverse], jobs);
            (found, answered.waited_for.iter().filter(|length| **length > 70).count())
        };
        let ((one_by_one, all), (ahead, left)) = (long(1), long(2));
        assert_eq!(ahead, one_by_one);
        // The orders themselves are waited for.
        assert_eq!((one_by_one.len(), all, left), (1, 4, 2));
    }
}
