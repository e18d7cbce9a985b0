//! Whether the state of a global generator of random numbers decides an outcome, and with which seeds a test passes.

use super::repair::RepairResult;
use super::runs::Judge;
use super::suspicion::Suspicion;
use crate::suite::runner::cell::{CellKind, CellName};
use crate::suite::runner::probe::{CellRepair, Cure, RepairScope};
use crate::suite::runner::run::{RunRequest, Runner, RunnerError};

/// The generators, by their cells.
pub(crate) const GENERATORS: [&str; 3] =
    ["random.getstate()", "numpy.random.get_state()", "torch.random.get_rng_state()"];
/// Seeds that are as good as others.
pub(crate) const SEEDS: [i64; 6] = [0, 1, 2, 3, 4, 5];

/// Whether the outcome of a test turns if nothing but the generators gets the state back that they have when it runs alone.
pub(super) fn decides<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
) -> Result<bool, RunnerError> {
    let mut put_back = |repair| judge.put_back(suspicion, &suspicion.prefix, RepairScope::Near, repair);
    let tried: RepairResult = put_back(all_generators())?;
    let moved = tried.cells.iter().any(|cell| cell.kind == CellKind::Generator);
    // A look alone must not turn it.
    Ok(moved && tried.proves() && !put_back(CellRepair::NOTHING)?.turned)
}

/// The first run that takes.
pub(crate) fn first_run(suspicion: &Suspicion) -> RunRequest {
    suspicion.with_repair(&suspicion.prefix, RepairScope::Near, all_generators())
}

fn all_generators() -> CellRepair {
    CellRepair::Cells { names: GENERATORS.map(CellName::new).to_vec() }
}

/// The smallest end of what ran before, by halves, after which the test does what is suspected. How often a generator was used is what
/// decides, so that most sets of tests would do, and none is better than another.
pub(super) fn shortest_end<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
) -> Result<Vec<usize>, RunnerError> {
    let all = &suspicion.prefix;
    let mut length = 1;
    while length < all.len() {
        let end = &all[all.len() - length..];
        if judge.shows(suspicion, end)? {
            return Ok(end.to_vec());
        }
        length *= 2;
    }
    Ok(all.clone())
}

/// Whether the test passes after these if it begins with each of these seeds.
pub(crate) fn with_seeds<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    before: &[usize],
    (generator, seeds): (&str, &[i64]),
) -> Result<Vec<(i64, bool)>, RunnerError> {
    let wanted: Vec<RunRequest> = seeds
        .iter()
        .map(|&seed| {
            let repair =
                CellRepair::cure(Cure::Seed { generator: generator.to_owned(), seed: seed.to_string() });
            suspicion.with_repair(before, RepairScope::Near, repair)
        })
        .collect();
    let runs = judge.run_all(&wanted)?;
    Ok(seeds.iter().copied().zip(runs.iter().map(|run| run.passes(suspicion.test))).collect())
}
