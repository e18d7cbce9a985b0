//! The runs that answer questions about tests, for all who judge: what a test does alone, after others, with state put back; and
//! which of the tests before it decide. What is asked, and in which order, is for the other rooms of `judge` to say.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::suspicion::{Suspicion, followed_by};
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::guilty::known::KnownLines;
use crate::suite::runner::cell::NotPutBack;
use crate::suite::runner::message::Item;
use crate::suite::runner::probe::{CellRepair, Probe, RepairScope};
use crate::suite::runner::run::{
    HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestRunOptions,
};

const ALONE: usize = 3;

/// What a test does on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AloneRuns {
    pub(crate) passed: usize,
    pub(crate) tries: usize,
    pub(crate) outcome: TestOutcome,
    pub(crate) text: String,
}

impl AloneRuns {
    pub(crate) fn passes(&self) -> bool {
        self.passed == self.tries
    }

    pub(crate) fn fails(&self) -> bool {
        self.passed == 0 && self.outcome.is_failure()
    }
}

/// Runs tests to judge them; keeps what it has learnt.
pub(crate) struct Judge<'a, R> {
    pub(crate) runner: R,
    pub(crate) items: &'a [Item],
    alone: BTreeMap<(usize, HuntClock), AloneRuns>,
    known: Vec<Vec<usize>>,
    /// Tests that end the process whenever they run: not to be run without need.
    pub(crate) left_out: Vec<usize>,
    pub(crate) runs: usize,
    /// The lines that changed state, as far as they were sought.
    pub(crate) lines: KnownLines,
    /// Cells that could not be put back since somebody asked.
    pub(super) not_put_back: Vec<NotPutBack>,
    /// The exception that ended a look at the state since somebody asked.
    pub(super) look_failed: Option<String>,
}

impl<R: std::fmt::Debug> std::fmt::Debug for Judge<'_, R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Judge")
            .field("runner", &self.runner)
            .field("runs", &self.runs)
            .finish_non_exhaustive()
    }
}

impl<'a, R: Runner> Judge<'a, R> {
    pub(crate) fn new(runner: R, items: &'a [Item]) -> Self {
        Self {
            runner,
            items,
            alone: BTreeMap::new(),
            known: Vec::new(),
            left_out: Vec::new(),
            runs: 0,
            lines: KnownLines::default(),
            not_put_back: Vec::new(),
            look_failed: None,
        }
    }

    /// Runs an order as it is.
    pub(crate) fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        self.runs += 1;
        self.runner.run(order, how)
    }

    /// Runs orders that need not wait for one another.
    pub(crate) fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        self.runs += wanted.len();
        self.runner.run_all(wanted)
    }

    pub(crate) fn plain(&mut self, order: &[usize], timestamps: HuntClock) -> Result<OrderRun, RunnerError> {
        self.run(order, &TestRunOptions::plain(timestamps))
    }

    /// What a test does on its own: tried more than once, unless the first time it did not end by itself.
    pub(crate) fn alone(&mut self, test: usize, timestamps: HuntClock) -> Result<AloneRuns, RunnerError> {
        if let Some(known) = self.alone.get(&(test, timestamps)) {
            return Ok(known.clone());
        }
        let mut alone = AloneRuns { passed: 0, tries: 0, outcome: TestOutcome::Crashed, text: String::new() };
        let wanted = (vec![test], TestRunOptions::plain(timestamps));
        let mut runs = vec![self.run(&wanted.0, &wanted.1)?];
        if runs[0].of(test).is_none_or(|ran| ran.outcome != TestOutcome::TimedOut) {
            runs.extend(self.run_all(&vec![wanted; ALONE - 1])?);
        }
        for run in &runs {
            alone.tries += 1;
            alone.passed += usize::from(run.passes(test));
            if let Some(ran) = run.of(test) {
                (alone.outcome, alone.text) = (ran.outcome, ran.text.clone());
            }
        }
        self.alone.insert((test, timestamps), alone.clone());
        Ok(alone)
    }

    /// A finding of which nothing is known but what the test does alone.
    pub(super) fn blank(&self, suspicion: &Suspicion, seen: Tally) -> HuntFinding {
        let alone = self.alone.get(&(suspicion.test, suspicion.timestamps));
        let alone = alone.map_or(Tally::NONE, |alone| match suspicion.kind {
            FindingKind::Brittle => Tally { hits: alone.tries - alone.passed, tries: alone.tries },
            _ => Tally { hits: alone.passed, tries: alone.tries },
        });
        let victim = self.items[suspicion.test].id.clone();
        HuntFinding::new(suspicion.kind, victim, suspicion.timestamps, Confirmation { alone, after: seen })
    }

    /// A finding for a test that passes and fails in one and the same order.
    pub(crate) fn by_chance(&self, suspicion: &Suspicion, seen: Tally, message: String) -> HuntFinding {
        let mut finding = self.blank(suspicion, seen);
        finding.finding = FindingKind::Nondeterministic;
        finding.message = message;
        finding.runs = seen.tries;
        finding
    }

    /// Whether the test does, after these, what the suspicion says.
    pub(crate) fn shows(&mut self, suspicion: &Suspicion, before: &[usize]) -> Result<bool, RunnerError> {
        let run = self.plain(&followed_by(before, suspicion.test), suspicion.timestamps)?;
        Ok(suspicion.is_shown_in(&run))
    }

    /// A minimal ordered set of tests that decides the outcome; `best` always holds the smallest that was seen to.
    pub(super) fn smallest(
        &mut self,
        suspicion: &Suspicion,
        best: &RefCell<Vec<usize>>,
    ) -> Result<Vec<usize>, RunnerError> {
        for known in self.known.clone() {
            let applies = known.iter().all(|test| suspicion.prefix.contains(test));
            if applies && self.shows(suspicion, &known)? {
                best.replace(known.clone());
                return if known.len() == 1 {
                    Ok(known)
                } else {
                    minimize(&known, |part| self.shows(suspicion, part))
                };
            }
        }
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
        let found = minimize(smaller.unwrap_or(&suspicion.prefix), &mut shows)?;
        if !self.known.contains(&found) {
            self.known.push(found.clone());
        }
        Ok(found)
    }

    /// The run of the test after these, with a look at state just before it.
    pub(super) fn repaired(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<OrderRun, RunnerError> {
        let probe = Probe { before: suspicion.test, scope, repair };
        let how = TestRunOptions { probe: Some(probe), ..TestRunOptions::plain(suspicion.timestamps) };
        let run = self.run(&followed_by(before, suspicion.test), &how)?;
        add_new(&mut self.not_put_back, &run.not_put_back);
        self.look_failed = self.look_failed.take().or_else(|| run.look_failed.clone());
        Ok(run)
    }
}

/// Adds cells that could not be put back, each once.
pub(crate) fn add_new(known: &mut Vec<NotPutBack>, more: &[NotPutBack]) {
    for each in more {
        if !known.iter().any(|one| one.cell == each.cell) {
            known.push(each.clone());
        }
    }
}
