//! The world: the file tree and the virtual clock as one plain value, and the steps that change it. It knows
//! nothing of interpreters. `disk` makes a directory equal to a world and reads one back.

mod bytecode;
pub mod disk;
mod links;
mod names;
mod operation;
mod path;
mod perform;
mod source_hash;
mod time;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use operation::{Copied, Errno, Mtime, Operation, OsError};
pub use path::EntryPath;
pub use time::{Nanos, Time};

/// The file tree under the ordering's directory, and the clock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    tree: Arc<BTreeMap<EntryPath, Node>>,
    now: Time,
    tick: Nanos,
}

/// One entry of the tree. `modified` is its modification time, which lies on a tick if the world itself set it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// A directory.
    Directory {
        /// Its modification time.
        modified: Time,
    },
    /// A regular file.
    File {
        /// The contents of the file.
        content: Content,
        /// Its modification time.
        modified: Time,
    },
    /// A symbolic link. Its target is relative if a step of the scenario made it.
    Link {
        /// The target, as written.
        target: Arc<[u8]>,
    },
}

/// The contents of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Content {
    /// Bytes as they are.
    Bytes(Arc<[u8]>),
    /// A bytecode file that the import system compiled from a source.
    Bytecode(Bytecode),
}

/// A bytecode file, described by its source. Comparisons ignore its bytes: reference counts make the marshalled
/// form of one source differ between runs.
#[derive(Debug, Clone)]
pub struct Bytecode {
    /// The source's modification time in its header: whole seconds, 32 bits.
    pub second: u32,
    /// The source's size in its header: 32 bits; `None` before CPython 3.3.
    pub size: Option<u32>,
    /// How the import system tells whether it is still that of its source; time and size are 0 and `None` where not by them.
    pub check: BytecodeCheck,
    /// The source that it was compiled from.
    pub source: Arc<[u8]>,
    /// The file's bytes; empty where a model wrote it.
    pub bytes: Arc<[u8]>,
}

/// How the import system tells whether bytecode is still that of its source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BytecodeCheck {
    /// By the source's time and size.
    #[default]
    Times,
    /// By a hash of the source.
    Hash,
    /// Not at all.
    Nothing,
}

impl Bytecode {
    /// Bytecode of a source that a hash stands for, or nothing; without bytes.
    pub(crate) fn by_hash(check: BytecodeCheck, source: Arc<[u8]>) -> Self {
        Self { second: 0, size: None, check, source, bytes: Arc::from([]) }
    }

    fn meaning(&self) -> (u32, Option<u32>, BytecodeCheck, &[u8]) {
        (self.second, self.size, self.check, &self.source)
    }
}

impl PartialEq for Bytecode {
    fn eq(&self, other: &Self) -> bool {
        self.meaning() == other.meaning()
    }
}

impl Eq for Bytecode {}

impl Hash for Bytecode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meaning().hash(state);
    }
}

impl Node {
    /// Its modification time, or `None` for a link, whose time does not matter.
    pub fn modified(&self) -> Option<Time> {
        match self {
            Self::Directory { modified } | Self::File { modified, .. } => Some(*modified),
            Self::Link { .. } => None,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self, Self::Directory { .. })
    }
}

impl World {
    /// An empty directory at the start of virtual time, under a clock with this tick.
    ///
    /// # Panics
    /// Panics if the tick is zero.
    pub fn new(tick: Nanos) -> Self {
        Self::beginning_at(Time::START, tick)
    }

    /// An empty directory at another instant, to choose the phase of a run within a tick.
    ///
    /// # Panics
    /// Panics if the tick is zero.
    pub fn beginning_at(now: Time, tick: Nanos) -> Self {
        assert!(tick > Nanos(0), "a tick has a length");
        let root = Node::Directory { modified: now.floor(tick) };
        Self { tree: Arc::new(BTreeMap::from([(EntryPath::root(), root)])), now, tick }
    }

    /// The current instant.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The modification time that a change made now would get.
    pub fn stamp(&self) -> Time {
        self.now.floor(self.tick)
    }

    /// The granularity of modification times.
    pub fn tick(&self) -> Nanos {
        self.tick
    }

    /// Moves the clock. At the end of virtual time (the year 2554) it stops.
    pub fn advance(&mut self, length: Nanos) {
        self.now = self.now.saturating_add(length);
    }

    /// The entry at `path`.
    pub fn get(&self, path: &EntryPath) -> Option<&Node> {
        self.tree.get(path)
    }

    /// All entries, parents before what is in them; the ordering's directory itself comes first.
    pub fn entries(&self) -> impl Iterator<Item = (&EntryPath, &Node)> {
        self.tree.iter()
    }

    /// The names in a directory, sorted.
    pub fn names_in<'a>(&'a self, directory: &'a EntryPath) -> impl Iterator<Item = &'a str> {
        let below = self.tree.range(directory..).skip(1).take_while(|(path, _)| path.is_below(directory));
        let prefix = if directory.is_root() { 0 } else { directory.as_str().len() + 1 };
        below.map(move |(path, _)| &path.as_str()[prefix..]).filter(|name| !name.contains('/'))
    }

    /// Puts an entry exactly as given and changes no other entry's time. Reading a directory back uses this.
    pub fn put(&mut self, path: EntryPath, node: Node) {
        Arc::make_mut(&mut self.tree).insert(path, node);
    }

    /// Removes an entry with everything below it and changes no other entry's time.
    pub fn take(&mut self, path: &EntryPath) {
        Arc::make_mut(&mut self.tree).retain(|entry, _| entry != path && !entry.is_below(path));
    }
}
