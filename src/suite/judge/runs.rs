//! The runs that answer questions about tests: what a test does alone, after others, with state put back. What is asked, and in which
//! order, is for the other rooms of `judge` to say.

use std::collections::BTreeMap;
use std::time::Duration;

use super::alone_runs::AloneRuns;
use super::failing::is_alike;
use super::known::{Cleaners, KnownSets};
use super::repair::RepairResult;
use super::sighting::Sightings;
use super::suspicion::{Suspicion, followed_by};
use crate::kind::FindingKind;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::guilty::known::KnownLines;
use crate::suite::runner::cell::{NotPutBack, add_new};
use crate::suite::runner::message::Item;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::{
    HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions,
};

/// How often a test that fails alone runs alone.
pub(crate) const ALONE: usize = 3;
/// A look at what each test of a suite leaves takes about as long as so many full runs.
const LOOKS_TAKE: u32 = 4;

/// Runs tests to judge them; keeps what it has learnt.
pub(crate) struct Judge<'a, R> {
    pub(crate) runner: R,
    pub(crate) items: &'a [Item],
    alone: BTreeMap<(usize, HuntClock), AloneRuns>,
    pub(crate) known: KnownSets,
    pub(crate) cleaners: Cleaners,
    /// What failed in plain runs.
    pub(crate) sightings: Sightings,
    /// The partial results of the last runs if they were halted, by their places.
    pub(crate) cut: Vec<(usize, OrderRun)>,
    /// Tests that end the process whenever they run: not to be run without need.
    pub(crate) left_out: Vec<usize>,
    pub(crate) runs: usize,
    /// How long it took to collect the tests, and the longest plain run since: together, a full run, as far as is known.
    pub(crate) collected_in: Duration,
    longest: Duration,
    /// Whether runs were made at the same time before a test did not do the same twice.
    pub(crate) was_beside: bool,
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

impl<'a, R> Judge<'a, R> {
    /// One who knows the same, and asks another runner.
    pub(crate) fn with<S>(&self, runner: S) -> Judge<'a, S> {
        Judge {
            runner,
            items: self.items,
            alone: self.alone.clone(),
            known: self.known.clone(),
            cleaners: self.cleaners.clone(),
            sightings: self.sightings.clone(),
            cut: Vec::new(),
            left_out: self.left_out.clone(),
            runs: 0,
            collected_in: self.collected_in,
            longest: self.longest,
            was_beside: self.was_beside,
            lines: self.lines.clone(),
            not_put_back: Vec::new(),
            look_failed: None,
        }
    }
}

impl<'a, R: Runner> Judge<'a, R> {
    pub(crate) fn new(runner: R, items: &'a [Item]) -> Self {
        Self {
            runner,
            items,
            alone: BTreeMap::new(),
            known: KnownSets::default(),
            cleaners: Cleaners::default(),
            sightings: Sightings::default(),
            cut: Vec::new(),
            left_out: Vec::new(),
            runs: 0,
            collected_in: Duration::ZERO,
            longest: Duration::ZERO,
            lines: KnownLines::default(),
            was_beside: false,
            not_put_back: Vec::new(),
            look_failed: None,
        }
    }

