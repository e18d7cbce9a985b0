//! The harness's trials under nextest's `--partition`: each part runs trials that no other runs, and together they run all.

use std::collections::BTreeSet;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::said;

const PARTS: usize = 3;

/// Why nothing of this can run.
pub(crate) fn missing() -> Option<String> {
    let is_there =
        Command::new("cargo").args(["nextest", "--version"]).output().is_ok_and(|out| out.status.success());
    (!is_there).then(|| "partitions of nextest: cargo-nextest is not installed".to_owned())
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("nextest::partitions_are_disjoint_and_cover_all", partitions)]
}

/// The trials of the shipped scenarios on the model that nextest would run.
fn listed(partition: Option<&str>) -> Result<BTreeSet<String>, Failed> {
    let mut command = Command::new("cargo");
    command.args(["nextest", "list", "--test", "scenarios", "--message-format", "json"]);
    if let Some(partition) = partition {
        command.args(["--partition", partition]);
    }
    let list: Value = serde_json::from_str(&said(command.env("TASTER_PYTHON", "model"))?)?;
    let cases = &list["rust-suites"]["taster::scenarios"]["testcases"];
    let cases = cases.as_object().ok_or("no trials")?;
    let matching = cases.iter().filter(|(_, case)| case["filter-match"]["status"] == "matches");
    Ok(matching.map(|(name, _)| name.clone()).collect())
}

fn partitions() -> Result<(), Failed> {
    let all = listed(None)?;
    for kind in ["count", "hash"] {
        let mut found = BTreeSet::new();
        for part in 1..=PARTS {
            for name in listed(Some(&format!("{kind}:{part}/{PARTS}")))? {
                if !found.insert(name.clone()) {
                    return Err(format!("{name} is in two parts").into());
                }
            }
        }
        if found != all || all.len() < 50 {
            return Err(format!("{kind}: {} of {} trials", found.len(), all.len()).into());
        }
    }
    // A part does not only list its trials, it runs them.
    let mut command = Command::new("cargo");
    command.args([
        "nextest",
        "run",
        "--test",
        "scenarios",
        "--partition",
        "count:1/3",
        "-E",
        "test(/bpython/)",
    ]);
    said(command.env("TASTER_PYTHON", "model")).map(|_ran| ())
}
