//! The kinds of findings: what was found of which test. One word for each, the same in scenarios, reports, machine output and
//! hunts.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What was found of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// Passes without the polluters and fails in some ordering with them.
    Victim,
    /// Fails on its own and passes in some ordering with the state-setters.
    Brittle,
    /// Fails in every ordering.
    Broken,
    /// Its outcome depends on the order of its prerequisites.
    FlakyAlone,
    /// Does different things in one and the same ordering: no order is to blame.
    Nondeterministic,
    /// Passes when its file is collected alone, and fails once other files are collected too, whatever runs; or the reverse.
    Collection,
}

impl FindingKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Victim,
        Self::Brittle,
        Self::Broken,
        Self::FlakyAlone,
        Self::Nondeterministic,
        Self::Collection,
    ];

    /// The kinds that a scenario may declare. What pytest's collection does, only a hunt finds.
    pub const DECLARABLE: [Self; 5] =
        [Self::Victim, Self::Brittle, Self::Broken, Self::FlakyAlone, Self::Nondeterministic];

    /// The word of machine output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Victim => "victim",
            Self::Brittle => "brittle",
            Self::Broken => "broken",
            Self::FlakyAlone => "flaky-alone",
            Self::Nondeterministic => "nondeterministic",
            Self::Collection => "collection",
        }
    }

    /// The key of the table in which a scenario declares it: named after what the polluters do, where it is a victim.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Victim => "poisoning",
            other => other.as_str(),
        }
    }

    /// The key, in that table, of the test that it is about.
    pub const fn subject_key(self) -> &'static str {
        match self {
            Self::Victim => "victim",
            _ => "test",
        }
    }

    /// The key, in that table, of the tests that bring it about, or `None` if the kind has none.
    pub const fn others_key(self) -> Option<&'static str> {
        match self {
            Self::Victim => Some("polluters"),
            Self::Brittle => Some("state-setters"),
            _ => None,
        }
    }

    /// Whether the ordering that shows it, its witness, is one in which the test fails; that of a brittle test is one in which it
    /// passes.
    pub const fn shows_by_failing(self) -> bool {
        !matches!(self, Self::Brittle)
    }
}

impl Serialize for FindingKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FindingKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        kind.ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&word), &"a kind of finding"))
    }
}
