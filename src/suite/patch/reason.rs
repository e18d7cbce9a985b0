//! The reason for a change, in words: it stands beside the change, as a comment.

use crate::suite::finding::HuntFinding;
use crate::suite::runner::cell::ValueKind;

/// Tests that a comment names before it counts the others.
const MOST_NAMED: usize = 2;

/// The name of a test as one says it in a file: without the file where it is the same.
pub(super) fn said(id: &str, file_of: &str) -> String {
    let file = |id: &str| id.split("::").next().unwrap_or(id).to_owned();
    match id.split_once("::") {
        Some((_, rest)) if file(id) == file(file_of) => rest.to_owned(),
        _ => id.to_owned(),
    }
}

/// Names as words of a sentence, and whether they are several.
pub(super) fn listed(names: &[String]) -> (String, bool) {
    let several = names.len() > 1;
    let text = match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        many if many.len() <= MOST_NAMED + 1 => {
            format!("{} and {}", many[..many.len() - 1].join(", "), many[many.len() - 1])
        }
        many => format!("{} and {} other tests", many[..MOST_NAMED].join(", "), many.len() - MOST_NAMED),
    };
    (text, several)
}

/// The victims of a group, as the subject of a sentence with its verb.
pub(super) fn victims(findings: &[&HuntFinding], here: &str, verb: (&str, &str)) -> String {
    let names: Vec<String> = findings.iter().map(|finding| said(&finding.victim, here)).collect();
    let (names, several) = listed(&names);
    format!("{names} {}", if several { verb.1 } else { verb.0 })
}

/// The cells of a finding, as words.
pub(super) fn cells(finding: &HuntFinding) -> String {
    let names: Vec<String> =
        finding.state.iter().map(|cell| cell.cell.trim_end_matches("[:]").to_owned()).collect();
    match &names[..] {
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => "what it leaves behind".to_owned(),
    }
}

/// Why something is restored after a test, which the text calls `it`.
pub(super) fn restored(findings: &[&HuntFinding], here: &str, it: &str) -> String {
    let first = findings[0];
    let fail = victims(findings, here, ("fails", "fail"));
    let are = if first.state.len() > 1 { "are" } else { "is" };
    let is_new = first.state.iter().all(|cell| cell.alone_is == ValueKind::Absent);
    let done = if is_new { "removed" } else { "restored" };
    format!("{fail} after {it} unless {} {are} {done}.", cells(first))
}
