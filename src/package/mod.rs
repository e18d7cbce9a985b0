//! `taster package`: every module of one package is imported first in a fresh interpreter, then every ordered pair.
//!
//! ```text
//! agent (Python) <- imported, settings <- talk <- crew <- alone <- groups <- pairs <- judge <- survey
//! ```
//!
//! [`survey()`] does it all and returns a [`PackageReport`]. Forks are the snapshots: of an interpreter that has imported
//! nothing of the package, and of each module's state after its import.

mod alone;
mod crew;
mod finding;
mod groups;
mod imported;
mod judge;
mod pairs;
mod settings;
mod survey;
mod talk;

pub use finding::{CellChange, OrderFault, PackageFinding};
pub use settings::{PackagePass, PackageSettings};
pub use survey::{NotImportable, PackageError, PackageEvent, PackageReport, PairCount, survey};
