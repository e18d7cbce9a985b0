//! What shows the cause of a finding: facts that were read from the live interpreter, each with a key for programs and a label
//! for people.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;

/// One fact, and the value that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which fact it is.
    pub kind: EvidenceKind,
    /// The value, in words.
    pub value: String,
}

/// Which fact a piece of evidence states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EvidenceKind {
    /// The directory of a finder.
    Finder,
    /// The modification time that a directory had when its finder listed it.
    TimeWhenListed,
    /// The modification time that the directory has now.
    TimeNow,
    /// Names that are on disk, but not in the listing.
    NotListed,
    /// A zip archive on `sys.path`.
    Archive,
    /// What `zipimport` remembers.
    Zipimport,
    /// Files in the archive that `zipimport` does not know, or knows otherwise.
    NotRemembered,
    /// Files that `zipimport` knows and that are not so in the archive.
    RememberedOnly,
    /// What `importlib.metadata` remembers.
    Metadata,
    /// An entry of `sys.path_importer_cache` without a finder.
    NegativeEntry,
    /// A relative entry of `sys.path`.
    RelativeEntry,
    /// What its finder in `sys.path_importer_cache` searches.
    RelativeFinder,
    /// The directory that the entry means now.
    RelativeNow,
    /// The state of the directory that such an entry denies.
    Directory,
    /// A bytecode file.
    Bytecode,
    /// What its header says of its source.
    BytecodeHeader,
    /// The source that it should be of.
    Source,
    /// The second that the bytecode records and in which the source was modified.
    SourceSecond,
    /// The source's size that the bytecode records.
    RecordedSize,
    /// The source's size now.
    SizeNow,
    /// A namespace package.
    Namespace,
    /// Its `__path__`.
    NamespacePath,
    /// The `__path__` that a fresh interpreter would compute.
    FreshPath,
    /// A submodule that is in `sys.modules` without being bound.
    LeftInModules,
    /// The package that does not have the submodule as attribute.
    NotBoundOn,
    /// An attribute that the failing step looked for.
    Attribute,
    /// The submodule whose import binds the attribute.
    BoundByImport,
    /// A module that was read while it was being imported, and who read it.
    HalfRead,
    /// An import lock, who wants it, and who holds it.
    Lock,
    /// A file that was imported under two names.
    File,
    /// The two names.
    ImportedAs,
    /// A file in the passing ordering and in the failing one.
    ChangedFile,
    /// The message of an import within a circle.
    FailingImport,
    /// The module that makes this import work if it is imported first.
    WorksFirst,
    /// Modules that `sys.modules` still holds.
    HeldModules,
    /// A name that a module took, and the object that it keeps.
    KeptObject,
    /// The object that the module has now from which it took the name.
    ObjectNow,
    /// A value in the passing ordering and in the failing one.
    Changed,
    /// The facts behind a suspicion that no repair confirmed.
    Suspected(Cause),
}

impl EvidenceKind {
    /// The key in machine output. Keys never change.
    pub fn key(self) -> Cow<'static, str> {
        match self {
            Self::Suspected(cause) => format!("suspected {}", cause.code()).into(),
            other => other.key_and_label().0.into(),
        }
    }

    /// The label in reports for people.
    pub fn label(self) -> Cow<'static, str> {
        match self {
            Self::Suspected(cause) => format!("suspected {}", cause.code()).into(),
            other => other.key_and_label().1.into(),
        }
    }

    const fn key_and_label(self) -> (&'static str, &'static str) {
        match self {
            Self::Finder => ("finder", "finder"),
            Self::TimeWhenListed => {
                ("listed when the directory's time was", "directory's time when it was listed")
            }
            Self::TimeNow => ("the directory's time now", "directory's time now"),
            Self::NotListed => ("on disk, but not in the listing", "on disk, but not in the listing"),
            Self::Archive => ("archive", "archive"),
            Self::Zipimport => ("zipimport", "zipimport"),
            Self::NotRemembered => ("in the archive only", "in the archive, but not remembered"),
            Self::RememberedOnly => ("remembered only", "remembered, but not in the archive"),
            Self::RelativeEntry => ("relative entry", "relative entry of sys.path"),
            Self::RelativeFinder => ("its finder", "its finder in sys.path_importer_cache"),
            Self::RelativeNow => ("means now", "directory that it means now"),
            Self::BytecodeHeader => ("header", "its header"),
            Self::HalfRead => ("read half-initialised", "read while it was being imported"),
            Self::Lock => ("import lock", "import lock"),
            Self::File => ("file", "file"),
            Self::ImportedAs => ("imported as", "imported as"),
            Self::ChangedFile => ("changed file", "file (passing -> failing ordering)"),
            Self::Metadata => ("importlib.metadata", "importlib.metadata"),
            Self::NegativeEntry => ("sys.path_importer_cache", "sys.path_importer_cache"),
            Self::Directory => ("the directory", "directory"),
            Self::Bytecode => ("bytecode", "bytecode"),
            Self::Source => ("source", "source"),
            Self::SourceSecond => {
                ("both of second", "source's time in the bytecode and now, in whole seconds")
            }
            Self::RecordedSize => ("source size in the bytecode", "source's size in the bytecode"),
            Self::SizeNow => ("source size now", "source's size now"),
            Self::Namespace => ("namespace package", "namespace package"),
            Self::NamespacePath => ("its __path__", "its __path__"),
            Self::FreshPath => ("what a fresh interpreter computes", "__path__ in a fresh interpreter"),
            Self::LeftInModules => ("left in sys.modules", "still in sys.modules"),
            Self::NotBoundOn => ("not bound on", "not an attribute of"),
            Self::Attribute => ("attribute", "missing attribute"),
            Self::BoundByImport => ("exists only once somebody imports", "exists only after the import of"),
            Self::FailingImport => ("the failing import", "message of the failing import"),
            Self::WorksFirst => ("imported first, this makes it work", "passes if this is imported first"),
            Self::HeldModules => ("sys.modules still holds", "sys.modules still holds"),
            Self::KeptObject => ("keeps", "taken earlier, and kept"),
            Self::ObjectNow => ("is now", "what it is now"),
            Self::Changed => ("changed", "changed (passing -> failing ordering)"),
            Self::Suspected(_) => ("suspected", "suspected"),
        }
    }
}
