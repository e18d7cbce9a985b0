//! Shards of `taster hunt`: each report read back from its lines, then all joined by `suite`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::copies::{Copies, ShardCopy};
use super::error::{MergeError, MissingShard};
use super::lines::{Segment, read};
use crate::shard::Shard;
use crate::suite::{
    About, BrokenTest, Change, HuntFinding, HuntReport, PairAccount, SeenFailing, ShardOfHunt, joined,
};

/// A hunt, put together from its shards.
#[derive(Debug)]
pub struct MergedHunt {
    /// The report of all, or `None` if no shard came to its end.
    pub report: Option<HuntReport>,
    /// The number of shards.
    pub shards: usize,
    /// Those that are not there.
    pub missing: Vec<MissingShard>,
}

/// What one job wrote.
#[derive(Debug)]
struct CopyOfHunt {
    file: String,
    shard: Shard,
    /// `None` if it was ended before.
    report: Option<HuntReport>,
}

impl ShardCopy for CopyOfHunt {
    fn file(&self) -> &str {
        &self.file
    }

    fn shard(&self) -> Shard {
        self.shard
    }

    fn lacks(&self) -> Option<String> {
        self.report.is_none().then(|| "ended before its summary".to_owned())
    }

    fn size(&self) -> usize {
        self.report.as_ref().map_or(0, |report| 1 + usize::from(report.halted.is_none()))
    }

    /// What two hunts that were not cut short both find: which tests, and what happens to them.
    fn findings(&self) -> BTreeMap<String, String> {
        let Some(report) = self.report.as_ref().filter(|report| report.halted.is_none()) else {
            return BTreeMap::new();
        };
        let mut found: Vec<String> = report
            .findings
            .iter()
            .map(|found| format!("{} {}", found.victim, found.finding.as_str()))
            .collect();
        found.sort();
        BTreeMap::from([("of what they found".to_owned(), found.join("\n"))])
    }
}

/// Joins shards that belong together; at least one.
pub(super) fn join(segments: &[Segment]) -> Result<MergedHunt, MergeError> {
    let copies = Copies::choose(segments.iter().map(copy).collect::<Result<Vec<_>, _>>()?)?;
    let missing = copies.missing();
    let shards = copies.there().next().map_or(0, |copy| copy.shard.of);
    let mut report = joined(copies.into_there().filter_map(|copy| copy.report).collect());
    if let (Some(report), Some(MissingShard { shard, why })) = (&mut report, missing.first()) {
        report.halted = Some(format!("shard {shard} {why}"));
    }
    Ok(MergedHunt { report, shards, missing })
}

/// The line of kind `summary`.
#[derive(Debug, Deserialize)]
struct Summary {
    #[serde(default)]
    unconfirmed: Vec<HuntFinding>,
    broken: Vec<BrokenTest>,
    seen_failing: Vec<SeenFailing>,
    frozen_only: Vec<String>,
    orders: serde_json::Map<String, Value>,
    neighbours: RanAsNeighbours,
    neighbours_by: NeighboursBy,
    pairs: PairAccount,
    seed: u64,
    changed_meanwhile: Vec<Change>,
    notes: Vec<String>,
    halted: Option<String>,
    runs: usize,
    seconds: f64,
    last_finding_seconds: f64,
}

#[derive(Debug, Deserialize)]
struct RanAsNeighbours {
    covered: usize,
    total: usize,
}

#[derive(Debug, Deserialize)]
struct NeighboursBy {
    shared: usize,
    own: usize,
}

fn copy(segment: &Segment) -> Result<CopyOfHunt, MergeError> {
    let (mut about, mut findings, mut summary) = (None, Vec::new(), None);
    for (line, value) in &segment.lines {
        match value["kind"].as_str() {
            Some("suite") => about = Some(read::<About>(segment, *line, value)?),
            Some("finding") => findings.push(read::<HuntFinding>(segment, *line, value)?),
            Some("summary") => summary = Some(read::<Summary>(segment, *line, value)?),
            _ => {}
        }
    }
    let report = about.zip(summary).map(|(about, summary)| report(segment, about, findings, summary));
    Ok(CopyOfHunt { file: segment.file.clone(), shard: segment.shard, report })
}

fn report(segment: &Segment, about: About, findings: Vec<HuntFinding>, summary: Summary) -> HuntReport {
    let count =
        |count: &Value| count.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let shard = ShardOfHunt::new(
        segment.shard,
        segment.whole.clone(),
        (summary.neighbours_by.shared, summary.neighbours_by.own),
    );
    HuntReport {
        about,
        findings,
        unconfirmed: summary.unconfirmed,
        broken: summary.broken,
        seen_failing: summary.seen_failing,
        frozen_only: summary.frozen_only,
        changed_meanwhile: summary.changed_meanwhile,
        notes: summary.notes,
        orders: summary.orders.iter().map(|(kind, ran)| (kind.clone(), count(ran))).collect(),
        neighbours: (summary.neighbours.covered, summary.neighbours.total),
        pairs: summary.pairs,
        seed: summary.seed,
        runs: summary.runs,
        seconds: summary.seconds,
        last_finding: summary.last_finding_seconds,
        halted: summary.halted,
        shard: Some(shard),
    }
}
