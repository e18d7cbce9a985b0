//! Repairs of an interpreter's state: what diagnosis does to confirm a cause.

use std::time::Duration;

use crate::world::EntryPath;

/// One piece of an interpreter's state to repair. The step passes if that piece is there, and otherwise fails
/// as Python does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Repair {
    /// The finder that `sys.path_importer_cache` holds for this directory of the ordering forgets its listing.
    ForgetListing(EntryPath),
    /// `zipimport` forgets what it read of this archive of the ordering.
    ForgetArchive(EntryPath),
    /// `importlib.metadata` forgets what it found in directories.
    ForgetMetadata,
    /// `del sys.path_importer_cache[directory]`.
    DropPathEntry(EntryPath),
    /// `del sys.modules[name]`, that name alone.
    ForgetModule(String),
    /// `sys.modules[package].__path__` becomes these directories of the ordering.
    SetPackagePath {
        /// The package's dotted name.
        package: String,
        /// Its portions, in order.
        portions: Vec<EntryPath>,
    },
    /// `setattr(sys.modules[package], child, sys.modules[package + "." + child])`; fails where that is bound already.
    BindChild {
        /// The package's dotted name.
        package: String,
        /// The child's own name.
        child: String,
    },
    /// `setattr(sys.modules[module], attribute, ...)`, with the value of this Python literal.
    RestoreAttribute {
        /// The module's dotted name.
        module: String,
        /// The attribute.
        attribute: String,
        /// A Python literal, or `None` to delete the attribute.
        literal: Option<String>,
    },
    /// `os.environ[variable] = value`; what it was at the start if the value is `None`.
    RestoreVariable {
        /// The variable.
        variable: String,
        /// Its value.
        value: Option<String>,
    },
    /// `os.chdir` to this directory of the ordering.
    RestoreDirectory(EntryPath),
    /// `del sys.path_importer_cache[entry]`, of a relative entry.
    DropRelativeEntry(String),
    /// The finder that `sys.path_importer_cache` holds for a relative entry forgets its listing.
    ForgetRelativeListing(String),
    /// `sys.modules[name] = sys.modules[of]`.
    AliasModule {
        /// The name that gets the module.
        name: String,
        /// The name that has it.
        of: String,
    },
    /// `sys.modules[reader].attribute = sys.modules[module].name`, or the module itself; fails where they are one object already.
    RebindName {
        /// The dotted name of the module that took the name.
        reader: String,
        /// The attribute under which it keeps the object.
        attribute: String,
        /// The dotted name of the module that it took it from.
        module: String,
        /// What that calls it; `None` if it took the module itself.
        name: Option<String>,
    },
    /// The caching function at a dotted path below `sys.modules[module]` forgets its results; fails where it has none.
    EmptyCache {
        /// The module's dotted name.
        module: String,
        /// Where in the module the function is.
        path: String,
    },
    /// The piece of state at an address, as an inspection names it, gets a value.
    RestorePiece {
        /// The address.
        address: String,
        /// What it gets.
        value: PieceValue,
    },
    /// Nothing is repaired yet: what all pieces of state hold now is kept for `RestorePiece`.
    Remember,
    /// Nothing is repaired: from now on the interpreter notes which modules are read while they are being imported.
    WatchImports,
    /// Nothing is repaired: after this real time the interpreter tells on its stream for errors which import locks are waited for,
    /// each in a line that begins with [`LOCKS_MARK`].
    WatchLocks {
        /// Real time.
        after: Duration,
    },
}

/// What a piece of state gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PieceValue {
    /// The value of a Python literal.
    Literal(String),
    /// Nothing: it is not there.
    Absent,
    /// What it held when its module was loaded.
    AsLoaded,
    /// What it held at `Remember`.
    Remembered,
}

/// The beginning of a line that tells of an import lock.
pub const LOCKS_MARK: &str = "taster: import lock: ";
