//! `taster package`: every module of one package is imported first in a fresh interpreter, then every ordered pair.
//!
//! ```text
//! agent (Python) <- imported, settings <- talk <- crew <- alone <- warm, groups <- pairs <- cures <- judge <- emit, other_pass, package_report <- survey
//! ```
//!
//! [`survey()`] does it all and returns a [`PackageReport`]. Forks are the snapshots: of an interpreter that has imported
//! nothing of the package, and of each module's state after its import.

mod alone;
mod crew;
mod cures;
mod emit;
mod finding;
mod groups;
mod imported;
mod judge;
mod other_pass;
mod package_report;
mod pairs;
mod settings;
mod survey;
mod talk;
mod warm;

pub use emit::{EmittedFinding, scenario_of};
pub use finding::{CellChange, OrderFault, PackageFinding};
pub use package_report::{NotImportable, PackageError, PackageEvent, PackageReport, PairCount};
pub use settings::{PackagePass, PackageSettings};
pub use survey::survey;
