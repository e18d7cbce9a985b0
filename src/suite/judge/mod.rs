//! One suspicion: is it so, which tests does it take, which state, and what helps. Where suspicions come from is `search`.

pub(crate) mod cause;
pub(crate) mod cleaner;
pub(crate) mod extra_causes;
pub(crate) mod hints;
#[cfg(test)]
pub(crate) mod mock_runner;
pub(crate) mod repair;
pub(crate) mod sighting;
pub(crate) mod suspicion;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use crate::minimize::minimize;
use crate::suite::finding::{Confirmation, HuntFinding, HuntRemedy, Kind, Tally, UNKNOWN};
use crate::suite::orders::reenters;
use crate::suite::runner::message::{Cell, Item};
use crate::suite::runner::run::{
    HuntClock, OrderRun, Probe, Repair, RunRequest, Runner, RunnerError, Scope, TestOutcome, TestRunOptions,
};
use extra_causes::NamedCause;
use repair::RepairResult;
use suspicion::Suspicion;

const TRIES: usize = 5;
const ALONE: usize = 3;
const MOST_SINGLE_CELLS: usize = 200;

/// What a test does on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alone {
    pub(crate) passed: usize,
    pub(crate) tries: usize,
    pub(crate) outcome: TestOutcome,
    pub(crate) text: String,
}

