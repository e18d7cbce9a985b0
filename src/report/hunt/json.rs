//! The results of a hunt as JSON lines: the suite, each finding, a summary.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::suite::HuntReport;

/// Writes one line of kind `suite`, one of kind `finding` for each, one of kind `summary`.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &HuntReport, out: &mut dyn Write) -> io::Result<()> {
    let suite = serde_json::to_value(&report.about)?;
    line(out, "suite", suite)?;
    for finding in &report.findings {
        line(out, "finding", serde_json::to_value(finding)?)?;
    }
    let orders: Map<String, Value> =
        report.orders.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    let summary = json!({
        "findings": report.findings.len(),
        "broken": report.broken,
        "seen_failing": report.seen_failing,
        "frozen_only": report.frozen_only,
        "orders": orders,
        "neighbours": {"covered": report.neighbours.0, "total": report.neighbours.1},
        "seed": report.seed,
        "changed_meanwhile": report.changed_meanwhile,
        "notes": report.notes,
        "complete": report.halted.is_none(),
        "halted": report.halted,
        "runs": report.runs,
        "seconds": report.seconds,
        "last_finding_seconds": report.last_finding,
    });
    line(out, "summary", summary)
}

fn line(out: &mut dyn Write, kind: &str, value: Value) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("schema".to_owned(), json!(1));
    object.insert("kind".to_owned(), json!(kind));
    if let Value::Object(fields) = value {
        object.extend(fields);
    }
    writeln!(out, "{}", Value::Object(object))
}
