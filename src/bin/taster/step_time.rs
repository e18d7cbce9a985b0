//! `--step-time`: how long steps take on the virtual clock.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use serde_json::Value;
use taster::explore::StepTimes;
use taster::scenario::Scenario;
use taster::world::Nanos;

use crate::status::CommandError;

/// How long steps take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StepTime {
    /// What they take on the interpreter and machine at hand.
    Measured,
    /// All alike.
    Each(Nanos),
}

impl StepTime {
    /// As if the scenario said so.
    pub(crate) fn give_to(self, scenario: &mut Scenario) {
        scenario.measures_steps = matches!(self, Self::Measured);
        if let Self::Each(time) = self {
            scenario.step_time = time;
        }
    }
}

impl FromStr for StepTime {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        match (written, written.parse()) {
            ("measured", _) => Ok(Self::Measured),
            (_, Ok(time)) => Ok(Self::Each(time)),
            (_, Err(why)) => Err(format!("{why}; write 1us, 0.5ms or measured")),
        }
    }
}

/// The times that an earlier sweep of this scenario measured, from its JSON.
pub(crate) fn kept(file: &Path, scenario: &Scenario) -> Result<StepTimes, CommandError> {
    let cannot = |why: String| CommandError::CouldNot(format!("no step times in {}: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| cannot(error.to_string()))?;
    let swept: Value = serde_json::from_str(&text).map_err(|error| cannot(error.to_string()))?;
    let kept = swept["step_times"].as_array().filter(|times| !times.is_empty());
    let kept = kept.ok_or_else(|| cannot("it is no sweep with --step-time measured in JSON".to_owned()))?;
    kept.iter().try_fold(StepTimes::of_scenario(scenario), |times, kept| {
        let test = match &kept["test"] {
            Value::Null => Some(None),
            test => test.as_str().and_then(|name| scenario.test_named(name)).map(Some),
        };
        let number = kept["step"].as_u64().and_then(|number| usize::try_from(number).ok());
        let time = kept["ns"].as_str().and_then(|nanos| nanos.parse().ok()).map(Nanos);
        match (test, number, time) {
            (Some(test), Some(number), Some(time)) => Ok(times.with(test, number, time)),
            _ => Err(cannot(format!("the scenario has no step like {kept}"))),
        }
    })
}
