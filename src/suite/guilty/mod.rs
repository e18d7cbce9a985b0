//! The guilty line: where the polluter changed the state that decides, and where the victim fails.
//!
//! The tests run once more, and the plugin looks at the proven cells at each line of own code (`plugin/trace.py`). A
//! line is told only if the cell had another value before it, in a run that had the outcome of the finding.

pub(crate) mod known;

use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::{Suspicion, followed_by};
use crate::suite::runner::probe::RepairScope;
use crate::suite::runner::run::{OrderRun, Runner, RunnerError, TestOutcome, TestRunOptions};
use crate::suite::runner::source_line::GuiltyLine;
use crate::suite::runner::trace::{EventWindow, Trace, TracedCell, TracedChange};
use known::Told;

/// How often a change is narrowed down.
const MOST_RUNS: usize = 4;

/// Adds the lines to a finding: where its state changed, if that is proven, and where its test fails.
pub(crate) fn find<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    finding: &mut HuntFinding,
) -> Result<(), RunnerError> {
    let wanted: Vec<TracedCell> = finding.state.iter().map(TracedCell::of).collect();
    for cell in &wanted {
        if judge.lines.of(before, cell).is_none() {
            seek(judge, suspicion, before, &wanted, finding)?;
        }
    }
    let told = wanted.iter().filter_map(|cell| judge.lines.of(before, cell));
    for (cell, told) in finding.state.iter_mut().zip(told) {
        match told {
            Ok(line) => cell.changed_at = Some(line.clone()),
            Err(why) => finding.guilty_unknown = Some(why.clone()),
        }
    }
    finding.guilty = finding.state.iter().find_map(|cell| cell.changed_at.clone());
    if finding.guilty.is_some() {
        finding.guilty_unknown = None;
    }
    if finding.victim_at.is_none() {
        let before = if suspicion.kind == FindingKind::Brittle { &[] } else { before };
        let run = judge.plain(&followed_by(before, suspicion.test), suspicion.timestamps)?;
        finding.victim_at = run.failed_at(suspicion.test).cloned();
    }
    Ok(())
}

/// Watches the tests run, and remembers what is told of these cells.
fn seek<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    cells: &[TracedCell],
    finding: &mut HuntFinding,
) -> Result<(), RunnerError> {
    for scope in [RepairScope::Near, RepairScope::Wide] {
        let run = watched(
            judge,
            suspicion,
            before,
            Trace { before: suspicion.test, scope, cells: cells.to_vec(), window: None },
        )?;
        if suspicion.kind != FindingKind::Brittle {
            finding.victim_at = run.failed_at(suspicion.test).cloned();
        }
        let shows = suspicion.is_shown_in(&run);
        let is_unseen = |cell: &TracedCell| {
            run.traced.iter().any(|change| change.cell == cell.name && change.is_unseen())
        };
        if shows && scope == RepairScope::Near && cells.iter().any(is_unseen) {
            continue;
        }
        for cell in cells {
            let told = if shows {
                narrowed(judge, suspicion, before, scope, cell, &run)?
            } else {
                Err(turned(&run, before))
            };
            judge.lines.add(before, cell, told);
        }
        break;
    }
    Ok(())
}

/// What is told of one cell, after as many more runs as it takes to know the line.
fn narrowed<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    scope: RepairScope,
    cell: &TracedCell,
    run: &OrderRun,
) -> Result<Told, RunnerError> {
    let mut told = change_of(cell, run);
    for _ in 0..MOST_RUNS {
        let window = match told {
            Change::Line(line) => return Ok(Ok(line)),
            Change::Nothing(why) => return Ok(Err(why)),
            Change::Between(window) => window,
        };
        let trace = Trace { before: suspicion.test, scope, cells: vec![cell.clone()], window: Some(window) };
        let run = watched(judge, suspicion, before, trace)?;
        told = change_of(cell, &run);
    }
    Ok(Err("looking at this cell takes too long".to_owned()))
}

/// What a watched run says of one cell.
enum Change {
    Line(GuiltyLine),
    Between(EventWindow),
    Nothing(String),
}

fn change_of(cell: &TracedCell, run: &OrderRun) -> Change {
    let told = run.traced.iter().find(|change| change.cell == cell.name).cloned();
    match told {
        Some(TracedChange { line: Some(line), .. }) => Change::Line(line),
        Some(TracedChange { window: Some(window), .. }) => Change::Between(window),
        Some(TracedChange { why: Some(why), .. }) => Change::Nothing(why),
        _ => Change::Nothing("it was not seen when the tests ran again".to_owned()),
    }
}

fn watched<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    trace: Trace,
) -> Result<OrderRun, RunnerError> {
    let how = TestRunOptions { trace: Some(trace), ..TestRunOptions::plain(suspicion.timestamps) };
    judge.run(&followed_by(before, suspicion.test), &how)
}

/// Why a watched run tells nothing.
fn turned(run: &OrderRun, before: &[usize]) -> String {
    let ended = before.iter().find(|&&test| {
        run.of(test).is_none_or(|ran| matches!(ran.outcome, TestOutcome::Crashed | TestOutcome::TimedOut))
    });
    match ended {
        Some(_) => "the tests do not end by themselves while each of their lines is watched".to_owned(),
        None => "the outcome is another one while each line is watched".to_owned(),
    }
}
