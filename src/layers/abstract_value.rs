//! The parts of a state: slots, each with one of a few contents. If only the import system can compare times,
//! contents keep only the part of a time that can still be compared.

use std::sync::Arc;

use crate::interpreter::model::{Name, Object, ObjectId, PathEntry, Value};
use crate::world::{EntryPath, Time};

/// One place of a state that has a content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Slot {
    /// The progress of a test.
    Progress(usize),
    /// The current time.
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

/// The content of a slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum AbstractValue {
    /// Nothing is there: in most slots, the content at the start.
    Absent,
    /// The number of finished steps of the test, and whether one of them failed. For a complete test the latter
    /// is never asked.
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
        recorded: RecordedTime,
        names: Arc<std::collections::BTreeSet<Name>>,
    },
    Module(Value),
    Object(Arc<Object>),
    Variable(Option<Name>),
}

/// A modification time, or the second of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum When {
    /// The time that a change made now would get: a change soon after may get it again.
    Now,
    /// An earlier time, which no change gets again.
    Past,
    /// Exactly this time, if any two times of a state may be compared.
    At(Time),
}

/// The source's second in a bytecode file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Second {
    /// The second of the source as it is now.
    Synced,
    /// Not that of the source, but the current second.
    Now,
    /// A second that no source will have again.
    Dead,
    /// Exactly this second.
    At(u32),
}

/// The time that a finder recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum RecordedTime {
    /// A time that its directory will never have: the finder will list the directory afresh, or has not listed it.
    Never,
    /// The current time of the directory at its path.
    Synced,
    /// Not the directory's time, but the time that a change made now would get.
    Now,
    /// Exactly this time, a float by its bits.
    At(u64),
}

impl AbstractValue {
    /// The same content after changes get another time, and perhaps another second.
    pub(super) fn aged(&self, second_passes: bool) -> Self {
        let aged = |when: When| if when == When::Now { When::Past } else { when };
        match self {
            Self::Directory(when) => Self::Directory(aged(*when)),
            Self::File { bytes, when, second } => Self::File {
                bytes: bytes.clone(),
                when: aged(*when),
                second: if second_passes { aged(*second) } else { *second },
            },
            Self::Finder { recorded: RecordedTime::Now, .. } => {
                Self::Finder { recorded: RecordedTime::Never, names: Arc::default() }
            }
            Self::Bytecode { second: Second::Now, .. } if second_passes => Self::dead_bytecode(),
            other => other.clone(),
        }
    }

    /// Bytecode that no source will match again: its source no longer matters.
    pub(super) fn dead_bytecode() -> Self {
        Self::Bytecode { source: Arc::from([]), size: None, second: Second::Dead }
    }
}

/// The possible contents of a test's progress, in the order of their numbers: twice the number of finished
/// steps, plus one if one of them failed.
pub(super) fn progress(length: usize) -> impl Iterator<Item = AbstractValue> {
    (0..=length).flat_map(|done| [false, true].map(|failed| AbstractValue::Progress { done, failed }))
}
