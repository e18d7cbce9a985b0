//! The result of a survey, and how far one is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::finding::{OrderFault, PackageFinding};
use super::settings::PackagePass;
use crate::interpreter::{Identity, NoOutcome, Outcome};

/// Where a survey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackageEvent {
    /// Modules are imported first.
    Alone {
        /// The pass.
        pass: PackagePass,
        /// Modules done.
        done: usize,
        /// All modules.
        of: usize,
    },
    /// Modules are imported after others.
    Pairs {
        /// The pass.
        pass: PackagePass,
        /// First modules done.
        done: usize,
        /// All first modules.
        of: usize,
    },
    /// What differs is performed again.
    LookingInto {
        /// The pass.
        pass: PackagePass,
        /// Differences done.
        done: usize,
        /// All differences.
        of: usize,
    },
}

/// A module that no order makes pass, with what its import came to.
#[derive(Debug, Clone, PartialEq)]
pub struct NotImportable {
    /// The module.
    pub module: String,
    /// What its import comes to.
    pub outcome: Outcome,
    /// The modules whose bodies were running.
    pub chain: Vec<String>,
}

/// How many ordered pairs there are, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCount {
    /// All pairs of modules whose processes come back from an import.
    pub possible: usize,
    /// Pairs whose second module was imported in a fork of its own.
    pub run: usize,
    /// Pairs whose second module the first had imported: `sys.modules` answers, and no code runs.
    pub loaded: usize,
    /// Whether the forks began with what the package loads of the standard library; findings were performed again without.
    pub is_warm: bool,
}

/// The result of a survey.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PackageReport {
    /// The package's name.
    pub package: String,
    /// The interpreter.
    pub interpreter: Identity,
    /// Where the package lies.
    pub directories: Vec<String>,
    /// The modules that were surveyed.
    pub modules: Vec<String>,
    /// Modules of the package's own tests, which were not.
    pub left_out: Vec<String>,
    /// Modules that no order makes pass.
    pub not_importable: Vec<NotImportable>,
    /// Modules that printed something, and its first line.
    pub printing: Vec<(String, String)>,
    /// Cells that differ between equal runs; no comparison counts them.
    pub unsteady_cells: Vec<String>,
    /// What depends on the order.
    pub findings: Vec<PackageFinding>,
    /// By pass: its pairs.
    pub pairs: Vec<(PackagePass, PairCount)>,
    /// Whatever else a reader should know, in sentences.
    pub notes: Vec<String>,
    /// Why the survey ended early, if it did.
    pub halted: Option<String>,
    /// How long it took.
    pub seconds: f64,
}

/// Why there is no survey.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// There is no such package.
    #[error("{0}")]
    NoPackage(String),
    /// The interpreter cannot do it.
    #[error("taster surveys packages on CPython 3.6 and later; this is {0}")]
    Version(String),
    /// The interpreter is lost.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

impl PackageReport {
    /// Adds findings; one that an earlier pass had made gets the pass.
    pub(super) fn merge(&mut self, findings: Vec<PackageFinding>) {
        for finding in findings {
            match self.findings.iter_mut().find(|known| known.fault == finding.fault) {
                Some(known) => {
                    known.passes.extend(finding.passes);
                    known.cured &= finding.cured;
                }
                None => self.findings.push(finding),
            }
        }
    }

    /// The file of a module of the package, if it is one of Python source below the package's directories.
    pub fn file_of(&self, module: &str) -> Option<PathBuf> {
        let below = module.strip_prefix(&self.package)?.replace('.', "/");
        let files = self.directories.iter().flat_map(|directory| {
            [format!("{directory}{below}.py"), format!("{directory}{below}/__init__.py")]
        });
        files.map(PathBuf::from).find(|file| file.is_file())
    }

    /// Whether it is known that this module cannot be imported first.
    pub(super) fn cannot_come_first(&self, name: &str) -> bool {
        let is_it = |finding: &PackageFinding| match &finding.fault {
            OrderFault::CannotComeFirst { module, .. } => module == name,
            _ => false,
        };
        self.findings.iter().any(is_it)
    }
}
