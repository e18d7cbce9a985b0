//! What a finding is: plain data, made by `diagnose`, read by reports.

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use crate::cause::Cause;
use crate::explore::StepTimes;
use crate::interpreter::Outcome;
use crate::kind::FindingKind;
use crate::remedy::{Place, RemedyKind, StepPlace};
use crate::scenario::Scenario;

/// A poisoning or one of its relatives, of one scenario on one interpreter under one clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was found of which test.
    pub kind: FindingKind,
    /// The victim, brittle, broken or flaky test.
    pub test: usize,
    /// Polluters or state-setters, in the order of the witness; empty where the kind has none.
    pub others: Vec<usize>,
    /// Whether no smaller set of others does it.
    pub minimal: bool,
    /// Tests that stop the pollution when they stand between.
    pub cleaners: Vec<usize>,
    /// Why.
    pub cause: Cause,
    /// What was read from the live interpreter at the moment of failure.
    pub evidence: Vec<Evidence>,
    /// What the failing step did in the witness (of brittle tests: in the neighbour, or alone).
    pub outcome: Outcome,
    /// What the failing step's code wrote to standard output and error, bounded.
    pub output: String,
    /// The ordering that shows the finding, by test; of brittle tests one that passes.
    pub witness: Vec<usize>,
    /// The ordering one adjacent swap away in which the victim passes (the brittle test fails).
    pub neighbour: Option<Vec<usize>>,
    /// The first step of a polluter (state-setter) whose removal alone makes the victim pass (the brittle test fail).
    pub polluting_step: Option<StepPlace>,
    /// The step at which the test fails.
    pub failing_step: Option<StepPlace>,
    /// How many orderings of the test and the others fail for this cause, or `None` if nobody counted them.
    pub share: Option<Share>,
    /// How likely the witness fails (of brittle tests: passes), over the phase of the run within a tick.
    pub probability: Option<Probability>,
    /// How long the steps took, if that was measured: the probability is of steps that take so long.
    pub times: Option<StepTimes>,
    /// What was tried as a cure.
    pub remedies: Vec<Remedy>,
    /// The place, among the findings of its verdict, of an earlier one that differs in names and numbers alone: its cleaners, remedies and
    /// probability were carried over. `None` if all was performed for this finding.
    pub alike: Option<usize>,
    /// The remedy to take, or `None` if none was verified that a scenario can write.
    pub recommended: Option<Recommendation>,
    /// Whether the scenario declares it.
    pub declared: bool,
    /// What the failing step did in several performances of the witness, of a step whose outcome is not fixed; else empty.
    pub outcomes: Vec<OutcomeCount>,
}

impl Finding {
    /// What a finding is known by, and nothing else of it.
    pub fn new(kind: FindingKind, test: usize, outcome: Outcome, witness: Vec<usize>) -> Self {
        Self {
            kind,
            test,
            others: Vec::new(),
            minimal: true,
            cleaners: Vec::new(),
            cause: Cause::NotSought,
            evidence: Vec::new(),
            outcome,
            output: String::new(),
            witness,
            neighbour: None,
            polluting_step: None,
            failing_step: None,
            share: None,
            probability: None,
            times: None,
            remedies: Vec::new(),
            alike: None,
            recommended: None,
            declared: false,
            outcomes: Vec::new(),
        }
    }

    /// An ordering in which the test fails: the witness or, of a brittle test, whose witness passes, the neighbour; without a
    /// neighbour, what the test does alone.
    pub fn failing_word(&self, scenario: &Scenario) -> Vec<usize> {
        if self.kind.shows_by_failing() {
            return self.witness.clone();
        }
        self.neighbour.clone().unwrap_or_else(|| self.word_alone(scenario))
    }

    /// The witness cut down to the test and its prerequisites.
    pub fn word_alone(&self, scenario: &Scenario) -> Vec<usize> {
        let own = scenario.closure(&[self.test]);
        self.witness.iter().copied().filter(|test| own.contains(test)).collect()
    }
}

/// Some of the orderings of a test, the others of a finding, and what they must come after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Those in which the test fails for the finding's cause.
    pub failing: BigUint,
    /// All there are.
    pub total: BigUint,
}

/// One of the outcomes of a step that does different things in one and the same ordering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCount {
    /// What it did.
    pub outcome: Outcome,
    /// In how many performances.
    pub times: u64,
}

/// What a test does over all orderings of itself and what it must come after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Alone {
    /// It passes in all of them.
    Passes,
    /// It fails in all of them.
    Fails,
    /// Both happen.
    Mixed,
    /// Nobody looked.
    Unknown,
}

impl Alone {
    /// As machine output writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Fails => "fails",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }
}

/// An exact probability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probability {
    /// The numerator of the reduced fraction.
    pub numerator: BigUint,
    /// The denominator of the reduced fraction; at least 1.
    pub denominator: BigUint,
}

/// A remedy that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Remedy {
    /// What is done.
    pub kind: RemedyKind,
    /// How a scenario writes it as steps, or `None` if it is no step.
    pub step: Option<String>,
    /// What running it showed.
    pub trial: Trial,
    /// The places at which it works.
    pub places: Vec<Place>,
    /// The order of whole tests in which the test passes; empty but where the remedy is that order.
    pub order: Vec<usize>,
}

/// The remedy that a report recommends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recommendation {
    /// What is done.
    pub kind: RemedyKind,
    /// How a scenario writes it.
    pub step: String,
    /// Where to put it.
    pub place: Place,
    /// Whether the test then passes in every ordering of the whole scenario, or `None` if there was no time to try.
    pub cures_everywhere: Option<bool>,
}

/// What running a remedy showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trial {
    /// It makes the victim pass, in every ordering of polluters and victim.
    Verified,
    /// It makes the victim pass in the witness, but not in every ordering of polluters and victim.
    Partial,
    /// It makes no difference wherever it is put.
    Placebo,
    /// It helps in the witness, and the other orderings were too many to try; or the model cannot evaluate it.
    NotTried,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_brittle_test_fails_in_its_neighbour_or_else_alone() {
        let text = "title = \"T\"\n\
             [[test]]\nname = \"setter\"\nsteps = [{ import = \"a\" }]\n\
             [[test]]\nname = \"needed\"\nsteps = [{ import = \"b\" }]\n\
             [[test]]\nname = \"brittle\"\nafter = [\"needed\"]\nsteps = [{ import = \"c\" }]\n";
        let scenario = crate::scenario::parse(Path::new("x.toml"), text).expect("a scenario");
        let finding = |kind, neighbour| Finding {
            neighbour,
            ..Finding::new(kind, 2, Outcome::TimedOut, vec![0, 1, 2])
        };
        let swapped = Some(vec![1, 2, 0]);
        assert_eq!(finding(FindingKind::Victim, swapped.clone()).failing_word(&scenario), [0, 1, 2]);
        assert_eq!(finding(FindingKind::Brittle, swapped).failing_word(&scenario), [1, 2, 0]);
        assert_eq!(finding(FindingKind::Brittle, None).failing_word(&scenario), [1, 2]);
    }
}
