//! Decides which trials there are, and which of them are ignored, by files and versions alone: nothing is started.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::Arguments;

use super::lane::Lane;
use super::name;
use crate::interpreter::Installation;
use crate::scenario::{self, Scenario, Timestamps};

/// A planned trial.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) job: Job,
}

/// The action of a trial.
#[derive(Debug)]
pub(super) enum Job {
    /// Shows why the file is not a scenario.
    ShowProblems(scenario::ReadError),
    /// Judges the scenario.
    Judge { scenario: Arc<Scenario>, installation: Installation, timestamps: Timestamps },
    /// Does nothing, for this reason.
    Ignored(String),
}

/// The trials of `directory`, or of one file if the arguments name one trial exactly.
///
/// # Errors
/// Returns an error, as a sentence, if there is no scenario.
pub(super) fn plan(directory: &Path, arguments: &Arguments, lanes: &[Lane]) -> Result<Vec<Planned>, String> {
    let files = match named_file(directory, arguments) {
        Some(file) => vec![file],
        None => scenario::files_in(directory)
            .map_err(|error| format!("cannot list the scenarios in {}: {error}", directory.display()))?,
    };
    if files.is_empty() {
        return Err(format!("there is no scenario (*.toml) in {}", directory.display()));
    }
    Ok(files.iter().flat_map(|file| of_file(directory, file, lanes)).collect())
}

/// How many trials judge each scenario.
pub(super) fn trials_by_file(planned: &[Planned]) -> BTreeMap<PathBuf, usize> {
    let mut trials = BTreeMap::new();
    for one in planned {
        if let Job::Judge { scenario, .. } = &one.job {
            *trials.entry(scenario.path.clone()).or_default() += 1;
        }
    }
    trials
}

/// The file of the one requested trial.
fn named_file(directory: &Path, arguments: &Arguments) -> Option<PathBuf> {
    let filter = arguments.filter.as_ref().filter(|_| arguments.exact)?;
    name::file(directory, filter)
}

fn of_file(directory: &Path, file: &Path, lanes: &[Lane]) -> Vec<Planned> {
    match scenario::read(file) {
        Ok(scenario) => of_scenario(directory, &Arc::new(scenario), lanes),
        Err(unreadable) => {
            vec![Planned { name: name::problems(directory, file), job: Job::ShowProblems(unreadable) }]
        }
    }
}

fn of_scenario(directory: &Path, scenario: &Arc<Scenario>, lanes: &[Lane]) -> Vec<Planned> {
    let mut planned = Vec::new();
    for lane in lanes {
        for timestamps in &scenario.timestamps {
            planned.push(Planned {
                name: name::judging(directory, &scenario.path, lane.label(), &timestamps.written),
                job: job(scenario, lane, timestamps),
            });
        }
    }
    planned
}

fn job(scenario: &Arc<Scenario>, lane: &Lane, timestamps: &Timestamps) -> Job {
    let Lane::Interpreter(installation) = lane else {
        return Job::Ignored("no Python was found".into());
    };
    let identity = &installation.identity;
    if let Some(specifier) = scenario.python.as_ref().filter(|_| !scenario.is_for(&identity.version)) {
        return Job::Ignored(format!("{} is outside python = \"{specifier}\"", identity.label));
    }
    Job::Judge {
        scenario: Arc::clone(scenario),
        installation: installation.clone(),
        timestamps: timestamps.clone(),
    }
}
