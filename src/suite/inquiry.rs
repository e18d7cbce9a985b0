//! Finds suspicions in runs and follows them up. `search` chooses the orders to run, and `judge` decides whether a
//! suspicion holds.

use std::path::Path;
use std::time::Duration;

use crate::kind::FindingKind;
use crate::suite::event::{HuntEvent, HuntProgress};
use crate::suite::finding::{HuntFinding, Tally};
use crate::suite::in_place::left::FileFate;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::{Suspicion, prefix};
use crate::suite::judge::{hints, look_into};
use crate::suite::ledger::Ledger;
use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::run::{
    Branches, HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestRunOptions,
};
use crate::suite::runner::suite::Suite;

const REPEATS: usize = 1;
/// An order that takes this long is worth branches.
const LONG_TIME: Duration = Duration::from_millis(300);

/// Follows up what runs show.
pub(crate) struct Inquiry<'a, R> {
    pub(crate) judge: Judge<'a, R>,
    pub(crate) suite: &'a Suite,
    pub(crate) plan: HuntPlan,
    pub(crate) ledger: Ledger,
    watch: &'a mut dyn FnMut(HuntEvent<'_>),
}

impl<R: std::fmt::Debug> std::fmt::Debug for Inquiry<'_, R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Inquiry")
            .field("judge", &self.judge)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl<'a, R: Runner> Inquiry<'a, R> {
    pub(crate) fn new(
        runner: R,
        suite: &'a Suite,
        plan: HuntPlan,
        watch: &'a mut dyn FnMut(HuntEvent<'_>),
    ) -> Self {
        let ledger = Ledger::new(&plan, suite.items.len());
        Self { judge: Judge::new(runner, &suite.items), suite, plan, ledger, watch }
    }

    /// Passes an event to the watcher.
    pub(crate) fn tell(&mut self, event: HuntEvent<'_>) {
        (self.watch)(event);
    }

    /// Looks at an order that ran.
    pub(crate) fn look_at(
        &mut self,
        kind: OrderKind,
        (order, how): &RunRequest,
        run: &OrderRun,
    ) -> Result<(), RunnerError> {
        self.ledger.count(kind, how.timestamps);
        let before = self.ledger.findings.len();
        let ended_by_a_branch = how.branches.until.is_some()
            && how.branches.until == run.branched.last().map(|last| last.outcome);
        if ended_by_a_branch && let Some(suspicion) = hints::early(&mut self.judge, run, how.timestamps)? {
            self.ledger.see(run, how.timestamps);
            self.decide(&suspicion, Tally::ONCE)?;
        } else if ended_by_a_branch || !self.suspect(order, run, how.timestamps)? && !run.branched.is_empty()
        {
            // A branch may have left a file behind: only the order by itself can prove a negative.
            let run = self.judge.run(order, &TestRunOptions::plain(how.timestamps))?;
            self.suspect(order, &run, how.timestamps)?;
        }
        self.ledger.seen.ran(self.ledger.findings.len() > before);
        Ok(())
    }

    /// The progress of the search.
    pub(crate) fn so_far(&self) -> HuntProgress {
        HuntProgress {
            orders: self.ledger.orders.values().sum(),
            findings: self.ledger.findings.len(),
            time_left: self.plan.time_left(),
        }
    }

    fn note(&mut self, note: String) {
        if !self.ledger.notes.contains(&note) {
            (self.watch)(HuntEvent::Note { text: &note });
            self.ledger.notes.insert(note);
        }
    }

    pub(crate) fn failed_alone(&mut self, test: usize, outcome: TestOutcome) {
        self.ledger.fails_alone.insert(test);
        if matches!(outcome, TestOutcome::Crashed | TestOutcome::TimedOut) {
            self.judge.left_out.push(test);
        }
    }

    /// Looks at every outcome of a run, collects suspicions, repeats them, and follows up those that hold. Returns
    /// whether there were any.
    fn suspect(
        &mut self,
        order: &[usize],
        run: &OrderRun,
        timestamps: HuntClock,
    ) -> Result<bool, RunnerError> {
        self.ledger.see(run, timestamps);
        self.check_order(order, run);
        let mut suspicions = Vec::new();
        for (place, ran) in run.tests.iter().enumerate() {
            if self.ledger.settled.contains(&ran.test) || !self.plan.asks_for(ran.test) {
                continue;
            }
            let prefix = prefix(run, place);
            match ran.outcome {
                TestOutcome::Passed => suspicions.extend(self.passed(ran.test, prefix, timestamps)),
                TestOutcome::Skipped => {}
                _ => suspicions.extend(self.failed(ran.test, prefix, timestamps)?),
            }
        }
        suspicions.retain(|each| !self.ledger.known.contains(&(each.test, each.kind)));
        hints::find(run, &mut suspicions);
        let seen = self.repeat(run, &mut suspicions)?;
        for (suspicion, seen) in suspicions.iter().zip(seen) {
            self.decide(suspicion, seen)?;
        }
        Ok(!suspicions.is_empty())
    }

    fn passed(&mut self, test: usize, prefix: Vec<usize>, timestamps: HuntClock) -> Option<Suspicion> {
        if timestamps == self.plan.timestamps && !self.ledger.passed_after.contains_key(&test) {
            self.ledger.passed_after.insert(test, prefix.clone());
        }
        let brittle = self.ledger.fails_alone.contains(&test) && timestamps == self.plan.timestamps;
        brittle.then_some(Suspicion { test, kind: FindingKind::Brittle, prefix, timestamps, lead: None })
    }

    fn failed(
        &mut self,
        test: usize,
        prefix: Vec<usize>,
        timestamps: HuntClock,
    ) -> Result<Option<Suspicion>, RunnerError> {
        let main = timestamps == self.plan.timestamps;
        if self.ledger.fails_alone.contains(&test) || (!main && self.ledger.frozen_only.contains(&test)) {
            return Ok(None);
        }
        let alone = self.judge.alone(test, timestamps)?;
        if alone.passes() {
            return Ok(Some(Suspicion { test, kind: FindingKind::Victim, prefix, timestamps, lead: None }));
        }
        if !alone.fails() {
            if alone.passed > 0 {
                let suspicion = Suspicion { test, kind: FindingKind::Victim, prefix, timestamps, lead: None };
                let finding = self.judge.by_chance(
                    &suspicion,
                    Tally { hits: alone.passed, tries: alone.tries },
                    alone.text,
                );
                self.found(test, finding);
            }
            return Ok(None);
        }
        if !main {
            self.ledger.frozen_only.insert(test);
            return Ok(None);
        }
        self.failed_alone(test, alone.outcome);
        let passed_after = self.ledger.passed_after.get(&test).cloned();
        Ok(passed_after.map(|prefix| Suspicion {
            test,
            kind: FindingKind::Brittle,
            prefix,
            timestamps,
            lead: None,
        }))
    }

    /// Counts how often each suspicion recurs when its order runs again; one repetition serves all suspicions of this
    /// run.
    fn repeat(&mut self, run: &OrderRun, suspicions: &mut [Suspicion]) -> Result<Vec<Tally>, RunnerError> {
        let mut seen = vec![Tally::ONCE; suspicions.len()];
        if !self.plan.victims.is_empty() {
            return Ok(seen); // somebody has seen it before; what confirms the answer comes at the end
        }
        let order = run.order();
        let from_here = |suspicion: &Suspicion| {
            let end = order.iter().position(|test| *test == suspicion.test)?;
            order[..end].ends_with(&suspicion.prefix).then_some(end)
        };
        let shared = suspicions.iter().filter_map(from_here).max();
        for _ in 0..REPEATS {
            let again = match (shared, suspicions.first()) {
                (Some(end), Some(first)) => {
                    let timestamps = first.timestamps;
                    Some(self.again(&order[..=end], timestamps, run.took > LONG_TIME, suspicions)?)
                }
                _ => None,
            };
            for (suspicion, seen) in suspicions.iter().zip(&mut seen) {
                let own = if let (Some(again), Some(_)) = (&again, from_here(suspicion)) {
                    suspicion.is_shown_in(again)
                } else {
                    let order: Vec<usize> =
                        suspicion.prefix.iter().copied().chain([suspicion.test]).collect();
                    suspicion
                        .is_shown_in(&self.judge.run(&order, &TestRunOptions::plain(suspicion.timestamps))?)
                };
                *seen = seen.with(own);
            }
        }
        Ok(seen)
    }

    /// Runs an order again; with branches, if it is long, to get leads for its suspicions.
    fn again(
        &mut self,
        order: &[usize],
        timestamps: HuntClock,
        long: bool,
        suspicions: &mut [Suspicion],
    ) -> Result<OrderRun, RunnerError> {
        let plain = TestRunOptions::plain(timestamps);
        let tests = suspicions.iter().map(|suspicion| suspicion.test).collect();
        let branches =
            if long { hints::branches(&self.suite.items, tests, order) } else { Branches::default() };
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

    fn decide(&mut self, suspicion: &Suspicion, seen: Tally) -> Result<(), RunnerError> {
        let id = &self.suite.items[suspicion.test].id;
        if self.ledger.settled.contains(&suspicion.test) {
            return Ok(());
        }
        if !seen.is_steady() {
            let message = format!("seen {} of {} times in one and the same order", seen.hits, seen.tries);
            let finding = self.judge.by_chance(suspicion, seen, message);
            self.found(suspicion.test, finding);
            return Ok(());
        }
        let so_far = self.so_far();
        (self.watch)(HuntEvent::Suspicion { test: id, so_far });
        let (finding, halt) = look_into(&mut self.judge, suspicion, seen);
        self.found(suspicion.test, finding);
        halt.map_or(Ok(()), Err)
    }

    fn found(&mut self, test: usize, finding: HuntFinding) {
        for note in finding.notes() {
            self.note(note);
        }
        let so_far = HuntProgress { findings: self.ledger.findings.len() + 1, ..self.so_far() };
        (self.watch)(HuntEvent::Found { finding: &finding, so_far });
        self.ledger.settled.insert(test);
        self.ledger.fails_alone.remove(&test);
        self.ledger.findings.push(finding);
    }

    fn check_order(&mut self, wanted: &[usize], run: &OrderRun) {
        let ran = run.order();
        if ran != wanted {
            self.note(format!(
                "the tests did not run in the order asked for ({} of {} ran; a plugin?); what really ran is what counts",
                ran.len(),
                wanted.len()
            ));
        }
        for left in &run.left_behind {
            if left.fate == FileFate::Apart {
                self.ledger.written_apart.insert(left.path.clone());
            } else {
                self.note(left.sentence(Path::new(&self.suite.about.root)));
            }
        }
    }
}
