//! `taster package`: every module of one package is imported first in a fresh interpreter, then every ordered pair.
//!
//! ```text
//! agent (Python) <- imported, settings <- talk <- crew <- alone <- warm, groups <- pairs <- cures <- judge, package_report <- evidence
//!     <- other_pass <- emit, survey <- shard
//! ```
//!
//! [`survey()`] does it all and returns [`PackageEvidence`], of which a [`PackageReport`] is made. Forks are the snapshots: of an interpreter that has imported
//! nothing of the package, and of each module's state after its import.

mod alone;
mod crew;
mod cures;
mod emit;
mod evidence;
mod finding;
mod groups;
mod imported;
mod judge;
mod other_pass;
mod package_report;
mod pairs;
mod settings;
mod shard;
mod survey;
mod talk;
mod warm;

pub use emit::{EmittedFinding, scenario_of};
pub use evidence::PackageEvidence;
pub use finding::{CellChange, OrderFault, PackageFinding};
pub use package_report::{NotImportable, PackageError, PackageEvent, PackageReport, PairCount};
pub use settings::{PackagePass, PackageSettings};
pub use shard::ShardOfPackage;
pub use survey::survey;
