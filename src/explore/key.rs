//! What makes two states one: their key. The invariant that everything rests on: **two states with one key have one future**. Every
//! step that is left has the same outcome from both, and leads to states that again have one key. So a walk performs what lies
//! behind such states once, and counts it for every way into them.
//!
//! A step reads three things, and the key holds all of them: the world (files and clock), the interpreter (its fingerprint), and
//! whether an earlier step of its test failed. Steps left are in it, because the future is made of them. How a state was reached is
//! not in it, because no step can read that; the audit tests whether it is so.
//!
//! Of times, a step reads either all (module code could call `os.stat`: [`Times::Exact`]) or what CPython's finders compare: is the
//! time that a finder recorded still the directory's? An example, with a tick of 1 s and the clock at second 7, before a step that
//! writes the module `y` into `lib`, and one that imports `y`:
//!
//! | way | `lib` changed | finder listed at | a change now | finder is up to date, and stays so after a change |
//! |---|---|---|---|---|
//! | first | 5 | 5 | 7 | yes, no: `y` is found |
//! | second | 6 | 6 | 7 | yes, no: `y` is found |
//! | third | 7 | 7 | 7 | yes, yes: the change is not seen, `y` is not found |
//!
//! The first two have one future although their times differ, and one key: it holds the answers of the last column in place of the
//! times. The third has another. Since the clock only goes on, a time that differs from it now can never become equal to it later.

use blake3::Hasher;

use crate::interpreter::inert::is_inert_step;
use crate::interpreter::{Fingerprint, Kind};
use crate::ordering::{Shape, StepsDone};
use crate::scenario::{Scenario, Step};
use crate::world::{Content, Node, Time, World};

/// A state's key.
pub(super) type StateKey = [u8; 32];

/// How much of times a key keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// All: some code could read them, or a step sets them.
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
        let could_read = |step: &Step| !is_inert_step(step);
        let reads = kind != Kind::Model && (scenario.real.is_reached() || scenario.steps().any(could_read));
        if reads || scenario.sets_times() {
            Self::Exact
        } else if scenario.compares_times_across() {
            Self::ComparedAcross
        } else {
            Self::Compared
        }
    }
}

/// Whether code of a scenario could read a modification time on this kind of interpreter; else only which of them are equal
/// can matter.
pub fn can_read_times(scenario: &Scenario, kind: Kind) -> bool {
    Times::for_scenario(scenario, kind) == Times::Exact
}

/// The key of a state with steps left.
pub(super) fn state(
    progress: &StepsDone,
    failed: &[usize],
    world: &World,
    fingerprint: &Fingerprint,
    times: Times,
) -> StateKey {
    let times = if fingerprint.exact_times { Times::Exact } else { times };
    let mut bytes = Vec::with_capacity(1024);
    put_usizes(&mut bytes, progress.counts());
    put_usizes(&mut bytes, failed.iter().copied());
    put(&mut bytes, &world.now().0.to_le_bytes());
    put(&mut bytes, &fingerprint.digest);
    put_tree(&mut bytes, world, times);
    match times {
        Times::Exact => put_finders_exactly(&mut bytes, fingerprint),
        Times::Compared => put_comparisons(&mut bytes, world, fingerprint),
        Times::ComparedAcross => put_classes(&mut bytes, world, fingerprint),
    }
    *blake3::hash(&bytes).as_bytes()
}

/// The key of a state that must not be merged with any other: what leads to it.
pub(super) fn unique(from: u32, test: usize) -> StateKey {
    let mut hasher = Hasher::new_derive_key("taster unmerged state");
    hasher.update(&from.to_le_bytes());
    hasher.update(&test.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// The key of the state in which all steps are past.
pub(super) fn end(shape: &Shape) -> StateKey {
    *Hasher::new_derive_key("taster end state").update(&shape.tests().to_le_bytes()).finalize().as_bytes()
}

fn put(gathered: &mut Vec<u8>, bytes: &[u8]) {
    gathered.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    gathered.extend_from_slice(bytes);
}

fn put_usizes(gathered: &mut Vec<u8>, numbers: impl Iterator<Item = usize>) {
    for number in numbers {
        gathered.extend_from_slice(&number.to_le_bytes());
    }
    gathered.extend_from_slice(&usize::MAX.to_le_bytes());
}

fn put_tree(gathered: &mut Vec<u8>, world: &World, times: Times) {
    for (path, node) in world.entries() {
        put(gathered, path.as_str().as_bytes());
        match node {
            Node::Directory { modified } => {
                put(gathered, b"directory");
                if times == Times::Exact {
                    put_time(gathered, *modified);
                }
            }
            Node::File { content, modified } => {
                put_content(gathered, content);
                match times {
                    Times::Exact => put_time(gathered, *modified),
                    Times::Compared | Times::ComparedAcross => {
                        put(gathered, &modified.second().to_le_bytes());
                    }
                }
            }
            Node::Link { target } => {
                put(gathered, b"link");
                put(gathered, target);
            }
        }
    }
}

fn put_content(gathered: &mut Vec<u8>, content: &Content) {
    match content {
        Content::Bytes(bytes) => {
            put(gathered, b"file");
            put(gathered, bytes);
        }
        Content::Bytecode(bytecode) => {
            put(gathered, b"bytecode");
            put(gathered, &bytecode.second.to_le_bytes());
            put(gathered, &bytecode.size.unwrap_or(u32::MAX).to_le_bytes());
            put(gathered, &[bytecode.check as u8]);
            put(gathered, &bytecode.source);
        }
    }
}

fn put_time(gathered: &mut Vec<u8>, time: Time) {
    gathered.extend_from_slice(&time.0.to_le_bytes());
}

fn put_finders_exactly(gathered: &mut Vec<u8>, fingerprint: &Fingerprint) {
    for (path, listed) in &fingerprint.finders {
        put(gathered, path.as_str().as_bytes());
        gathered.extend_from_slice(&listed.to_bits().to_le_bytes());
    }
}

/// For each directory: does a change made now leave its time as it is? For each finder: does it hold the directory's time,
/// and would a change made now bring the directory to it? Later stamps only grow, so nothing else can become equal.
#[expect(clippy::float_cmp, reason = "CPython compares these floats with `!=`")]
fn put_comparisons(gathered: &mut Vec<u8>, world: &World, fingerprint: &Fingerprint) {
    let stamp = world.stamp().as_cpython_float();
    for (_, node) in world.entries() {
        if let Node::Directory { modified } = node {
            gathered.extend_from_slice(&[u8::from(modified.as_cpython_float() == stamp)]);
        }
    }
    for (path, &listed) in &fingerprint.finders {
        put(gathered, path.as_str().as_bytes());
        let directory = world.get(path).and_then(Node::modified);
        let now = directory.map_or(2, |modified| u8::from(modified.as_cpython_float() == listed));
        gathered.extend_from_slice(&[now, u8::from(listed == stamp)]);
    }
}

/// The classes of equal times among all directories, all finders and a change made now, each named by its first member.
fn put_classes(gathered: &mut Vec<u8>, world: &World, fingerprint: &Fingerprint) {
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
        gathered.extend_from_slice(&class_of(modified.as_cpython_float()).to_le_bytes());
    }
    for (path, &listed) in &fingerprint.finders {
        put(gathered, path.as_str().as_bytes());
        gathered.extend_from_slice(&class_of(listed).to_le_bytes());
    }
}
