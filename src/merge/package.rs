//! Shards of `taster package`: what each has seen on each interpreter, put together before anything is judged.

use std::collections::BTreeMap;

use super::copies::{Copies, ShardCopy};
use super::error::{MergeError, MissingShard};
use super::lines::{PartLine, Segment, read};
use crate::package::{PackageEvidence, PackageReport, ShardOfPackage};
use crate::shard::Shard;

/// Surveys of a package, put together from their shards.
#[derive(Debug)]
pub struct MergedPackage {
    /// A report for each interpreter of which some shard has told.
    pub reports: Vec<PackageReport>,
    /// The number of shards.
    pub shards: usize,
    /// Those that are not there.
    pub missing: Vec<MissingShard>,
}

/// What one job wrote.
#[derive(Debug)]
struct CopyOfPackage {
    file: String,
    head: ShardOfPackage,
    /// By the number of the interpreter.
    seen: BTreeMap<usize, PackageEvidence>,
}

impl ShardCopy for CopyOfPackage {
    fn file(&self) -> &str {
        &self.file
    }

    fn shard(&self) -> Shard {
        self.head.shard
    }

    fn lacks(&self) -> Option<String> {
        let (wanted, there) = (self.head.interpreters.len(), self.seen.len());
        (there < wanted).then(|| format!("ended after {there} of {wanted} interpreters"))
    }

    fn size(&self) -> usize {
        self.seen.values().map(|seen| 1 + usize::from(seen.halted.is_none())).sum()
    }

    fn findings(&self) -> BTreeMap<String, String> {
        let done = self.seen.values().filter(|seen| seen.halted.is_none());
        done.map(|seen| (format!("of what they found on {}", seen.interpreter.label), found(seen))).collect()
    }
}

/// What two surveys of the same pairs both find.
fn found(seen: &PackageEvidence) -> String {
    let findings = seen.report().findings;
    let mut found: Vec<String> =
        findings.iter().map(|finding| format!("{} {:?}", finding.fault.module(), finding.cause)).collect();
    found.sort();
    found.join("\n")
}

/// Joins shards that belong together; at least one.
pub(super) fn join(segments: &[Segment]) -> Result<MergedPackage, MergeError> {
    let copies = segments.iter().map(copy).collect::<Result<Vec<_>, _>>()?;
    let copies = Copies::choose(copies)?;
    let missing = copies.missing();
    let shards = copies.there().next().map_or(0, |copy| copy.shard().of);
    let mut seen: BTreeMap<usize, Vec<PackageEvidence>> = BTreeMap::new();
    for (interpreter, evidence) in copies.into_there().flat_map(|copy| copy.seen) {
        seen.entry(interpreter).or_default().push(evidence);
    }
    let report = |all: Vec<PackageEvidence>| {
        let is_whole = all.len() == shards;
        let mut joined = PackageEvidence::joined(all)?;
        if let (false, Some(MissingShard { shard, why })) = (is_whole, missing.first()) {
            joined.halted = Some(format!("shard {shard} {why}"));
        }
        Some(joined.report())
    };
    Ok(MergedPackage { reports: seen.into_values().filter_map(report).collect(), shards, missing })
}

fn copy(segment: &Segment) -> Result<CopyOfPackage, MergeError> {
    let head: ShardOfPackage = read(segment, segment.at, &segment.head)?;
    let mut seen = BTreeMap::new();
    for (line, value) in segment.lines.iter().filter(|(_, value)| value["kind"] == "package") {
        let PartLine { part, data } = read(segment, *line, value)?;
        if part >= head.interpreters.len() {
            let why = format!("shard {} has no part {part}", head.shard);
            return Err(MergeError::NoShard { file: segment.file.clone(), line: *line, why });
        }
        seen.insert(part, read(segment, *line, &data)?);
    }
    Ok(CopyOfPackage { file: segment.file.clone(), head, seen })
}
