//! What a survey of a package finds, as data.

use serde::{Deserialize, Serialize};

use super::settings::PackagePass;
use crate::cause::Cause;
use crate::interpreter::Outcome;

/// A name of a module whose value depends on what was imported before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellChange {
    /// The module.
    pub module: String,
    /// The name in it.
    pub name: String,
    /// Its value where the second module is imported alone, as text; `None` if it is not bound.
    pub alone: Option<String>,
    /// Its value where another was imported first.
    pub after: Option<String>,
}

/// What depends on the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OrderFault {
    /// A module cannot be imported first.
    CannotComeFirst {
        /// The module.
        module: String,
        /// What the import comes to.
        outcome: Outcome,
        /// The modules whose bodies were running, the outermost first.
        chain: Vec<String>,
        /// The part of the chain that comes back to its beginning; empty if there is no circle.
        circle: Vec<String>,
    },
    /// A module can be imported first, and not after another.
    FailsAfter {
        /// The module.
        module: String,
        /// What its import comes to.
        outcome: Outcome,
        /// The modules whose bodies were running, the outermost first.
        chain: Vec<String>,
        /// The part of the chain that comes back to its beginning; empty if there is no circle.
        circle: Vec<String>,
    },
    /// A name of a module is bound to something else, or not at all, or only then.
    OtherCell(CellChange),
    /// A module that the import loads when it comes first is loaded, and its parent does not name it.
    NotBound {
        /// The module.
        module: String,
    },
    /// A module that the import loads when it comes first is not loaded.
    NotLoaded {
        /// The module.
        module: String,
    },
    /// The import of a module alone comes to something else in this pass than in the first.
    OtherInPass {
        /// The module.
        module: String,
        /// What it comes to in the first pass.
        as_it_is: Outcome,
        /// What it comes to in this one.
        outcome: Outcome,
    },
    /// A name of a module, imported alone, is bound to something else in this pass than in the first.
    OtherCellInPass(CellChange),
}

impl OrderFault {
    /// The module that it happens to.
    pub fn module(&self) -> &str {
        match self {
            Self::CannotComeFirst { module, .. }
            | Self::FailsAfter { module, .. }
            | Self::NotBound { module }
            | Self::NotLoaded { module }
            | Self::OtherInPass { module, .. } => module,
            Self::OtherCell(change) | Self::OtherCellInPass(change) => &change.module,
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageFinding {
    /// What depends on the order.
    pub fault: OrderFault,
    /// Why.
    pub cause: Cause,
    /// Modules after which it is so (for one that cannot come first: after which it can be imported), without those that
    /// merely load another of them; the one that loads the fewest comes first.
    pub firsts: Vec<String>,
    /// The pair that stands for all: the module imported first, and the second.
    pub witness: Option<(String, String)>,
    /// Ordered pairs that show it.
    pub pairs: usize,
    /// Whether the order that avoids it was performed by itself, in a fresh interpreter, and passes, in every pass: the module
    /// that cannot come first after the first of `firsts`, or the two of the witness the other way round.
    pub cured: bool,
    /// The passes in which it was found.
    pub passes: Vec<PackagePass>,
}
