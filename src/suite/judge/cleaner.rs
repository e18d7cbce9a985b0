//! Tests that put right what polluters left, when they run in between. That there are polluters is known before.

use std::collections::BTreeSet;

use super::known::{CellChangers, add_changers};
use super::prove::Proven;
use super::runs::Judge;
use super::suspicion::Suspicion;
use crate::minimize::one_by_halves;
use crate::suite::runner::cell::{Cell, CellKind};
use crate::suite::runner::run::{
    OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions,
};
use crate::suite::runner::surveyed::SurveyOptions;

const MOST_CLEANERS: usize = 20;
/// So many tests of other files than those of the finding are tried at most.
const MOST_FAR: usize = 100;
/// To look at what so many tests change takes longer than all else that a finding takes.
const MOST_SURVEYED: usize = 500;

/// The tests that may be cleaners, if state tells: all tests ran in the state that the only polluter leaves, and these
/// changed what decides. Without a proven state, or where runs are no forks, nobody knows; nor for a fixture, which a test of another
/// group cleans up by its place alone: pytest tears the fixture down before it. Before that is sought, all candidates run at once.
fn by_state<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    candidates: &[usize],
) -> Result<Option<Vec<usize>>, RunnerError> {
    let [polluter] = proven.before[..] else { return Ok(None) };
    let is_fixture = |cell: &Cell| cell.kind == CellKind::Fixture;
    if proven.finding.state.is_empty() || proven.finding.state.iter().any(is_fixture) {
        return Ok(None);
    }
    if !judge.cleaners.are_known(polluter) {
        if candidates.len() > MOST_SURVEYED {
            return Ok(None);
        }
        if candidates.is_empty() || !cleans(judge, proven, candidates)? {
            return Ok(Some(Vec::new()));
        }
        let others =
            (0..judge.items.len()).filter(|test| *test != polluter && !judge.left_out.contains(test));
        let survey =
            SurveyOptions { look: true, together: true, then: others.collect(), ..SurveyOptions::default() };
        let timestamps = proven.suspicion.timestamps;
        let how = TestRunOptions { survey: Some(survey), ..TestRunOptions::plain(timestamps) };
        let run = judge.run(&[polluter], &how)?;
        let left = run.surveyed.iter().filter_map(|state| state.left.as_ref()).flat_map(|left| &left.cells);
        let mut changers: CellChangers = left.map(|left| (left.cell.cell.clone(), BTreeSet::new())).collect();
        if changers.is_empty() {
            return Ok(None);
        }
        run.surveyed.iter().for_each(|state| add_changers(&mut changers, &state.changed));
        judge.cleaners.note(polluter, changers);
    }
    let victim = proven.suspicion.test;
    let known = judge.cleaners.of(polluter, &proven.finding.state);
    Ok(known.map(|tests| tests.into_iter().filter(|test| *test != victim).collect()))
}

/// The tests that may stand between the last polluter and the victim; those that did so when it failed are no cleaners.
fn candidates<R>(judge: &Judge<'_, R>, Proven { suspicion, before, .. }: &Proven) -> Vec<usize> {
    let last = before.last().and_then(|last| suspicion.prefix.iter().position(|test| test == last));
    let between = last.map_or(&[][..], |last| &suspicion.prefix[last..]);
    (0..judge.items.len())
        .filter(|test| *test != suspicion.test && !before.contains(test) && !between.contains(test))
        .filter(|test| !judge.left_out.contains(test))
        .collect()
}

/// Whether the victim passes if this group runs between the polluters and it.
fn cleans<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    group: &[usize],
) -> Result<bool, RunnerError> {
    let (order, how) = between(proven, group);
    Ok(judge.run(&order, &how)?.passes(proven.suspicion.test))
}

/// The run of a group between the polluters and the victim.
fn between(Proven { suspicion, before, .. }: &Proven, group: &[usize]) -> RunRequest {
    let order = before.iter().chain(group).copied().chain([suspicion.test]).collect();
    (order, TestRunOptions::plain(suspicion.timestamps))
}

