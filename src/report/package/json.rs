//! A survey of a package as one JSON object in a line; of a shard, with what it has seen, which a merger reads back.

use serde_json::{Value, json};

use super::super::json::{self as lines, outcome};
use crate::package::{
    CellChange, NotImportable, OrderFault, PackageEvidence, PackageFinding, PackageReport, ShardOfPackage,
};
use crate::shard::Shard;

/// The whole survey.
pub fn surveyed_json(report: &PackageReport) -> String {
    format!("{}\n", surveyed(report))
}

/// What a shard is: its first line.
///
/// # Errors
/// Never where its texts are texts.
pub fn shard_of_package_json(head: &ShardOfPackage) -> serde_json::Result<String> {
    let mut line = json!({"schema": 1, "kind": "shard"});
    lines::extend(&mut line, serde_json::to_value(head)?);
    Ok(format!("{line}\n"))
}

/// What a shard has seen on the interpreter of this number.
///
/// # Errors
/// Never where its texts are texts.
pub fn surveyed_part_json(shard: Shard, part: usize, seen: &PackageEvidence) -> serde_json::Result<String> {
    let mut line = surveyed(&seen.report());
    lines::extend(&mut line, json!({"shard": shard, "part": part, "data": serde_json::to_value(seen)?}));
    Ok(format!("{line}\n"))
}

fn surveyed(report: &PackageReport) -> Value {
    let pairs = report.pairs.iter().map(|(pass, pairs)| {
        json!({
            "pass": pass.code(),
            "possible": pairs.possible,
            "run": pairs.run,
            "answered_by_sys_modules": pairs.loaded,
            "library_loaded_beforehand": pairs.is_warm,
        })
    });
    let printing = report.printing.iter().map(|(module, line)| json!({"module": module, "first_line": line}));
    json!({
        "schema": 1,
        "kind": "package",
        "package": report.package,
        "interpreter": lines::interpreter(&report.interpreter),
        "directories": report.directories,
        "modules": report.modules,
        "left_out": report.left_out,
        "pairs": pairs.collect::<Vec<_>>(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "not_importable": report.not_importable.iter().map(not_importable).collect::<Vec<_>>(),
        "printing": printing.collect::<Vec<_>>(),
        "unsteady_cells": report.unsteady_cells,
        "notes": report.notes,
        "halted": report.halted,
        "seconds": lines::seconds(report.seconds),
    })
}

fn finding(finding: &PackageFinding) -> Value {
    let mut object = fault(&finding.fault);
    if let Value::Object(fields) = &mut object {
        let witness = finding.witness.as_ref().map(|(first, second)| json!([first, second]));
        fields.insert("cause".into(), finding.cause.code().into());
        fields.insert("firsts".into(), json!(finding.firsts));
        fields.insert("witness".into(), json!(witness));
        fields.insert("pairs".into(), finding.pairs.into());
        fields.insert("cured".into(), finding.cured.into());
        let passes: Vec<&str> = finding.passes.iter().map(|pass| pass.code()).collect();
        fields.insert("passes".into(), json!(passes));
    }
    object
}

fn fault(fault: &OrderFault) -> Value {
    match fault {
        OrderFault::CannotComeFirst { module, outcome: came, chain, circle } => json!({
            "kind": "cannot-come-first", "module": module, "outcome": outcome(came), "chain": chain, "circle": circle,
        }),
        OrderFault::FailsAfter { module, outcome: came, chain, circle } => json!({
            "kind": "fails-after", "module": module, "outcome": outcome(came), "chain": chain, "circle": circle,
        }),
        OrderFault::OtherCell(change) => cell("other-value", change),
        OrderFault::OtherCellInPass(change) => cell("other-value-in-pass", change),
        OrderFault::NotBound { module } => json!({"kind": "not-bound", "module": module}),
        OrderFault::NotLoaded { module } => json!({"kind": "not-loaded", "module": module}),
        OrderFault::OtherInPass { module, as_it_is, outcome: came } => json!({
            "kind": "other-outcome-in-pass", "module": module, "as_it_is": outcome(as_it_is), "outcome": outcome(came),
        }),
    }
}

fn cell(kind: &str, change: &CellChange) -> Value {
    json!({
        "kind": kind, "module": change.module, "name": change.name, "alone": change.alone, "after": change.after,
    })
}

fn not_importable(module: &NotImportable) -> Value {
    json!({"module": module.module, "outcome": outcome(&module.outcome), "chain": module.chain})
}
