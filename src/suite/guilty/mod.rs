//! The guilty line: where the polluter changed the state that decides, and where the victim fails.
//!
//! The tests run once more, and the plugin looks at the proven cells at each line of own code (`plugin/trace.py`). A
//! line is told only if the cell had another value before it, in a run that had the outcome of the finding.

pub(crate) mod known;

use crate::kind::FindingKind;
use crate::suite::judge::prove::Proven;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::{Suspicion, followed_by};
use crate::suite::runner::probe::RepairScope;
use crate::suite::runner::run::{OrderRun, Runner, RunnerError, TestOutcome, TestRunOptions};
use crate::suite::runner::trace::{EventWindow, LineTrace, TracedCell, TracedChange};
use known::{Told, say, told};

/// How often a change is narrowed down.
const MOST_RUNS: usize = 4;

/// Adds the lines to a finding: where its state changed, if that is proven, and where its test fails.
pub(crate) fn find<R: Runner>(
    judge: &mut Judge<'_, R>,
    Proven { suspicion, before, finding }: &mut Proven,
) -> Result<(), RunnerError> {
    let cells: Vec<TracedCell> = finding.state.iter().map(TracedCell::of).collect();
    let mut search = LineSearch { judge, suspicion, before, victim_run: None };
    if cells.iter().any(|cell| search.judge.lines.of(before, cell).is_none()) {
        search.seek(&cells)?;
    }
    finding.victim_at = search.victims_run()?.failed_at(suspicion.test).cloned();
    let known = |cell| judge.lines.of(before, cell).cloned();
    say(finding, cells.iter().filter_map(known));
    Ok(())
}

/// The search for the lines behind one finding.
struct LineSearch<'s, 'a, R> {
    judge: &'s mut Judge<'a, R>,
    suspicion: &'s Suspicion,
    before: &'s [usize],
    /// A run in which the test fails.
    victim_run: Option<OrderRun>,
}

impl<R: Runner> LineSearch<'_, '_, R> {
    /// Watches the tests run, and remembers what is told of these cells.
    fn seek(&mut self, cells: &[TracedCell]) -> Result<(), RunnerError> {
        for scope in [RepairScope::Near, RepairScope::Wide] {
            let run = self.watched(scope, cells.to_vec(), None)?;
            let shows = self.suspicion.is_shown_in(&run);
            let is_unseen = run.traced.iter().any(TracedChange::is_unseen);
            if shows && is_unseen && scope == RepairScope::Near {
                continue;
            }
            for cell in cells {
                let told = if shows { self.narrowed(scope, cell, &run)? } else { Err(self.turned(&run)) };
                self.judge.lines.add(self.before, cell, told);
            }
            self.victim_run = Some(run).filter(|_| shows && self.suspicion.kind != FindingKind::Brittle);
            break;
        }
        Ok(())
    }

    /// What is told of one cell, after as many more runs as it takes to know the line.
    fn narrowed(
        &mut self,
        scope: RepairScope,
        cell: &TracedCell,
        run: &OrderRun,
    ) -> Result<Told, RunnerError> {
        let mut traced = run.traced.clone();
        for _ in 0..MOST_RUNS {
            let change = traced.iter().find(|change| change.cell == cell.name);
            let Some(window) = change.and_then(|change| change.window) else { break };
            let run = self.watched(scope, vec![cell.clone()], Some(window))?;
            if !self.suspicion.is_shown_in(&run) {
                return Ok(Err(self.turned(&run)));
            }
            traced = run.traced;
        }
        Ok(told(cell, &traced))
    }

    fn watched(
        &mut self,
        scope: RepairScope,
        cells: Vec<TracedCell>,
        window: Option<EventWindow>,
    ) -> Result<OrderRun, RunnerError> {
        let trace = LineTrace { before: self.suspicion.test, scope, cells, window };
        let how = TestRunOptions { trace: Some(trace), ..TestRunOptions::plain(self.suspicion.timestamps) };
        self.judge.run(&followed_by(self.before, self.suspicion.test), &how)
    }

    /// A run in which the test fails: a brittle one alone, a victim after the others.
    fn victims_run(&mut self) -> Result<OrderRun, RunnerError> {
        if let Some(run) = self.victim_run.take() {
            return Ok(run);
        }
        let before = if self.suspicion.kind == FindingKind::Brittle { &[] } else { self.before };
        self.judge.plain(&followed_by(before, self.suspicion.test), self.suspicion.timestamps)
    }

    /// Why a watched run with another outcome tells nothing.
    fn turned(&self, run: &OrderRun) -> String {
        let lasts = |outcome| !matches!(outcome, TestOutcome::Crashed | TestOutcome::TimedOut);
        let all = self.before.iter().all(|&test| run.of(test).is_some_and(|ran| lasts(ran.outcome)));
        let why = if all {
            "the outcome is another one while each line is watched"
        } else {
            "the tests do not end by themselves while each line is watched"
        };
        why.to_owned()
    }
}
