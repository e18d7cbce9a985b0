//! What explained one test that a polluter decides, tried on another one: whether the same cells decide, the same cures help and the
//! same cleaners clean. Each of these is run for the other test too; nothing is taken over unseen.

use super::cause::NamedCause;
use super::extra_causes;
use super::prove::Proven;
use super::remedies::say_cause;
use super::repair::names;
use super::runs::Judge;
use super::suspicion::followed_by;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::{HuntClock, RunRequest, Runner, RunnerError, TestRunOptions};

/// So many of the tests that clean for one are tried for another.
const MOST_CLEANERS: usize = 5;

/// What explained a finding.
#[derive(Debug, Clone)]
pub(crate) struct Explained {
    test: usize,
    kind: FindingKind,
    before: Vec<usize>,
    timestamps: HuntClock,
    pub(super) scope: RepairScope,
    /// The cells that decide, or none if none are known to.
    pub(super) state: Vec<Cell>,
    pub(super) cause: Cause,
    pub(super) modules: Vec<String>,
    /// The tests that clean.
    pub(super) cleaners: Vec<usize>,
}

impl Explained {
    pub(super) fn new(proven: &Proven, scope: RepairScope, state: Vec<Cell>, named: NamedCause) -> Self {
        Self {
            test: proven.suspicion.test,
            kind: proven.suspicion.kind,
            before: proven.before.clone(),
            timestamps: proven.suspicion.timestamps,
            scope,
            state,
            cause: named.cause,
            modules: named.modules,
            cleaners: Vec::new(),
        }
    }

    /// Whether it is about the same tests that run before, with the same effect under the same times.
    pub(crate) fn is_about(&self, proven: &Proven) -> bool {
        let Proven { suspicion, before, .. } = proven;
        (&self.before, self.kind, self.timestamps) == (before, suspicion.kind, suspicion.timestamps)
    }

    /// Whether it says why this test fails after some of these, under the times of the finding.
    pub(super) fn is_about_test(&self, test: usize, before: &[usize], proven: &Proven) -> bool {
        let is_so = (self.test, self.kind, self.timestamps)
            == (test, FindingKind::Victim, proven.suspicion.timestamps);
        is_so && !self.state.is_empty() && self.before.iter().all(|each| before.contains(each))
    }
}

/// The explanation that holds for this finding too, with the cells that decide here.
pub(super) fn that_holds<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    known: &[Explained],
) -> Result<Option<(Explained, Vec<Cell>)>, RunnerError> {
    for like in known.iter().filter(|each| !each.state.is_empty()) {
        let mut seen = Vec::new();
        let mut turns = |cells: &[Cell]| {
            let repair = CellRepair::Cells { names: names(cells) };
            let result = judge.put_back(&proven.suspicion, &proven.before, like.scope, repair)?;
            let proves = result.proves();
            seen = result.cells;
            Ok::<bool, RunnerError>(proves)
        };
        if !turns(&like.state)? {
            continue;
        }
        let smallest = minimize(&like.state, turns)?;
        // The values are those that this test would see.
        let state: Vec<Cell> = smallest
            .iter()
            .filter_map(|cell| seen.iter().find(|each| each.cell == cell.cell))
            .cloned()
            .collect();
        if !smallest.is_empty() && state.len() == smallest.len() {
            return Ok(Some((like.clone(), state)));
        }
    }
    Ok(None)
}

/// Says of a finding what was said of the other one, as far as it holds.
pub(super) fn follow<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    like: &Explained,
    state: &[Cell],
) -> Result<(), RunnerError> {
    let named = named_like(judge, proven, like, state)?;
    say_cause(judge, proven, &named, state)?;
    if proven.suspicion.kind == FindingKind::Victim {
        clean(judge, proven, like)?;
    }
    Ok(())
}

/// The cause: the same polluter and the same cells have the same one, unless it depends on what the test itself imports.
fn named_like<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &Proven,
    like: &Explained,
    state: &[Cell],
) -> Result<NamedCause, RunnerError> {
    let depends =
        like.cause != Cause::ChangedState || !like.modules.is_empty() || state.len() < like.state.len();
    if depends {
        return extra_causes::named(judge, &proven.suspicion, &proven.before, state);
    }
    Ok(NamedCause { cause: like.cause, modules: Vec::new() })
}

/// Tries the tests that clean for the other one, and the other one itself.
pub(super) fn clean<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    like: &Explained,
) -> Result<(), RunnerError> {
    let Proven { suspicion, before, finding } = proven;
    let candidates = like.cleaners.iter().chain([&like.test]).copied();
    let candidates: Vec<usize> = candidates
        .filter(|test| *test != suspicion.test && !before.contains(test))
        .take(MOST_CLEANERS)
        .collect();
    let how = TestRunOptions::plain(suspicion.timestamps);
    let order = |cleaner: &usize| followed_by(&followed_by(before, *cleaner), suspicion.test);
    let wanted: Vec<RunRequest> = candidates.iter().map(|cleaner| (order(cleaner), how.clone())).collect();
    let runs = judge.run_all(&wanted)?;
    let cleaners = candidates.iter().zip(&runs).filter(|(_, run)| run.passes(suspicion.test));
    finding.cleaners = cleaners.map(|(&cleaner, _)| judge.items[cleaner].id.clone()).collect();
    // Those that do not clean for the other one were not tried here.
    finding.more_cleaners = true;
    Ok(())
}
