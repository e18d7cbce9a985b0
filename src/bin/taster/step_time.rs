//! `--step-time`: how long steps take on the virtual clock.

use std::str::FromStr;

use taster::scenario::Scenario;
use taster::world::Nanos;

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
