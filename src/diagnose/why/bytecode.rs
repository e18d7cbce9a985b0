//! Suspicions about bytecode files: those that the import system takes though they were compiled from another source.

use super::paths::shown;
use super::scene::Scene;
use super::suspicion::SuspectedCause;
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::scenario::Step;
use crate::world::{Bytecode, BytecodeCheck, Content, EntryPath, Node, Operation, World};

/// What headers say of how they are compared with their source, where not by time and size.
const UNCHECKED: &str = "says that nobody compares it with its source (unchecked hash)";
const CHECKED: &str = "says that it is compared with its source by a hash (checked hash)";

/// Bytecode files that the import system takes for the source's, but that were compiled from another; then those whose source is
/// not known, which taster cannot compare: only the repair tells.
pub(super) fn stale(scene: &Scene) -> Vec<SuspectedCause> {
    let world = &scene.before.world;
    let compiled = world.entries().filter_map(|(path, node)| match node {
        Node::File { content: Content::Bytecode(bytecode), .. } => Some((path, bytecode)),
        _ => None,
    });
    let mut suspicions: Vec<SuspectedCause> =
        compiled.filter_map(|(path, bytecode)| stale_bytecode(world, path, bytecode)).collect();
    suspicions.extend(world.entries().filter_map(|(path, node)| of_unknown_source(world, path, node)));
    suspicions
}

/// A bytecode file that names no time and size of its source, or has no source beside it.
fn of_unknown_source(world: &World, path: &EntryPath, node: &Node) -> Option<SuspectedCause> {
    let (header, by_times) = match node {
        Node::File { content: Content::Bytes(bytes), .. } => (header(bytes), false),
        Node::File { content: Content::Bytecode(bytecode), .. } => match bytecode.check {
            BytecodeCheck::Times => (header(&bytecode.bytes), true),
            BytecodeCheck::Hash => (CHECKED.to_owned(), false),
            BytecodeCheck::Nothing => (UNCHECKED.to_owned(), false),
        },
        _ => return None,
    };
    let source = source_of(path)?;
    let text = match world.leads_to(&source) {
        // Compared by time and size: see above.
        Some(Node::File { .. }) if by_times => return None,
        Some(Node::File { content: Content::Bytes(text), .. }) => {
            format!("{}, now of size {}", shown(&source), text.len())
        }
        _ => "none beside it".to_owned(),
    };
    Some(SuspectedCause::new(
        Cause::StaleBytecode,
        vec![Step::World(Operation::Remove(path.clone()))],
        [
            (EvidenceKind::Bytecode, shown(path)),
            (EvidenceKind::BytecodeHeader, header),
            (EvidenceKind::Source, text),
        ],
    ))
}

fn stale_bytecode(world: &World, path: &EntryPath, bytecode: &Bytecode) -> Option<SuspectedCause> {
    let source = source_of(path)?;
    let Node::File { content: Content::Bytes(bytes), modified } = world.leads_to(&source)? else {
        return None;
    };
    let same_second = u64::from(bytecode.second) == modified.second() & u64::from(u32::MAX);
    let same_size =
        bytecode.size.is_none_or(|size| bytes.len() as u64 & u64::from(u32::MAX) == u64::from(size));
    let size = bytecode.size.map_or_else(|| "not recorded".to_owned(), |size| size.to_string());
    let by_times = bytecode.check == BytecodeCheck::Times;
    (by_times && same_second && same_size && bytes[..] != bytecode.source[..]).then(|| {
        SuspectedCause::new(
            Cause::StaleBytecode,
            vec![Step::World(Operation::Remove(path.clone()))],
            [
                (EvidenceKind::Bytecode, shown(path)),
                (EvidenceKind::Source, shown(&source)),
                (EvidenceKind::SourceSecond, bytecode.second.to_string()),
                (EvidenceKind::RecordedSize, size),
                (EvidenceKind::SizeNow, bytes.len().to_string()),
            ],
        )
    })
}

/// The source of `d/__pycache__/m.tag.pyc` or, in Python 2.7, `d/m.pyc`.
pub(in crate::diagnose) fn source_of(bytecode: &EntryPath) -> Option<EntryPath> {
    let stem = bytecode.name().strip_suffix(".pyc")?;
    let directory = bytecode.parent()?;
    if directory.name() == "__pycache__" {
        let module = stem.split('.').next()?;
        return Some(directory.parent()?.join(&format!("{module}.py")));
    }
    Some(directory.join(&format!("{stem}.py")))
}

/// What the header of a bytecode file says of how it is compared with its source.
fn header(bytes: &[u8]) -> String {
    let word = |number: usize| {
        let four = bytes.get(4 * number..4 * number + 4)?;
        Some(u32::from_le_bytes(four.try_into().ok()?))
    };
    let Some(magic) = word(0).map(|word| word & 0xFFFF) else { return "too short to be bytecode".into() };
    // The magic number of 3.7 is 3390 and up, below it 3.6 has at most 3379; the numbers of 2.7 are above 60000.
    let has_flags = (3390..60_000).contains(&magic);
    match (has_flags, word(1)) {
        (true, Some(1)) => UNCHECKED.into(),
        (true, Some(3)) => CHECKED.into(),
        (true, Some(0)) => time_and_size(word(2), word(3)),
        (false, Some(second)) => time_and_size(Some(second), word(2).filter(|_| magic < 60_000)),
        _ => "has flags that no version knows".into(),
    }
}

fn time_and_size(second: Option<u32>, size: Option<u32>) -> String {
    let told = |number: Option<u32>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    format!("names a source of second {} and size {}", told(second), told(size))
}
