//! Makes a scenario declare what was found of it. Which declarations say so is for `scenario::edit`; which runs are taken at
//! their word, and writing the file, is here.

mod together;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::cause::Cause;
use crate::diagnose::Finding;
use crate::kind::FindingKind;
use crate::scenario::edit::{Observation, Observed, RewriteError, declare, redeclare};
use crate::scenario::{self, Declaration, ReadError};
use crate::verdict::Verdict;
use together::RunRecord;
pub use together::TestRun;

/// A file before and after its declarations were rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blessing {
    /// The scenario's file.
    pub path: PathBuf,
    /// What it held.
    pub before: String,
    /// What it holds.
    pub after: String,
}

/// Why a scenario was not blessed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlessError {
    /// The file is no scenario any more.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// Its text could not be edited.
    #[error(transparent)]
    Edit(#[from] RewriteError),
    /// The file could not be read or written.
    #[error("cannot rewrite {}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// What a verdict says of its scenario. A search that did not cover everything takes nothing back: what it did not reach counts as
/// found.
pub fn observation(verdict: &Verdict) -> Observation {
    let mut findings: Vec<Observed> =
        verdict.findings.iter().map(|finding| observed(verdict, finding)).collect();
    let as_declared = |declared: &Declaration| {
        let (kind, test, others) = (declared.kind, declared.test, declared.others.clone());
        Observed { kind, test, others, cause: declared.cause }
    };
    if !verdict.coverage.is_complete() {
        findings
            .extend(verdict.missing.iter().map(|&index| as_declared(&verdict.scenario.declarations[index])));
    }
    // Chance that was not met this time is not gone.
    let by_chance = verdict.declared_here().filter(|declared| declared.kind == FindingKind::Nondeterministic);
    let unmet = by_chance.map(as_declared).filter(|one| !findings.contains(one)).collect::<Vec<_>>();
    findings.extend(unmet);
    Observation {
        version: verdict.interpreter.version,
        timestamps: verdict.timestamps.written.clone(),
        findings,
    }
}

/// A cause is named where it is known, unless the scenario leaves it open.
fn observed(verdict: &Verdict, finding: &Finding) -> Observed {
    let mut others = finding.others.clone();
    others.sort_unstable();
    let about = |declared: &Declaration| {
        let mut known = declared.others.clone();
        known.sort_unstable();
        declared.kind == finding.kind && declared.test == finding.test && known == others
    };
    let open = verdict.scenario.declarations.iter().any(|one| about(one) && one.cause.is_none());
    let cause = match finding.cause {
        _ if open => None,
        Cause::Unknown => None,
        // Nobody has looked: what is declared stands.
        Cause::NotSought => {
            verdict.scenario.declarations.iter().find(|one| about(one)).and_then(|one| one.cause)
        }
        cause => Some(cause),
    };
    Observed { kind: finding.kind, test: finding.test, others, cause }
}

/// Rewrites the declarations of the scenario at `path` to what was observed; returns `None` if they say so already.
///
/// # Errors
/// Where the file cannot be read, edited or written.
///
/// Other processes of the same test run have their say too, whichever of them ends first.
pub fn bless(path: &Path, said: TrialsOfFile, run: Option<&TestRun>) -> Result<Option<Blessing>, BlessError> {
    let failed = |error| BlessError::File { path: path.to_path_buf(), error };
    let _others_wait = together::lock(path).map_err(failed)?;
    let before = scenario::read_file(path).map_err(failed)?;
    let before = String::from_utf8(before).map_err(|error| failed(io::Error::other(error)))?;
    let mut record = match run {
        Some(run) => run.record(path, &before).map_err(failed)?,
        None => RunRecord { original: before.clone(), ..RunRecord::default() },
    };
    record.ended += said.ended;
    record.observations.extend(said.observations);
    if record.observations.is_empty() {
        return run.map_or(Ok(()), |run| run.keep(path, &record)).map_err(failed).map(|()| None);
    }
    let scenario = scenario::parse(path, &record.original).map_err(ReadError::from)?;
    let after = redeclare(&record.original, &declare(&scenario, &record.observations))?;
    if after != before {
        replace(path, &after).map_err(failed)?;
    }
    record.written.clone_from(&after);
    run.map_or(Ok(()), |run| run.keep(path, &record)).map_err(failed)?;
    Ok((after != before).then(|| Blessing { path: path.to_path_buf(), before, after }))
}

/// What the trials of one file have come to.
#[derive(Debug, Default, Clone)]
pub struct TrialsOfFile {
    /// What their verdicts say.
    pub observations: Vec<Observation>,
    /// How many have ended, with a verdict or without.
    pub ended: usize,
}

/// What verdicts say of their scenarios, by file, until all have been heard: several runs of one scenario are declared together.
#[derive(Debug, Default)]
pub struct Observations(BTreeMap<PathBuf, TrialsOfFile>);

impl Observations {
    /// Records what a verdict says. Returns whether its findings are going to be declared, so that they no longer differ.
    pub fn record(&mut self, verdict: &Verdict) -> bool {
        self.entry(&verdict.scenario.path).observations.push(observation(verdict));
        verdict.can_be_declared()
    }

    /// Records that a trial of this file ended without a verdict.
    pub fn record_nothing(&mut self, path: &Path) {
        self.entry(path);
    }

    /// What is known of a file, of which one more trial has ended.
    fn entry(&mut self, path: &Path) -> &mut TrialsOfFile {
        let trials = self.0.entry(path.to_path_buf()).or_default();
        trials.ended += 1;
        trials
    }

    /// Rewrites the declarations of each file, and hands over the files that changed, or why one could not be rewritten.
    pub fn bless(self, run: Option<&TestRun>) -> impl Iterator<Item = Result<Blessing, BlessError>> {
        let blessed = move |(path, said): (PathBuf, TrialsOfFile)| bless(&path, said, run);
        self.0.into_iter().filter_map(move |one| blessed(one).transpose())
    }
}

/// Puts a new file in the place of the old one, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.persist(&path).map_err(|problem| problem.error)?;
    Ok(())
}

#[cfg(test)]
mod tests;
