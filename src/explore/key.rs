//! What makes two states one: a digest of the steps left, the clock, the world and the interpreter's fingerprint. Where nothing
//! can read a time, only what the import system can still compare of times is in it.

use blake3::Hasher;

use crate::interpreter::{Fingerprint, Kind};
use crate::ordering::{Progress, Shape};
use crate::scenario::{Action, Operation, Scenario, Step};
use crate::world::{Content, Node, Time, World};

/// A state's key.
pub(super) type Key = [u8; 32];

/// How much of times a key keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// All: some code could read them.
    Exact,
    /// What can be compared: whether a directory's time, the one that its finder recorded, and the one that a change made
    /// now would get are equal; whole seconds of files.
    Compared,
    /// The same, across directories too: one could be renamed to where another was listed.
    ComparedAcross,
}

impl Times {
    /// What a scenario's steps on this kind of interpreter could do with a time.
    pub(super) fn for_scenario(scenario: &Scenario, kind: Kind) -> Self {
        let could_read = |step: &Step| match step {
            Step::World(Operation::Write { text, .. }) => !crate::body::is_inert(text),
            Step::Interpreter(Action::Exec { .. }) => true,
            _ => false,
        };
        let renames = |step: &Step| matches!(step, Step::World(Operation::Rename { .. }));
        if kind != Kind::Model && scenario.steps().any(could_read) {
            Self::Exact
        } else if scenario.steps().any(renames) {
            Self::ComparedAcross
        } else {
            Self::Compared
        }
    }
}

/// The key of a state with steps left.
pub(super) fn state(
    progress: &Progress,
    failed: &[usize],
    world: &World,
    fingerprint: &Fingerprint,
    times: Times,
) -> Key {
    let mut hasher = Hasher::new();
    put_usizes(&mut hasher, progress.counts());
    put_usizes(&mut hasher, failed.iter().copied());
    put(&mut hasher, &world.now().0.to_le_bytes());
    put(&mut hasher, &fingerprint.digest);
    put_tree(&mut hasher, world, times);
    match times {
        Times::Exact => put_finders_exactly(&mut hasher, fingerprint),
        Times::Compared => put_comparisons(&mut hasher, world, fingerprint),
        Times::ComparedAcross => put_classes(&mut hasher, world, fingerprint),
    }
    *hasher.finalize().as_bytes()
}

/// The key of a state that must not be merged with any other: what leads to it.
pub(super) fn unique(from: u32, test: usize) -> Key {
    let mut hasher = Hasher::new_derive_key("taster unmerged state");
    hasher.update(&from.to_le_bytes());
    hasher.update(&test.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// The key of the state in which all steps are past.
pub(super) fn end(shape: &Shape) -> Key {
    *Hasher::new_derive_key("taster end state").update(&shape.tests().to_le_bytes()).finalize().as_bytes()
}

fn put(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn put_usizes(hasher: &mut Hasher, numbers: impl Iterator<Item = usize>) {
    for number in numbers {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(&usize::MAX.to_le_bytes());
}

fn put_tree(hasher: &mut Hasher, world: &World, times: Times) {
    for (path, node) in world.entries() {
        put(hasher, path.as_str().as_bytes());
        match node {
            Node::Directory { modified } => {
                put(hasher, b"directory");
                if times == Times::Exact {
                    put_time(hasher, *modified);
                }
            }
            Node::File { content, modified } => {
                put_content(hasher, content);
                match times {
                    Times::Exact => put_time(hasher, *modified),
                    Times::Compared | Times::ComparedAcross => put(hasher, &modified.second().to_le_bytes()),
                }
            }
            Node::Link { target } => {
                put(hasher, b"link");
                put(hasher, target);
            }
        }
    }
}

fn put_content(hasher: &mut Hasher, content: &Content) {
    match content {
        Content::Bytes(bytes) => {
            put(hasher, b"file");
            put(hasher, bytes);
        }
        Content::Bytecode(bytecode) => {
            put(hasher, b"bytecode");
            put(hasher, &bytecode.second.to_le_bytes());
            put(hasher, &bytecode.size.unwrap_or(u32::MAX).to_le_bytes());
            put(hasher, &bytecode.source);
        }
    }
}

fn put_time(hasher: &mut Hasher, time: Time) {
    hasher.update(&time.0.to_le_bytes());
}

fn put_finders_exactly(hasher: &mut Hasher, fingerprint: &Fingerprint) {
    for (path, listed) in &fingerprint.finders {
        put(hasher, path.as_str().as_bytes());
        hasher.update(&listed.to_bits().to_le_bytes());
    }
}

/// For each directory: does a change made now leave its time as it is? For each finder: does it hold the directory's time,
/// and would a change made now bring the directory to it? Later stamps only grow, so nothing else can become equal.
#[expect(clippy::float_cmp, reason = "CPython compares these floats with `!=`")]
fn put_comparisons(hasher: &mut Hasher, world: &World, fingerprint: &Fingerprint) {
    let stamp = world.stamp().as_cpython_float();
    for (_, node) in world.entries() {
        if let Node::Directory { modified } = node {
            hasher.update(&[u8::from(modified.as_cpython_float() == stamp)]);
        }
    }
    for (path, &listed) in &fingerprint.finders {
        put(hasher, path.as_str().as_bytes());
        let directory = world.get(path).and_then(Node::modified);
        let now = directory.map_or(2, |modified| u8::from(modified.as_cpython_float() == listed));
        hasher.update(&[now, u8::from(listed == stamp)]);
    }
}

/// The classes of equal times among all directories, all finders and a change made now, each named by its first member.
fn put_classes(hasher: &mut Hasher, world: &World, fingerprint: &Fingerprint) {
    let mut classes: Vec<u64> = vec![world.stamp().as_cpython_float().to_bits()];
    let mut class_of = |time: f64| {
        let bits = time.to_bits();
        classes.iter().position(|&known| known == bits).unwrap_or_else(|| {
            classes.push(bits);
            classes.len() - 1
        })
    };
    let directories = world.entries().filter(|(_, node)| node.is_directory());
    for modified in directories.filter_map(|(_, node)| node.modified()) {
        hasher.update(&class_of(modified.as_cpython_float()).to_le_bytes());
    }
    for (path, &listed) in &fingerprint.finders {
        put(hasher, path.as_str().as_bytes());
        hasher.update(&class_of(listed).to_le_bytes());
    }
}
