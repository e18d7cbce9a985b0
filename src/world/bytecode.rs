//! Recognises bytecode files and reads from them the source that they were compiled from. `disk` uses this.

use std::sync::Arc;

use super::source_hash::source_hash;
use super::{Bytecode, BytecodeCheck, Content, EntryPath, Node, Time, World};

/// Whether a name exists only for bytecode: a bytecode file, one being written, or their directory.
pub(super) fn is_bytecode_name(path: &EntryPath) -> bool {
    let name = path.name();
    let in_cache = path.parent().is_some_and(|parent| parent.name() == "__pycache__");
    let has_suffix = |suffix: &str| name.strip_suffix(suffix).is_some_and(|stem| !stem.is_empty());
    name == "__pycache__"
        || has_suffix(".pyc")
        || has_suffix(".pyo")
        || in_cache && (name.contains(".pyc.") || name.contains(".pyo."))
}

/// The node at `path` as bytecode, if the step left its source unchanged. A source that the step changed may
/// have been compiled before or after the change.
pub(super) fn compiled_from(path: &EntryPath, before: &World, after: &World) -> Option<Node> {
    let Some(Node::File { content: Content::Bytes(bytes), modified }) = after.get(path) else {
        return None;
    };
    let (named, in_cache) = source_of(path)?;
    if in_cache && after.is_shared_cache(&path.parent()?) {
        return None;
    }
    let source = after.followed(&named)?;
    let node = after.get(&source)?;
    if before.followed(&named)? != source || before.get(&source) != Some(node) {
        return None;
    }
    let Node::File { content: Content::Bytes(text), modified: written } = node else {
        return None;
    };
    let bytecode = by_times(bytes, in_cache, (text, *written)).or_else(|| by_hash(bytes, in_cache, text))?;
    let content = Content::Bytecode(Bytecode { bytes: bytes.clone(), ..bytecode });
    Some(Node::File { content, modified: *modified })
}

impl World {
    /// Whether a link makes this `__pycache__` that of other sources too.
    pub(crate) fn is_shared_cache(&self, cache: &EntryPath) -> bool {
        let mut links = self.entries().filter(|(_, node)| matches!(node, Node::Link { .. }));
        links.any(|(path, _)| path.name() == cache.name() && self.followed(path).as_ref() == Some(cache))
    }
}

/// Bytecode whose header has the time and size of the source.
fn by_times(bytes: &[u8], in_cache: bool, (text, written): (&Arc<[u8]>, Time)) -> Option<Bytecode> {
    let Header { second, size } = read_header(bytes, in_cache)?;
    let fits =
        second == low_word(written.second()) && size.is_none_or(|size| size == low_word(text.len() as u64));
    let check = BytecodeCheck::Times;
    fits.then(|| Bytecode { second, size, check, source: text.clone(), bytes: Arc::from([]) })
}

/// Bytecode whose header has the hash of the source, which is compared or not.
fn by_hash(bytes: &[u8], in_cache: bool, text: &Arc<[u8]>) -> Option<Bytecode> {
    let magic = word(bytes, 0)?;
    let check = match word(bytes, 1)? {
        1 => BytecodeCheck::Nothing,
        3 => BytecodeCheck::Hash,
        _ => return None,
    };
    let fits = in_cache && has_flags(magic) && bytes.get(8..16)? == source_hash(magic, text);
    fits.then(|| Bytecode::by_hash(check, text.clone()))
}

/// A word of a header.
fn word(bytes: &[u8], number: usize) -> Option<u32> {
    let four = bytes.get(4 * number..4 * number + 4)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// The magic number of 3.7 is 3390 and up, below it 3.6 has at most 3379; the numbers of 2.7 are above 60000.
fn has_flags(magic: u32) -> bool {
    magic & 0xFFFF >= 3390
}

struct Header {
    second: u32,
    size: Option<u32>,
}

/// The header of a bytecode file that is validated by time: magic, time (2.7); magic, time, size (3.3 to 3.6); magic,
/// flags, time, size (from 3.7 on; flags say whether a hash stands in place of time and size).
fn read_header(bytes: &[u8], in_cache: bool) -> Option<Header> {
    let word = |number: usize| word(bytes, number);
    if !in_cache {
        let second = word(1)?;
        return Some(Header { second, size: None });
    }
    let has_flags = has_flags(word(0)?);
    if has_flags && word(1)? != 0 {
        return None;
    }
    let first = if has_flags { 2 } else { 1 };
    Some(Header { second: word(first)?, size: Some(word(first + 1)?) })
}

/// The source of a bytecode file by its name, and whether the file lies in `__pycache__`.
fn source_of(path: &EntryPath) -> Option<(EntryPath, bool)> {
    let parent = path.parent()?;
    let stem = path.name().strip_suffix(".pyc")?;
    if parent.name() == "__pycache__" {
        let (name, _tag) = stem.split_once('.')?;
        return Some((parent.parent()?.join(&format!("{name}.py")), true));
    }
    Some((parent.join(&format!("{stem}.py")), false))
}

fn low_word(number: u64) -> u32 {
    u32::try_from(number & 0xFFFF_FFFF).unwrap_or_default()
}
