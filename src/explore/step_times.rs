//! How long each step takes on the virtual clock: all alike, or what each took on a real one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::script::ScriptLine;
use crate::scenario::Scenario;
use crate::world::Nanos;

/// The time of each step but sleeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTimes {
    /// Of steps without a time of their own.
    each: Nanos,
    /// By test (`None` for setup) and number in it, from 1.
    #[serde(with = "pairs")]
    own: BTreeMap<(Option<usize>, usize), Nanos>,
}

impl StepTimes {
    /// Those that a scenario gives: all alike.
    pub fn of_scenario(scenario: &Scenario) -> Self {
        Self { each: scenario.step_time, own: BTreeMap::new() }
    }

    /// The same, with a time of its own for the step of this number (from 1) of a test, or of setup.
    #[must_use = "the times themselves stay as they are"]
    pub fn with(mut self, test: Option<usize>, number: usize, time: Nanos) -> Self {
        self.own.insert((test, number), time);
        self
    }

    /// The time of a step.
    pub fn of(&self, line: &ScriptLine<'_>) -> Nanos {
        self.own.get(&(line.test, line.number)).copied().unwrap_or(self.each)
    }

    /// The steps that have a time of their own, setup first.
    pub fn own(&self) -> impl Iterator<Item = (Option<usize>, usize, Nanos)> {
        self.own.iter().map(|(&(test, number), &time)| (test, number, time))
    }
}

/// A map whose keys are no text, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::world::Nanos;

    type Own = BTreeMap<(Option<usize>, usize), Nanos>;

    pub(super) fn serialize<S: Serializer>(own: &Own, serializer: S) -> Result<S::Ok, S::Error> {
        own.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Own, D::Error> {
        let pairs = Vec::<((Option<usize>, usize), Nanos)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}
