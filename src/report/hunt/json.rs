//! The results of a hunt as JSON lines: the suite, each finding, a summary.

use serde_json::{Map, Value, json};

use crate::suite::HuntReport;

/// One line of kind `suite`, one of kind `finding` for each finding, one of kind `summary`; of a shard, one of kind `shard` before them.
pub fn hunted_json(report: &HuntReport) -> String {
    let shard =
        report.shard.iter().map(|shard| line("shard", json!({"shard": shard.shard, "whole": shard.whole})));
    let findings = report.findings.iter().map(|finding| line("finding", json!(finding)));
    let lines: String =
        shard.chain(std::iter::once(line("suite", json!(report.about)))).chain(findings).collect();
    lines + &line("summary", summary(report))
}

fn summary(report: &HuntReport) -> Value {
    let orders: Map<String, Value> =
        report.orders.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    let mut summary = json!({
        "findings": report.findings.len(),
        "unconfirmed": report.unconfirmed,
        "broken": report.broken,
        "seen_failing": report.seen_failing,
        "frozen_only": report.frozen_only,
        "orders": orders,
        "neighbours": {"covered": report.neighbours.0, "total": report.neighbours.1},
        "pairs": report.pairs,
        "seed": report.seed,
        "changed_meanwhile": report.changed_meanwhile,
        "notes": report.notes,
        "complete": report.halted.is_none(),
        "halted": report.halted,
        "runs": report.runs,
        "seconds": report.seconds,
        "last_finding_seconds": report.last_finding,
    });
    if let (Some(shard), Value::Object(fields)) = (&report.shard, &mut summary) {
        fields.insert("shard".to_owned(), json!(shard.shard));
        let of_shard = json!({"shared": shard.shared_neighbours, "own": shard.own_neighbours});
        fields.insert("neighbours_by".to_owned(), of_shard);
    }
    summary
}

fn line(kind: &str, value: Value) -> String {
    let mut object = Map::new();
    object.insert("schema".to_owned(), json!(1));
    object.insert("kind".to_owned(), json!(kind));
    if let Value::Object(fields) = value {
        object.extend(fields);
    }
    format!("{}\n", Value::Object(object))
}
