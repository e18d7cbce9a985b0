//! What `taster run` has to do, and how one verdict of it comes about. Who does it, and who is told, is for `run`.

use std::path::{Path, PathBuf};

use taster::emit;
use taster::interpreter::Installation;
use taster::run::{RunError, RunOptions, RunPlace, WorkerLimit, WorkerPermit, everywhere};
use taster::scenario::Scenario;
use taster::verdict::Verdict;

use crate::division::Division;
use crate::progress::Progress;
use crate::rejected::Rejected;

/// What the command does next to what: what is wrong with a file, or one verdict.
pub(crate) enum Task<'a> {
    Reject(&'a Path, &'a Rejected),
    /// The number of the verdict, from 0, and what is judged.
    Judge(usize, &'a Scenario, RunPlace<'a>),
}

/// What this machine has to do, in the order in which reports have it.
pub(crate) fn tasks<'a>(
    scenarios: &'a [(&'a PathBuf, Result<Scenario, Rejected>)],
    installations: &'a [Installation],
    division: &Division,
) -> Vec<Task<'a>> {
    let mut tasks = Vec::new();
    let (mut part, mut number) = (0.., 0..);
    let mut is_own = || part.next().is_some_and(|part| division.is_own(part));
    for (file, read) in scenarios {
        match read {
            Ok(scenario) => {
                let places = everywhere(scenario, installations).filter(|_| is_own());
                // The place comes first: a number is taken for each that there is.
                tasks.extend(
                    places.zip(number.by_ref()).map(|(place, number)| Task::Judge(number, scenario, place)),
                );
            }
            Err(rejected) if is_own() => tasks.push(Task::Reject(file, rejected)),
            Err(_another_shard_says_so) => {}
        }
    }
    tasks
}

/// The workers that judge side by side, taken from those that there are. Whoever measures steps works alone.
pub(crate) fn lanes(search: &mut RunOptions, tasks: &[Task<'_>]) -> Vec<WorkerPermit> {
    let measures = |task: &Task<'_>| matches!(task, Task::Judge(_, scenario, _) if scenario.measures_steps);
    if tasks.len() < 2 || tasks.iter().any(measures) {
        return Vec::new();
    }
    let workers = WorkerLimit::of(search.jobs);
    let lanes = (0..tasks.len()).map_while(|_| workers.take()).collect();
    search.shared_workers = workers;
    lanes
}

/// Judges what is to be judged; `None` of other tasks. Called from several threads.
pub(crate) fn judge(
    task: &Task<'_>,
    search: &RunOptions,
    progress: &Progress,
) -> Option<Result<Verdict, RunError>> {
    let Task::Judge(number, scenario, place) = task else { return None };
    let label = &place.installation.identity.label;
    let what = format!("{} on {label} at {}", scenario.path.display(), place.timestamps.written);
    progress.begin(*number, &what);
    let mut judged = place.run(search, &|event| progress.event(*number, &event));
    if let Ok(verdict) = &mut judged
        && scenario.measures_steps
    {
        emit::measure(verdict, place.installation);
    }
    progress.end(*number);
    Some(judged)
}
