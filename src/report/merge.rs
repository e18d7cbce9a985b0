//! What a merger says beside the report that one machine would have written: which shards are missing.

use serde_json::json;

use super::words;
use crate::merge::MissingShard;

/// For people, a line for each; empty if none is missing.
pub fn missing(shards: usize, missing: &[MissingShard]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let there = format!("{} of {} complete:", shards - missing.len(), words::counted(shards, "shard"));
    let lines = missing.iter().map(|MissingShard { shard, why }| format!("  shard {shard} {why}\n"));
    format!("\n{there}\n{}", lines.collect::<String>())
}

/// For programs, in a line.
pub fn missing_json(shards: usize, missing: &[MissingShard]) -> String {
    let of = |MissingShard { shard, why }: &MissingShard| json!({"index": shard.index, "why": why});
    let missing: Vec<_> = missing.iter().map(of).collect();
    format!("{}\n", json!({"schema": 1, "kind": "merged", "shards": shards, "missing": missing}))
}
