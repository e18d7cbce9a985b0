//! A scenario as a shard hands it on: the text of its file, and what options have changed of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Problems, Scenario, Timestamps, parse};
use crate::world::Nanos;

/// A scenario that can be read back where its file is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedScenario {
    /// The file, as the caller named it.
    pub path: PathBuf,
    text: String,
    /// The tests that were wanted, with those that they must come after.
    tests: Vec<String>,
    timestamps: Vec<Timestamps>,
    step_time: Nanos,
    measures_steps: bool,
}

impl CarriedScenario {
    /// This scenario, which was read from a file with this text.
    pub fn of(scenario: &Scenario, text: String) -> Self {
        Self {
            path: scenario.path.clone(),
            text,
            tests: scenario.tests.iter().map(|test| test.name.clone()).collect(),
            timestamps: scenario.timestamps.clone(),
            step_time: scenario.step_time,
            measures_steps: scenario.measures_steps,
        }
    }

    /// The scenario.
    ///
    /// # Errors
    /// If the text is no scenario to this version of taster.
    pub fn scenario(&self) -> Result<Scenario, Problems> {
        let whole = parse(&self.path, &self.text)?;
        let tests: Vec<usize> = self.tests.iter().filter_map(|name| whole.test_named(name)).collect();
        let mut scenario = if tests.len() == whole.tests.len() { whole } else { whole.restricted(&tests) };
        scenario.timestamps.clone_from(&self.timestamps);
        scenario.step_time = self.step_time;
        scenario.measures_steps = self.measures_steps;
        Ok(scenario)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_options_changed_is_read_back() {
        let text = "title = \"T\"\n\
             [[test]]\nname = \"one\"\nsteps = [{ import = \"a\" }]\n\
             [[test]]\nname = \"needed\"\nsteps = [{ import = \"b\" }]\n\
             [[test]]\nname = \"other\"\nafter = [\"needed\"]\nsteps = [{ import = \"c\" }]\n\
             [[broken]]\ntest = \"one\"\n[[broken]]\ntest = \"other\"\n";
        let whole = parse(Path::new("x.toml"), text).unwrap();
        assert_eq!(CarriedScenario::of(&whole, text.to_owned()).scenario().unwrap(), whole);
        let mut changed = whole.restricted(&[2]);
        changed.timestamps.truncate(1);
        changed.step_time = Nanos(5);
        changed.measures_steps = true;
        let carried = serde_json::to_string(&CarriedScenario::of(&changed, text.to_owned())).unwrap();
        let carried: CarriedScenario = serde_json::from_str(&carried).unwrap();
        assert_eq!(carried.scenario().unwrap(), changed);
    }
}
