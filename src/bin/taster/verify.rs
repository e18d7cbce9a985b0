//! `taster hunt --verify`: whether known findings still hold.

use taster::report;
use taster::suite::{self, Baseline, HuntError, HuntSettings, StillHolds};

use crate::format::{Format, print};
use crate::hunt_python::ChosenPython;
use crate::progress::{Progress, ToldOfHunt};
use crate::status::{CommandError, Status};

/// Tries each known finding again. `because` says why pytest could not be started.
pub(crate) fn verify(
    settings: &HuntSettings,
    baseline: &Baseline,
    format: Format,
    (python, because): (&ChosenPython, fn(&HuntError, &ChosenPython) -> CommandError),
) -> Result<Status, CommandError> {
    let progress = Progress::of_hunt(ToldOfHunt::default(), python);
    let verified = suite::verify(settings, baseline, &mut |event| progress.hunt(&event));
    progress.finish();
    let verified = verified.map_err(|error| because(&error, python))?;
    print(&match format {
        Format::Terminal => report::verified(&verified),
        Format::Json => report::verified_json(&verified),
    })?;
    let any = |wanted| verified.findings.iter().any(|(_, holds)| *holds == wanted);
    Ok(match (any(StillHolds::Yes), any(StillHolds::Unknown)) {
        (true, _) => Status::Differs,
        (false, true) => Status::Incomplete,
        (false, false) => Status::AsDeclared,
    })
}