impl Alone {
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
    alone: BTreeMap<(usize, HuntClock), Alone>,
    known: Vec<Vec<usize>>,
    /// Tests that end the process whenever they run: not to be run without need.
    pub(crate) left_out: Vec<usize>,
    pub(crate) runs: usize,
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
        Self { runner, items, alone: BTreeMap::new(), known: Vec::new(), left_out: Vec::new(), runs: 0 }
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
    pub(crate) fn alone(&mut self, test: usize, timestamps: HuntClock) -> Result<Alone, RunnerError> {
        if let Some(known) = self.alone.get(&(test, timestamps)) {
            return Ok(known.clone());
        }
        let mut alone = Alone { passed: 0, tries: 0, outcome: TestOutcome::Crashed, text: String::new() };
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

    /// Looks into a suspicion that was seen `seen` times of so many. `Err` holds what was found until it was cut short.
    pub(crate) fn look_into(
        &mut self,
        suspicion: &Suspicion,
        seen: Tally,
    ) -> (HuntFinding, Option<RunnerError>) {
        let started = Instant::now();
        let runs = self.runs;
        let mut finding = self.blank(suspicion, seen);
        let halt = self.fill(suspicion, &mut finding).err();
        finding.runs = self.runs - runs;
        finding.seconds = started.elapsed().as_secs_f64();
        (finding, halt)
    }

    fn fill(&mut self, suspicion: &Suspicion, finding: &mut HuntFinding) -> Result<(), RunnerError> {
        let best = RefCell::new(suspicion.prefix.clone());
        let found = self.smallest(suspicion, &best);
        self.say_before(finding, suspicion, &best.borrow());
        let found = found?;
        self.say_before(finding, suspicion, &found);
        finding.minimal = true;
        self.confirm(suspicion, &found, finding)?;
        self.explain(suspicion, &found, finding)?;
        if suspicion.kind == Kind::Victim {
            self.find_cleaners(suspicion, &found, finding)?;
        }
        Ok(())
    }

    fn blank(&self, suspicion: &Suspicion, seen: Tally) -> HuntFinding {
        let alone = self.alone.get(&(suspicion.test, suspicion.timestamps));
        let alone = alone.map_or(Tally::NONE, |alone| match suspicion.kind {
            Kind::Brittle => Tally { hits: alone.tries - alone.passed, tries: alone.tries },
            _ => Tally { hits: alone.passed, tries: alone.tries },
        });
        let victim = self.items[suspicion.test].id.clone();
        HuntFinding::new(suspicion.kind, victim, suspicion.timestamps, Confirmation { alone, after: seen })
    }

    fn say_before(&self, finding: &mut HuntFinding, suspicion: &Suspicion, before: &[usize]) {
        let ids = Some(before.iter().map(|&test| self.items[test].id.clone()).collect());
        match suspicion.kind {
            Kind::Brittle => finding.state_setters = ids,
            _ => finding.polluters = ids,
        }
        let order: Vec<usize> = before.iter().copied().chain([suspicion.test]).collect();
        finding.reenters = reenters(self.items, &order);
    }

    /// A finding for a test that passes and fails in one and the same order.
    pub(crate) fn by_chance(&self, suspicion: &Suspicion, seen: Tally, message: String) -> HuntFinding {
        let mut finding = self.blank(suspicion, seen);
        finding.finding = Kind::Nondeterministic;
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
    fn smallest(
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

    fn confirm(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        let opposite = suspicion.opposite();
        let (mut alone, mut after) = (Tally::NONE, Tally::NONE);
        let how = TestRunOptions::plain(suspicion.timestamps);
        let both =
            [vec![suspicion.test], followed_by(before, suspicion.test)].map(|order| (order, how.clone()));
        let wanted: Vec<RunRequest> = both.iter().cycle().take(2 * TRIES).cloned().collect();
        for (number, run) in self.run_all(&wanted)?.iter().enumerate() {
            if number % 2 == 0 {
                alone = alone.with(opposite.is_shown_in(run));
                continue;
            }
            after = after.with(suspicion.is_shown_in(run));
            if let Some(ran) = run.of(suspicion.test).filter(|ran| ran.outcome.is_failure()) {
                finding.message.clone_from(&ran.text);
            }
        }
        if suspicion.kind == Kind::Brittle {
            finding.message = self.alone(suspicion.test, suspicion.timestamps)?.text;
        }
        finding.confirmed = Confirmation { alone, after };
        if !alone.is_steady() || !after.is_steady() {
            finding.finding = Kind::Nondeterministic;
        }
        Ok(())
    }

    /// Which state decides: putting it back before the test must turn its outcome round.
    fn explain(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        let state = repair::proven(MOST_SINGLE_CELLS, |scope, repair| {
            let run = self.repaired(suspicion, before, scope, repair)?;
            Ok(RepairResult { turned: suspicion.opposite().is_shown_in(&run), cells: run.cells })
        })?;
        let named = self.named(suspicion, before, &state)?;
        (finding.cause, finding.modules, finding.state) = (named.cause, named.modules.clone(), state.clone());
        if named.cause != UNKNOWN {
            finding.remedies = self.remedies(suspicion, before, &state, &named)?;
        }
        Ok(())
    }

    pub(super) fn repaired(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        scope: Scope,
        repair: Repair,
    ) -> Result<OrderRun, RunnerError> {
        let probe = Probe { before: suspicion.test, scope, repair };
        let how = TestRunOptions { probe: Some(probe), ..TestRunOptions::plain(suspicion.timestamps) };
        self.run(&followed_by(before, suspicion.test), &how)
    }

    fn remedies(
        &mut self,
        suspicion: &Suspicion,
        before: &[usize],
        state: &[Cell],
        named: &NamedCause,
    ) -> Result<Vec<HuntRemedy>, RunnerError> {
        let mut remedies = Vec::new();
        for (remedy, order) in cause::remedies(suspicion.kind, named, state, before) {
            let probe = Probe {
                before: suspicion.test,
                scope: Scope::Near,
                repair: Repair::Cells(vec![format!("cure {remedy}")]),
            };
            let how = TestRunOptions { probe: Some(probe), ..TestRunOptions::plain(suspicion.timestamps) };
            let run = self.run(&followed_by(&order, suspicion.test), &how)?;
            remedies.push(HuntRemedy { remedy, verified: run.passes(suspicion.test) });
        }
        if suspicion.kind == Kind::Victim && !state.is_empty() {
            remedies.push(cause::put_back(state));
        }
        Ok(remedies)
    }
}

fn followed_by(before: &[usize], test: usize) -> Vec<usize> {
    before.iter().copied().chain([test]).collect()
}