/// The tests among these after which the victim passes, each run in a fork of its own between the polluters and the victim.
/// `None` if that takes too long, or where runs are no forks.
fn one_by_one<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    candidates: &[usize],
) -> Result<Option<Vec<usize>>, RunnerError> {
    let Suspicion { test: victim, timestamps, .. } = proven.suspicion;
    if candidates.is_empty() || !judge.runs_after_each(victim, candidates.len(), timestamps) {
        return Ok(None);
    }
    let survey = SurveyOptions {
        together: true,
        then: candidates.to_vec(),
        last: Some(victim),
        ..SurveyOptions::default()
    };
    let how = TestRunOptions { survey: Some(survey), ..TestRunOptions::plain(timestamps) };
    let run = judge.run(&proven.before, &how)?;
    // The polluters may decide more than this victim.
    for ran in run.surveyed.iter().flat_map(|state| &state.then).filter(|ran| ran.test != victim) {
        judge.sightings.note_after(&proven.before, ran, timestamps);
    }
    let after_each = run.surveyed.iter().flat_map(|state| state.then.windows(2));
    let passes = |two: &&[TestResult]| two[1].test == victim && two[1].outcome == TestOutcome::Passed;
    let mut found: Vec<usize> = after_each.filter(passes).map(|two| two[0].test).collect();
    found.sort_unstable();
    Ok((!run.surveyed.is_empty()).then_some(found))
}

/// Adds tests that, run between the last polluter and the victim, make the victim pass: groups are tried before members. Returns
/// them too.
pub(super) fn find<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
) -> Result<Vec<usize>, RunnerError> {
    let candidates = candidates(judge, proven);
    let is_surveyed = matches!(proven.before[..], [polluter] if judge.cleaners.are_known(polluter));
    if !is_surveyed && let Some(found) = one_by_one(judge, proven, &candidates)? {
        let ids = found.iter().take(MOST_CLEANERS).map(|&test| judge.items[test].id.clone());
        proven.finding.cleaners = ids.collect();
        proven.finding.more_cleaners = found.len() > MOST_CLEANERS;
        return Ok(found);
    }
    let by_state = by_state(judge, proven, &candidates)?;
    let Proven { suspicion, before, .. } = &*proven;
    let mut cleaners = Vec::new();
    // Those who share a file are the likely ones: apart from the rest, the rest is often done with in one run.
    let file = |test: usize| &judge.items[test].file;
    let near = |test: &usize| before.iter().chain([&suspicion.test]).any(|each| file(*each) == file(*test));
    let (near, mut far): (Vec<usize>, Vec<usize>) = candidates.into_iter().partition(near);
    // The rest of a large suite takes longer than all else that a finding takes: one of it is enough.
    let more_cleaners = by_state.is_none() && far.len() > MOST_FAR;
    let rest = if more_cleaners { std::mem::take(&mut far) } else { Vec::new() };
    let mut groups = match by_state {
        Some(tests) => tests.into_iter().rev().map(|test| vec![test]).collect(),
        None if more_cleaners => vec![near],
        None => vec![far, near],
    };
    proven.finding.more_cleaners = more_cleaners;
    while let Some(group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        if cleaners.len() >= MOST_CLEANERS {
            proven.finding.more_cleaners = true;
            break;
        }
        if !cleans(judge, proven, &group)? {
            continue;
        }
        if let [cleaner] = group[..] {
            proven.finding.cleaners.push(judge.items[cleaner].id.clone());
            cleaners.push(cleaner);
            continue;
        }
        let (first, second) = group.split_at(group.len() / 2);
        groups.push(second.to_vec());
        groups.push(first.to_vec());
    }
    if cleaners.is_empty()
        && let Some(half) = half_that_cleans(judge, proven, &rest)?
        && let Some(cleaner) = one_by_halves(half, |part| cleans(judge, proven, part))?
    {
        proven.finding.cleaners.push(judge.items[cleaner].id.clone());
        cleaners.push(cleaner);
    }
    Ok(cleaners)
}

/// The half of these tests with which the victim passes: both are asked at once, and that takes about one run of all of them.
fn half_that_cleans<'t, R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    tests: &'t [usize],
) -> Result<Option<&'t [usize]>, RunnerError> {
    let (first, second) = tests.split_at(tests.len() / 2);
    let halves: Vec<&[usize]> = [first, second].into_iter().filter(|half| !half.is_empty()).collect();
    let wanted: Vec<RunRequest> = halves.iter().map(|half| between(proven, half)).collect();
    let runs = judge.run_all(&wanted)?;
    let passes = |(_, run): &(&[usize], &OrderRun)| run.passes(proven.suspicion.test);
    Ok(halves.into_iter().zip(&runs).find(passes).map(|(half, _)| half))
}
