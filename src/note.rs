//! What a reader must know beside the figures of a verdict, as data. `run` makes notes; `report` puts them into sentences.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use num_bigint::BigUint;

use crate::explore::Disagreement;
use crate::layers::ConfirmedEffects;
use crate::remedy::StepPlace;

/// Something to know about a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Note {
    /// The step's own code writes files, and time stands still within a step: what it imports of them is judged as on the coarsest
    /// clock.
    WritesFiles(StepPlace),
    /// Some states hold objects that cannot be compared, and were merged with no other.
    IncomparableStates,
    /// The model counted the orderings, and the interpreter confirmed its effects so far.
    Effects(ConfirmedEffects),
    /// The model, which should have counted the orderings, could not, for this reason.
    NotCounted(String),
    /// The orderings were sampled.
    Sampled {
        /// Orderings of the sample.
        orderings: usize,
        /// Orderings performed to see what each test does alone and who interferes.
        searching: u64,
        /// Performances that look into findings.
        looking: u64,
    },
    /// The tests are more than this many, and nobody looked for cleaners among them.
    CleanersNotSought {
        /// Tests among which cleaners are sought.
        limit: usize,
    },
    /// The audit showed that states which differ were merged: all was explored once more without merging.
    ExploredUnmerged,
    /// Orderings gave different results even without merging: every one was performed on an interpreter of its own.
    ExploredAfresh,
    /// Orderings gave different results when they were performed again, and there was no time to explore in another manner.
    Unreliable,
    /// The audit took some of the ways into merged states.
    AuditIncomplete {
        /// Orderings performed again.
        orderings: u64,
        /// Ways that were taken.
        covered: u64,
        /// All ways into merged states.
        entries: u64,
    },
    /// The outcomes of these steps are not fixed; at least one step.
    NotFixed(Vec<StepPlace>),
    /// The step imports a module whose file is there, but its directory is not on `sys.path`.
    NotOnPath {
        /// The step.
        place: StepPlace,
        /// The module's file.
        file: String,
        /// Its directory, or that of its package; empty for the ordering's own.
        directory: String,
    },
    /// The step imports a module that its own test writes only later.
    WrittenLater {
        /// The step.
        place: StepPlace,
        /// The module's file.
        file: String,
        /// The step that writes it, from 1.
        step: usize,
    },
    /// The step imports a module that is installed, where steps do not see what is installed.
    SitePackagesOff {
        /// The step.
        place: StepPlace,
        /// The module.
        module: String,
    },
    /// So many findings differ from an earlier one in names and numbers alone, and what was tried against that one was carried over.
    CarriedOver(usize),
    /// The steps could not be measured, for this reason, and each took the time that is the default.
    StepsNotMeasured(String),
    /// The model differs from the interpreter: a defect of taster.
    ModelDiffers(Disagreement),
    /// Somebody interrupted the run.
    Interrupted,
    /// The time was over before the search was.
    OutOfTime {
        /// Orderings performed to the end.
        covered: BigUint,
        /// Steps performed.
        steps: u64,
    },
    /// How far the interpreter was confined, in a sentence.
    Confinement(Cow<'static, str>),
}

impl Note {
    /// The stable code of machine output.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WritesFiles(_) => "writes-files",
            Self::IncomparableStates => "incomparable-states",
            Self::Effects(_) => "effects",
            Self::NotCounted(_) => "not-counted",
            Self::Sampled { .. } => "sampled",
            Self::CleanersNotSought { .. } => "cleaners-not-sought",
            Self::ExploredUnmerged => "explored-unmerged",
            Self::ExploredAfresh => "explored-afresh",
            Self::Unreliable => "unreliable",
            Self::AuditIncomplete { .. } => "audit-incomplete",
            Self::NotFixed(_) => "not-fixed",
            Self::NotOnPath { .. } => "not-on-path",
            Self::WrittenLater { .. } => "written-later",
            Self::SitePackagesOff { .. } => "site-packages-off",
            Self::CarriedOver(_) => "carried-over",
            Self::StepsNotMeasured(_) => "steps-not-measured",
            Self::ModelDiffers(_) => "model-differs",
            Self::Interrupted => "interrupted",
            Self::OutOfTime { .. } => "out-of-time",
            Self::Confinement(_) => "confinement",
        }
    }
}