    /// Runs an order as it is.
    pub(crate) fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        let mut runs = self.run_all(&[(order.to_vec(), how.clone())])?;
        Ok(runs.pop().unwrap_or_default())
    }

    /// Makes runs one by one from here on; says whether some were made at the same time until now. What failed alone in those may have
    /// failed for what ran beside it, and is to be asked again.
    pub(crate) fn one_by_one(&mut self) -> bool {
        let now = self.runner.one_by_one();
        self.was_beside |= now;
        if now {
            let failed = self.alone.iter().filter(|(_, alone)| !alone.passes());
            let failed: Vec<(usize, HuntClock)> = failed.map(|(key, _)| *key).collect();
            failed.into_iter().for_each(|(test, timestamps)| self.forget_alone(test, timestamps));
        }
        now
    }

    /// Runs orders that need not wait for one another. What fails in them is remembered, even if they are halted.
    pub(crate) fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        self.runs += wanted.len();
        let runs = match wanted {
            [(order, how)] => self.runner.run(order, how).map(|run| vec![run]),
            _ => self.runner.run_all(wanted),
        };
        if let Ok(runs) = &runs {
            for ((order, how), run) in wanted.iter().zip(runs) {
                self.sightings.note(run, how);
                if how.is_plain() {
                    self.longest = self.longest.max(run.took);
                    self.note_time_alone(order, how.timestamps, run.took);
                }
            }
        } else {
            self.cut = self.runner.cut();
            for (place, run) in &self.cut {
                self.sightings.note_cut(run, &wanted[*place].1);
            }
        }
        runs
    }

    fn note_time_alone(&mut self, order: &[usize], timestamps: HuntClock, took: Duration) {
        if let [test] = order
            && let Some(alone) = self.alone.get_mut(&(*test, timestamps))
            && alone.took.is_some()
        {
            alone.also_took(took);
        }
    }

    pub(crate) fn plain(&mut self, order: &[usize], timestamps: HuntClock) -> Result<OrderRun, RunnerError> {
        self.run(order, &TestRunOptions::plain(timestamps))
    }

    /// Takes over what a test did on its own in a run that somebody else made.
    pub(crate) fn ran_alone(&mut self, ran: &TestResult, timestamps: HuntClock) {
        let alone = self.alone.entry((ran.test, timestamps)).or_insert(AloneRuns::NONE);
        alone.add(Some(ran));
        self.sightings.note_alone(ran, timestamps);
    }

    /// What a test does on its own: tried more than once, unless the first time it did not end by itself, or it has passed in a run
    /// that somebody else made.
    pub(crate) fn alone(&mut self, test: usize, timestamps: HuntClock) -> Result<AloneRuns, RunnerError> {
        let mut alone = self.alone.get(&(test, timestamps)).cloned().unwrap_or(AloneRuns::NONE);
        if alone.tries >= ALONE || alone.is_enough() {
            return Ok(alone);
        }
        let wanted = (vec![test], TestRunOptions::plain(timestamps));
        if alone.tries == 0 {
            let run = self.run(&wanted.0, &wanted.1)?;
            alone.add(run.of(test));
            alone.also_took(run.took);
        }
        if alone.outcome != TestOutcome::TimedOut {
            for run in self.run_all(&vec![wanted; ALONE - alone.tries])? {
                alone.add(run.of(test));
                alone.also_took(run.took);
            }
        }
        if (1..alone.tries).contains(&alone.passed) && self.one_by_one() {
            // The same test, run at the same time, may have been in its way.
            self.forget_alone(test, timestamps);
            return self.alone(test, timestamps);
        }
        self.alone.insert((test, timestamps), alone.clone());
        Ok(alone)
    }

    /// Forgets what a test did on its own: something was in its way, or has helped it.
    pub(crate) fn forget_alone(&mut self, test: usize, timestamps: HuntClock) {
        self.alone.remove(&(test, timestamps));
        self.sightings.forget(test, timestamps);
    }

    /// Whether a test can run once after each of so many others, each in a fork of its own: that takes less than to look at what
    /// they leave, by what its shortest run alone took beside a full run of this hunt.
    pub(crate) fn runs_after_each(&self, test: usize, others: usize, timestamps: HuntClock) -> bool {
        let took = self.alone.get(&(test, timestamps)).and_then(|alone| alone.took);
        let looks = self.collected_in.saturating_add(self.longest).saturating_mul(LOOKS_TAKE);
        let fits = |(took, others): (Duration, u32)| took.saturating_mul(others) <= looks;
        took.zip(u32::try_from(others).ok()).is_some_and(fits)
    }

    /// How often the test did alone what the suspicion says of it.
    pub(crate) fn seen_alone(&self, suspicion: &Suspicion) -> Tally {
        let alone = self.alone.get(&(suspicion.test, suspicion.timestamps));
        alone.map_or(Tally::NONE, |alone| match suspicion.kind {
            FindingKind::Brittle => Tally { hits: alone.tries - alone.passed, tries: alone.tries },
            _ => Tally { hits: alone.passed, tries: alone.tries },
        })
    }

    /// A finding of which nothing is known but what the test does alone.
    pub(super) fn blank(&self, suspicion: &Suspicion, seen: Tally) -> HuntFinding {
        let alone = self.seen_alone(suspicion);
        let victim = self.items[suspicion.test].id.clone();
        let confirmed = Confirmation { alone, after: seen };
        let mut finding = HuntFinding::new(suspicion.kind, victim, suspicion.timestamps, confirmed);
        // Where the search is cut short, nothing better will be known.
        let seen = self.sightings.text_of(suspicion.test, suspicion.timestamps);
        seen.unwrap_or_default().clone_into(&mut finding.message);
        finding
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

    /// Whether the outcome of the test after these turns if something is put back before it.
    pub(super) fn put_back(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<RepairResult, RunnerError> {
        let run = self.repaired(suspicion, before, scope, repair)?;
        let turned = suspicion.opposite().is_shown_in(&run) && self.fails_as_alone(suspicion, &run);
        Ok(RepairResult { turned, cells: run.cells, not_put_back: run.not_put_back })
    }

    /// Whether a test that needs others fails in this run as it does alone: something else that is missing proves nothing.
    fn fails_as_alone(&self, suspicion: &Suspicion, run: &OrderRun) -> bool {
        let alone = self.alone.get(&(suspicion.test, suspicion.timestamps)).zip(run.of(suspicion.test));
        let is_so =
            alone.map(|(alone, ran)| alone.outcome == ran.outcome && is_alike(&alone.text, &ran.text));
        suspicion.kind != FindingKind::Brittle || is_so.unwrap_or(true)
    }

    /// The run of the test after these, with a look at state just before it.
    pub(super) fn repaired(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        scope: RepairScope,
        repair: CellRepair,
    ) -> Result<OrderRun, RunnerError> {
        // What a person could write, and what fails, is no help; taster's own look is not at fault.
        let is_own = !matches!(repair, CellRepair::Cure { .. });
        let (order, how) = suspicion.with_repair(before, scope, repair);
        let run = self.run(&order, &how)?;
        add_new(&mut self.not_put_back, &run.not_put_back);
        let failed = run.look_failed.iter().find(|_| is_own);
        self.look_failed = self.look_failed.take().or_else(|| failed.cloned());
        Ok(run)
    }
}
