//! The reason for a change, in words: it stands beside the change, as a comment.

use std::collections::BTreeSet;

use super::group::PatchGroup;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::cell::{Cell, CellKind, ValueKind};

/// Tests that a comment names before it counts the others.
const MOST_NAMED: usize = 2;

/// The name of a test as one says it beside another one: without the file and the class where they are the same.
pub(super) fn said(id: &str, beside: &str) -> String {
    let (file, rest) = id.split_once("::").unwrap_or((id, ""));
    if rest.is_empty() || beside.split("::").next() != Some(file) {
        return id.to_owned();
    }
    let class = |rest: &str| rest.rsplit_once("::").map(|(class, _)| class.to_owned());
    let other = beside.split_once("::").and_then(|(_, rest)| class(rest));
    match rest.rsplit_once("::") {
        Some((own, name)) if !name.contains(['[', ']']) && other.as_deref() == Some(own) => name.to_owned(),
        _ => rest.to_owned(),
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
    let names: Vec<String> = finding
        .state
        .iter()
        .map(|cell| cell.cell.trim_end_matches("[:]").trim_start_matches("file ").to_owned())
        .collect();
    match &names[..] {
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => "what it leaves behind".to_owned(),
    }
}

/// Why something is restored after a test, which the text calls `it`.
pub(super) fn restored(group: &PatchGroup<'_>, here: &str, it: &str) -> String {
    let first = group.first();
    let fail = victims(&group.findings, here, ("fails", "fail"));
    let are = if first.state.len() > 1 { "are" } else { "is" };
    let is_new = first.state.iter().all(|cell| cell.alone_is == ValueKind::Absent);
    let done = if is_new { "removed" } else { "restored" };
    format!("{fail} after {it} unless {} {are} {done}.", cells(first))
}

/// What a patch cures, in full, as lines that no diff begins with.
pub(super) fn told(group: &PatchGroup<'_>) -> String {
    let first = group.first();
    let verb = match first.finding {
        FindingKind::Brittle => "passes only after",
        _ if first.needs_files() => "fails with its file alone, and passes if pytest also collects",
        FindingKind::Collection => "fails once pytest also collects",
        _ => "fails after",
    };
    let told = |finding: &&HuntFinding| format!("{} {verb} {}", finding.victim, listed(finding.before()).0);
    let mut lines: Vec<String> = group.findings.iter().map(told).collect();
    let cell = |cell: &Cell| {
        let (alone, after) = cell.values();
        format!("{}: {alone} alone, {after} after", cell.cell)
    };
    // A listing is that of a directory that has another name each time.
    let mut seen = BTreeSet::new();
    let cells = group.findings.iter().flat_map(|finding| &finding.state);
    let new = cells.filter(|each| each.kind != CellKind::Finder && seen.insert(each.cell.clone()));
    lines.extend(new.map(cell));
    lines.iter().map(|line| format!("# {}\n", line.replace('\n', " "))).collect()
}
