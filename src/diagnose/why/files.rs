//! Suspicions about files that differ between the orderings: written, removed or replaced by somebody, and read by the test.

use std::collections::BTreeSet;

use super::bytecode::source_of;
use super::paths::shown;
use super::scene::Contrast;
use super::suspicion::SuspectedCause;
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::scenario::Step;
use crate::world::{Content, EntryPath, Node, Operation, World};

/// Each file that differs, put back alone; then all together.
pub(super) fn changed(contrast: &Contrast) -> Vec<SuspectedCause> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let (polluted, clean) = (&contrast.failing.before.world, &passing.before.world);
    let paths: BTreeSet<&EntryPath> =
        polluted.entries().chain(clean.entries()).map(|(path, _)| path).collect();
    let changes: Vec<(String, Step)> = paths
        .into_iter()
        .filter_map(|path| Some((path, put_back(path, polluted, clean)?)))
        .map(told)
        .collect();
    let mut suspicions: Vec<SuspectedCause> =
        changes.iter().map(|one| putting_back(std::slice::from_ref(one))).collect();
    if changes.len() > 1 {
        suspicions.push(putting_back(&changes));
    }
    suspicions
}

fn told((path, step): (&EntryPath, Step)) -> (String, Step) {
    let what = match &step {
        Step::World(Operation::Remove(_)) => "not there -> there",
        Step::World(Operation::Mkdir(_)) => "there -> not there",
        _ => "other contents",
    };
    (format!("{}: {what}", shown(path)), step)
}

fn putting_back(changes: &[(String, Step)]) -> SuspectedCause {
    let (told, steps): (Vec<String>, Vec<Step>) = changes.iter().cloned().unzip();
    SuspectedCause::new(Cause::ChangedFile, steps, [(EvidenceKind::ChangedFile, told.join("; "))])
}

/// The step that makes an entry what it is in the other world, or `None` if it is so already, or cannot be written as a step, or is
/// bytecode, which is a cause of its own.
fn put_back(path: &EntryPath, polluted: &World, clean: &World) -> Option<Step> {
    let in_cache = path.parent().is_some_and(|parent| parent.name() == "__pycache__");
    if in_cache || path.name() == "__pycache__" || source_of(path).is_some() {
        return None;
    }
    let operation = match (polluted.get(path), clean.get(path)) {
        (Some(_), None) if is_outermost(path, clean) => Operation::Remove(path.clone()),
        (None, Some(Node::Directory { .. })) => Operation::Mkdir(path.clone()),
        (now, Some(Node::File { content: Content::Bytes(bytes), .. })) if contents(now) != Some(bytes) => {
            Operation::Write {
                path: path.clone(),
                text: std::str::from_utf8(bytes).ok()?.into(),
                mtime: None,
            }
        }
        _ => return None,
    };
    Some(Step::World(operation))
}

/// Whether the directory of an entry is there: else it goes with that.
fn is_outermost(path: &EntryPath, clean: &World) -> bool {
    path.parent().is_none_or(|parent| clean.get(&parent).is_some())
}

fn contents(node: Option<&Node>) -> Option<&[u8]> {
    match node? {
        Node::File { content: Content::Bytes(bytes), .. } => Some(bytes),
        _ => None,
    }
}
