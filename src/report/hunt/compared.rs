//! What a hunt's baseline says of it, behind the report of what is new.

use serde_json::{Value, json};

use crate::report::layout::palette::{FAINT, GOOD, STRONG};
use crate::report::layout::wrapped;
use crate::report::words::counted;
use crate::suite::{Compared, KnownFinding};

/// How many findings are known, and which known ones are gone, with styles.
pub fn compared(compared: &Compared) -> String {
    let new = counted(compared.news.findings.len(), "finding");
    let told = format!("{new} new, {} known", compared.known.len());
    let mut text = wrapped(&format!("{FAINT}baseline:{FAINT:#} "), &told);
    if compared.gone.is_empty() {
        return text;
    }
    let (gone, why) = match &compared.news.halted {
        None => (format!("{GOOD}gone{GOOD:#}"), "this hunt, which was complete, did not find them"),
        Some(_) => {
            (format!("{STRONG}not seen{STRONG:#}"), "this hunt did not find them so far; it was cut short")
        }
    };
    text += &wrapped("", &format!("{gone}: {why}"));
    text.extend(compared.gone.iter().map(|known| format!("  {} ({})\n", known.test, known.kind.as_str())));
    text
}

/// The same as a JSON line of kind `baseline`.
pub fn compared_json(compared: &Compared) -> String {
    let one = |known: &KnownFinding| json!({"test": known.test, "finding": known.kind.as_str()});
    let all = |known: &[KnownFinding]| known.iter().map(one).collect::<Vec<Value>>();
    let new: Vec<Value> = compared
        .news
        .findings
        .iter()
        .map(|finding| json!({"test": finding.victim, "finding": finding.finding.as_str()}))
        .collect();
    let line = json!({
        "schema": 1,
        "kind": "baseline",
        "new": new,
        "known": all(&compared.known),
        "gone": all(&compared.gone),
        "gone_for_certain": compared.news.halted.is_none(),
    });
    format!("{line}\n")
}
