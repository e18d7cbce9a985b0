//! What the processes of one test run say of a scenario, kept in a file between them: a runner such as nextest starts a process for
//! each trial, and the declarations must follow from all trials together, in whatever order they end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::scenario::Version;
use crate::scenario::edit::{Observation, Observed};

/// The test run that several processes belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRun {
    /// The directory in which the processes keep what they say.
    pub directory: PathBuf,
    /// What the runner calls the run; no other run is called so.
    pub name: String,
    /// How many of its trials judge each scenario. When all have ended, nothing is kept any more.
    pub trials: BTreeMap<PathBuf, usize>,
}

/// What a run keeps is named so.
const KEPT: &str = "taster-bless-";

/// After this time, what a run kept is of one that ended before all its trials did.
const OLD: Duration = Duration::from_hours(24);

/// What has been said of one scenario so far.
#[derive(Debug, Default)]
pub(super) struct RunRecord {
    /// The scenario before anybody rewrote it.
    pub(super) original: String,
    /// As it was rewritten last.
    pub(super) written: String,
    pub(super) observations: Vec<Observation>,
    /// How many trials have ended.
    pub(super) ended: usize,
}

/// Keeps other processes from rewriting the scenario at `path` until it is dropped.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    let path = path.canonicalize()?;
    let directory = File::open(path.parent().unwrap_or(Path::new("/")))?;
    flock(directory.as_fd(), FlockOperation::LockExclusive)?;
    Ok(directory)
}

impl TestRun {
    fn file(&self, scenario: &Path) -> io::Result<PathBuf> {
        use std::os::unix::ffi::OsStrExt as _;

        let path = scenario.canonicalize()?;
        let mut digest = blake3::Hasher::new();
        digest.update(self.name.as_bytes()).update(b"\0").update(path.as_os_str().as_bytes());
        let name = format!("{KEPT}{}.json", &digest.finalize().to_hex()[..32]);
        Ok(self.directory.join(name))
    }

    /// What this run has said of the scenario, which holds `text` now. Nothing if somebody else has edited it in between.
    pub(super) fn record(&self, scenario: &Path, text: &str) -> io::Result<RunRecord> {
        let kept = match fs::read(self.file(scenario)?) {
            Ok(bytes) => serde_json::from_slice(&bytes).ok().as_ref().and_then(read),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let kept = kept.filter(|record: &RunRecord| record.written == text);
        Ok(kept.unwrap_or_else(|| RunRecord { original: text.to_owned(), ..RunRecord::default() }))
    }

    /// Keeps what this run has said of the scenario, until all its trials have ended.
    pub(super) fn keep(&self, scenario: &Path, record: &RunRecord) -> io::Result<()> {
        if self.trials.get(scenario).is_some_and(|trials| record.ended >= *trials) {
            return match fs::remove_file(self.file(scenario)?) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        self.remove_old();
        let observations: Vec<Value> = record.observations.iter().map(observation).collect();
        let kept = json!({"original": record.original, "written": record.written, "observations": observations, "ended": record.ended});
        fs::write(self.file(scenario)?, kept.to_string())
    }

    /// Removes what runs kept that nobody continues. What cannot be removed stays.
    fn remove_old(&self) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(KEPT)) {
            let age =
                entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
            if age.is_some_and(|age| age > OLD) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn observation(one: &Observation) -> Value {
    let finding = |found: &Observed| {
        let cause = found.cause.map(Cause::code);
        json!({"kind": found.kind.as_str(), "test": found.test, "others": found.others, "cause": cause})
    };
    let Version { major, minor, micro } = one.version;
    let findings: Vec<Value> = one.findings.iter().map(finding).collect();
    json!({"version": [major, minor, micro], "timestamps": one.timestamps, "findings": findings})
}

fn read(kept: &Value) -> Option<RunRecord> {
    let text = |key: &str| kept[key].as_str().map(str::to_owned);
    let observations = kept["observations"].as_array()?.iter().map(read_observation);
    Some(RunRecord {
        original: text("original")?,
        written: text("written")?,
        observations: observations.collect::<Option<_>>()?,
        ended: usize::try_from(kept["ended"].as_u64()?).ok()?,
    })
}

fn read_observation(kept: &Value) -> Option<Observation> {
    let part = |at: usize| kept["version"][at].as_u64().and_then(|part| u32::try_from(part).ok());
    let findings = kept["findings"].as_array()?.iter().map(read_finding);
    Some(Observation {
        version: Version::new(part(0)?, part(1)?, part(2)?),
        timestamps: kept["timestamps"].as_str()?.to_owned(),
        findings: findings.collect::<Option<_>>()?,
    })
}

fn read_finding(kept: &Value) -> Option<Observed> {
    let index = |value: &Value| value.as_u64().and_then(|index| usize::try_from(index).ok());
    let cause = match &kept["cause"] {
        Value::Null => None,
        code => Some(Cause::from_code(code.as_str()?)?),
    };
    Some(Observed {
        kind: FindingKind::ALL.into_iter().find(|kind| Some(kind.as_str()) == kept["kind"].as_str())?,
        test: index(&kept["test"])?,
        others: kept["others"].as_array()?.iter().map(index).collect::<Option<_>>()?,
        cause,
    })
}
