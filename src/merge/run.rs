//! Shards of `taster run`: their verdicts in the order in which one machine tells them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::copies::{Copies, ShardCopy};
use super::error::{MergeError, MissingShard};
use super::lines::{PartLine, Segment, read};
use crate::run::{NotRun, NotRunKind, PartOfRun, ShardOfRun};
use crate::scenario::Scenario;
use crate::shard::Shard;
use crate::verdict::{CarriedVerdict, Verdict};

/// A run, put together from its shards.
#[derive(Debug)]
pub struct MergedRun {
    /// What it told of each part, in the order of one machine; of parts that are missing, that.
    pub told: Vec<ToldOfRun>,
    /// The number of shards.
    pub shards: usize,
    /// Those that are not there.
    pub missing: Vec<MissingShard>,
    /// The number of scenario files.
    pub files: usize,
}

/// What a run tells of a part.
#[derive(Debug, Clone)]
pub enum ToldOfRun {
    /// A verdict.
    Verdict(Box<Verdict>),
    /// That there is none.
    NotRun(NotRun),
}

/// What one job wrote.
#[derive(Debug)]
struct CopyOfRun {
    file: String,
    head: ShardOfRun,
    /// By part.
    told: BTreeMap<usize, ToldOfRun>,
}

impl ShardCopy for CopyOfRun {
    fn file(&self) -> &str {
        &self.file
    }

    fn shard(&self) -> Shard {
        self.head.shard
    }

    fn lacks(&self) -> Option<String> {
        let (wanted, there) = (self.head.own().len(), self.size());
        (there < wanted).then(|| format!("ended after {there} of {wanted} parts"))
    }

    fn size(&self) -> usize {
        self.told.values().filter(|told| told.was_done()).count()
    }

    fn findings(&self) -> BTreeMap<String, String> {
        let done = self.told.iter().filter(|(_, told)| told.was_done());
        done.map(|(part, told)| (in_words(&self.head.parts[*part]), told.findings())).collect()
    }
}

impl ToldOfRun {
    /// Whether the shard came to an end with it.
    fn was_done(&self) -> bool {
        !matches!(self, Self::NotRun(NotRun { kind: NotRunKind::Interrupted, .. }))
    }

    fn findings(&self) -> String {
        match self {
            Self::NotRun(not_run) => not_run.reason.clone(),
            Self::Verdict(verdict) => {
                let found = verdict.named_findings().map(|found| {
                    format!(
                        "{:?}",
                        (found.kind, found.test, found.others, found.cause, found.finding.declared)
                    )
                });
                let mut found: Vec<String> = found.collect();
                found.sort();
                format!("{:?} {:?} {found:?}", verdict.judgement, verdict.missing)
            }
        }
    }
}

/// `of scenarios/a.toml on cpython-3.11 at 1s`
fn in_words(part: &PartOfRun) -> String {
    let on = part.interpreter.as_ref().map(|interpreter| format!(" on {}", interpreter.label));
    let at = part.timestamps.as_ref().map(|timestamps| format!(" at {timestamps}"));
    format!("of {}{}{}", part.scenario.display(), on.unwrap_or_default(), at.unwrap_or_default())
}

/// Joins shards that belong together; at least one.
pub(super) fn join(segments: &[Segment]) -> Result<MergedRun, MergeError> {
    let copies = segments.iter().map(copy).collect::<Result<Vec<_>, _>>()?;
    let parts = copies.first().map(|copy| copy.head.parts.clone()).unwrap_or_default();
    let copies = Copies::choose(copies)?;
    let missing = copies.missing();
    let shards = copies.there().next().map_or(0, |copy| copy.shard().of);
    let mut told: BTreeMap<usize, ToldOfRun> = copies.into_there().flat_map(|copy| copy.told).collect();
    for MissingShard { shard, why } in &missing {
        for part in shard.parts(parts.len()) {
            told.entry(part).or_insert_with(|| ToldOfRun::NotRun(not_there(&parts[part], *shard, why)));
        }
    }
    let mut files: Vec<&PathBuf> = parts.iter().map(|part| &part.scenario).collect();
    files.dedup();
    Ok(MergedRun { told: told.into_values().collect(), shards, missing, files: files.len() })
}

fn not_there(part: &PartOfRun, shard: Shard, why: &str) -> NotRun {
    NotRun {
        scenario: part.scenario.clone(),
        interpreter: part.interpreter.clone(),
        timestamps: part.timestamps.clone(),
        reason: format!("shard {shard} {why}"),
        kind: NotRunKind::Missing,
    }
}

fn copy(segment: &Segment) -> Result<CopyOfRun, MergeError> {
    let head: ShardOfRun = read(segment, segment.at, &segment.head)?;
    let scenarios = scenarios(segment, &head)?;
    let mut told = BTreeMap::new();
    for (line, value) in &segment.lines {
        let told_of = told_of(segment, *line, value, &head, &scenarios)?;
        told.extend(told_of);
    }
    Ok(CopyOfRun { file: segment.file.clone(), head, told })
}

/// The scenarios of a shard, by their files.
fn scenarios(segment: &Segment, head: &ShardOfRun) -> Result<BTreeMap<PathBuf, Scenario>, MergeError> {
    let wrong = |why: String| MergeError::NoShard { file: segment.file.clone(), line: segment.at, why };
    let read = head.scenarios.iter().map(|carried| {
        let scenario = carried.scenario().map_err(|problems| wrong(problems.to_string()))?;
        Ok((carried.path.clone(), scenario))
    });
    read.collect()
}

fn told_of(
    segment: &Segment,
    line: usize,
    value: &Value,
    head: &ShardOfRun,
    scenarios: &BTreeMap<PathBuf, Scenario>,
) -> Result<Option<(usize, ToldOfRun)>, MergeError> {
    let kind = value["kind"].as_str().unwrap_or_default();
    if kind != "verdict" && kind != "not-judged" {
        return Ok(None);
    }
    let PartLine { part, data } = read(segment, line, value)?;
    let known = head.parts.get(part).filter(|_| head.own().contains(&part));
    let scenario = known.and_then(|known| scenarios.get(&known.scenario));
    let told = match (kind, known, scenario) {
        ("verdict", Some(_), Some(scenario)) => {
            let carried: CarriedVerdict = read(segment, line, &data)?;
            ToldOfRun::Verdict(Box::new(carried.of(scenario.clone())))
        }
        ("not-judged", Some(_), _) => ToldOfRun::NotRun(read(segment, line, &data)?),
        _ => {
            let why = format!("shard {} has no part {part}", head.shard);
            return Err(MergeError::NoShard { file: segment.file.clone(), line, why });
        }
    };
    Ok(Some((part, told)))
}
