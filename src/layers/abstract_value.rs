//! What a state is made of: slots, each holding one of a few contents. Contents keep of times only what can still be
//! compared, where nothing but the import system can compare them.

use std::sync::Arc;

use crate::interpreter::model::{Name, Object, ObjectId, PathEntry, Value};
use crate::world::{EntryPath, Time};

/// One place of a state that holds a content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Slot {
    /// How far a test is.
    Progress(usize),
    /// What time it is.
    Clock,
    /// `sys.path`
    Path,
    /// A path of the world.
    Entry(EntryPath),
    /// An entry of `sys.path_importer_cache`.
    Finder(Name),
    /// An entry of `sys.modules`.
    Module(Name),
    /// An object.
    Object(ObjectId),
    /// An environment variable.
    Variable(Name),
}

/// What a slot holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum AbstractValue {
    /// Nothing is there: in most slots, how it is at the start.
    Absent,
    /// Steps of the test that are past, and whether one of them failed. Of a test that is complete nobody asks whether.
    Progress {
        done: usize,
        failed: bool,
    },
    Clock(Time),
    Path(Arc<Vec<PathEntry>>),
    Directory(When),
    File {
        bytes: Arc<[u8]>,
        when: When,
        second: When,
    },
    Bytecode {
        source: Arc<[u8]>,
        size: Option<u32>,
        second: Second,
    },
    NoFinder,
    Finder {
        recorded: Recorded,
        names: Arc<std::collections::BTreeSet<Name>>,
    },
    Module(Value),
    Object(Arc<Object>),
    Variable(Option<Name>),
}

/// A modification time, or the second of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum When {
    /// The one that a change made now gives: one that is made soon may give it again.
    Now,
    /// An earlier one, which no change gives again.
    Past,
    /// This one, where any two of a state may be compared.
    At(Time),
}

/// The source's second in a bytecode file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Second {
    /// That of the source as it lies there.
    Synced,
    /// Not that, but the current one.
    Now,
    /// One that no source will have again.
    Dead,
    /// This one.
    At(u32),
}

/// The time that a finder recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Recorded {
    /// None that its directory has or will have: it lists the directory anew, or has not listed it.
    Never,
    /// That of what lies at its path now.
    Synced,
    /// Not that, but the one that a change made now gives.
    Now,
    /// This one, a float by its bits.
    At(u64),
}

impl AbstractValue {
    /// The same content once changes give another time, and perhaps another second.
    pub(super) fn aged(&self, second_passes: bool) -> Self {
        let aged = |when: When| if when == When::Now { When::Past } else { when };
        match self {
            Self::Directory(when) => Self::Directory(aged(*when)),
            Self::File { bytes, when, second } => Self::File {
                bytes: bytes.clone(),
                when: aged(*when),
                second: if second_passes { aged(*second) } else { *second },
            },
            Self::Finder { recorded: Recorded::Now, .. } => {
                Self::Finder { recorded: Recorded::Never, names: Arc::default() }
            }
            Self::Bytecode { second: Second::Now, .. } if second_passes => Self::dead_bytecode(),
            other => other.clone(),
        }
    }

    /// Bytecode that no source will match again: what it was compiled from no longer matters.
    pub(super) fn dead_bytecode() -> Self {
        Self::Bytecode { source: Arc::from([]), size: None, second: Second::Dead }
    }
}

/// The contents that a test's progress can have, in the order of their numbers: twice the steps that are past, and one more
/// where one of them failed.
pub(super) fn progress(length: usize) -> impl Iterator<Item = AbstractValue> {
    (0..=length).flat_map(|done| [false, true].map(|failed| AbstractValue::Progress { done, failed }))
}
