//! Changes of what sets up a module (`setup_module`, `setUpModule`): it saves what it changes, and what tears the module down restores it.

use ruff_text_size::Ranged as _;

use super::candidate::{PatchCandidate, PatchReach, comment, imports};
use super::polluting::Polluter;
use super::reason;
use super::ways::CellRestoring;

/// What sets up a module, and what tears it down.
const PAIRS: [(&str, &str); 2] = [("setup_module", "teardown_module"), ("setUpModule", "tearDownModule")];

/// The change, if the function of a polluter is one that sets up a module, and nothing tears it down.
pub(super) fn candidate(test: &Polluter<'_>, ways: &[CellRestoring]) -> Option<PatchCandidate> {
    let (source, function) = (test.source, test.found.function);
    let name = function.name.as_str();
    let (_, ends) = PAIRS.iter().find(|(begins, _)| test.found.class.is_none() && *begins == name)?;
    if PAIRS.iter().any(|(_, ends)| source.text.contains(ends)) || source.text.contains("saved") {
        return None;
    }
    let needed: Vec<String> = ways.iter().flat_map(|each| each.imports.iter().cloned()).collect();
    let (mut edits, inner) = imports(source, &needed);
    let save: Vec<String> = ways.iter().flat_map(|each| each.save.iter().cloned()).collect();
    let assigned = save.iter().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    let mut shared: Vec<&str> = assigned.filter(|name| name.starts_with("saved")).collect();
    shared.dedup();
    let (at, margin) = source.body_start(function)?;
    let global = if shared.is_empty() { Vec::new() } else { vec![format!("global {}", shared.join(", "))] };
    let begin = [comment(&test.reason(), &margin), global, inner.clone(), save].concat();
    edits.push(source.lines(at, &margin, &begin));
    let restore = ways.iter().flat_map(|each| each.restore.iter()).map(|line| format!("    {line}"));
    let inner = inner.iter().map(|line| format!("    {line}"));
    let head = [String::new(), String::new(), format!("def {ends}():")];
    let end: Vec<String> = head.into_iter().chain(inner).chain(restore).collect();
    edits.push(source.lines(source.next_line(function.end().to_usize()), "", &end));
    let what = format!("{ends} restores {}, which {name} changes", reason::cells(test.group.first()));
    Some(PatchCandidate::new(PatchReach::Statement, what).with(source, edits))
}
