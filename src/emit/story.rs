//! The story of a script: the steps of the failing ordering, each with its world, and the clock that they need.

use crate::diagnose::Finding;
use crate::explore::{ScriptLine, StepPerformance};
use crate::scenario::{Action, Scenario, Step, Timestamps};
use crate::world::World;

/// The clock of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScriptClock {
    /// The real clock: the finding needs no other.
    Real,
    /// The script sets the times of a step's changes after it.
    SetAfter,
    /// The same, and the import system sees these times within a step too (CPython 3 only).
    SeenWithin,
}

/// One performed step of the failing ordering, and its outcome.
pub(super) struct Act<'s> {
    pub(super) line: ScriptLine<'s>,
    pub(super) performed: StepPerformance,
    /// The world before the step.
    pub(super) before: World,
    /// Whether the test fails at this step.
    pub(super) fails: bool,
}

/// The content of a script.
pub(super) struct Story<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) finding: &'s Finding,
    pub(super) timestamps: &'s Timestamps,
    pub(super) acts: Vec<Act<'s>>,
}

/// How a script names the entries of its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footing {
    /// From the working directory, which stays where it is.
    Working,
    /// From a variable, because steps change the working directory.
    Named,
}

impl Story<'_> {
    /// How the script names the entries of its directory.
    pub(super) fn footing(&self) -> Footing {
        let moves = |act: &Act<'_>| matches!(act.line.step, Step::Interpreter(Action::ChangeDirectory(_)));
        if self.acts.iter().any(moves) { Footing::Named } else { Footing::Working }
    }
}
