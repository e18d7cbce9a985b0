//! The causes of findings: one stable code for each, the same in scenarios, reports, machine output and hunts. What a cause means
//! in a page is for `explain`; which cause a finding has, for `diagnose` and `suite`.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a test's outcome depends on the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// A FileFinder's listing predates the file, and the directory's time did not move.
    StaleDirectoryListing,
    /// `sys.path_importer_cache` says of a directory that exists now that there is none.
    NegativePathEntry,
    /// `sys.path_importer_cache` answers for a relative entry of `sys.path` with the directory that it meant earlier.
    RelativePathEntry,
    /// The bytecode matches the source's second and size, but not its content.
    StaleBytecode,
    /// `sys.modules` answers with an earlier module of that name.
    RetainedModule,
    /// A module took a name from another module before that got another object, and keeps the earlier one.
    StaleName,
    /// One file was imported twice, mostly under two names: there are two modules of it.
    DuplicateModule,
    /// A module reads a name from a partially initialised module.
    CircularImport,
    /// An attribute exists only if somebody else imported the submodule.
    MissingSubmodule,
    /// A namespace package's `__path__` predates a portion.
    StaleNamespacePath,
    /// An earlier failed import left children in `sys.modules` that are not bound again.
    HalfImportedPackage,
    /// Importing the polluter changed state that the victim reads.
    ImportSideEffect,
    /// A file that the victim reads was written, removed or replaced.
    ChangedFile,
    /// A test changed state that is not the import system's, and did not put it back.
    ChangedState,
    /// A global generator of random numbers was used before, or nobody seeded it.
    RandomState,
    /// A thread waits for the import lock of a module whose importer waits for it.
    ImportLock,
    /// Nobody looked for one: there was no time, or nobody asked.
    NotSought,
    /// None of these could be confirmed.
    Unknown,
}

impl Cause {
    /// Every cause, in the order of the documentation.
    pub const ALL: [Self; 18] = [
        Self::StaleDirectoryListing,
        Self::NegativePathEntry,
        Self::RelativePathEntry,
        Self::StaleBytecode,
        Self::RetainedModule,
        Self::StaleName,
        Self::DuplicateModule,
        Self::CircularImport,
        Self::MissingSubmodule,
        Self::StaleNamespacePath,
        Self::HalfImportedPackage,
        Self::ImportSideEffect,
        Self::ChangedFile,
        Self::ChangedState,
        Self::RandomState,
        Self::ImportLock,
        Self::NotSought,
        Self::Unknown,
    ];

    /// The code in scenarios and machine output.
    pub const fn code(self) -> &'static str {
        match self {
            Self::StaleDirectoryListing => "stale-directory-listing",
            Self::NegativePathEntry => "negative-path-entry",
            Self::RelativePathEntry => "relative-path-entry",
            Self::StaleBytecode => "stale-bytecode",
            Self::RetainedModule => "retained-module",
            Self::StaleName => "stale-name",
            Self::DuplicateModule => "duplicate-module",
            Self::CircularImport => "circular-import",
            Self::MissingSubmodule => "missing-submodule",
            Self::StaleNamespacePath => "stale-namespace-path",
            Self::HalfImportedPackage => "half-imported-package",
            Self::ImportSideEffect => "import-side-effect",
            Self::ChangedFile => "changed-file",
            Self::ChangedState => "changed-state",
            Self::RandomState => "random-state",
            Self::ImportLock => "import-lock",
            Self::NotSought => "not-sought",
            Self::Unknown => "unknown",
        }
    }

    /// The cause of this code, or `None` if there is none.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.code() == code)
    }

    /// Whether a scenario may declare it. `ChangedState` is what only a hunt finds: in a scenario a test that changes state has the
    /// cause of one that imports what changes it. `NotSought` is no answer.
    pub const fn is_declarable(self) -> bool {
        !matches!(self, Self::ChangedState | Self::NotSought)
    }

    /// The codes of the causes that a scenario may declare, in the order of the documentation.
    pub fn declarable_codes() -> Vec<&'static str> {
        Self::ALL.into_iter().filter(|cause| cause.is_declarable()).map(Self::code).collect()
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&code), &"the code of a cause"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_of_one_cause() {
        for cause in Cause::ALL {
            assert_eq!(Cause::from_code(cause.code()), Some(cause));
        }
        assert_eq!(Cause::from_code("stale"), None);
    }

    #[test]
    fn a_scenario_declares_every_cause_but_what_it_cannot_have() {
        let others = Cause::ALL.into_iter().filter(|cause| !cause.is_declarable());
        assert_eq!(others.collect::<Vec<_>>(), [Cause::ChangedState, Cause::NotSought]);
    }
}
