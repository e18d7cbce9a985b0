//! Who stops a pollution: tests whose steps, put at some place between the polluting and the failing step, make the victim
//! pass.

use super::Finding;
use super::why::{Scene, passes};
use crate::explore::{ExploreError, Explorer};
use crate::kind::FindingKind;

/// Tests past which no cleaners are sought: each would be tried at every place.
pub const SOUGHT_AMONG: usize = 24;

/// The cleaners of a victim; none among hundreds of tests, where they are not sought.
pub(super) fn cleaners(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    scene: &Scene,
) -> Result<Vec<usize>, ExploreError> {
    let (FindingKind::Victim, Some(polluting)) = (finding.kind, finding.polluting_step) else {
        return Ok(Vec::new());
    };
    let scenario = explorer.scenario();
    if scenario.tests.len() > SOUGHT_AMONG {
        return Ok(Vec::new());
    }
    let script = scene.script(scenario);
    let Some(first) = script.place_of(polluting.test, polluting.step) else { return Ok(Vec::new()) };
    let present: Vec<usize> = script.iter().filter_map(|line| line.test).collect();
    let mut cleaners = Vec::new();
    for test in (0..scenario.tests.len()).filter(|test| !present.contains(test)) {
        let wanted: Vec<usize> =
            scenario.closure(&[test]).into_iter().filter(|test| !present.contains(test)).collect();
        for at in first + 1..=scene.at {
            let cleaned = script.with_tests(at, scenario, &wanted);
            if passes(explorer, &cleaned, finding.test)? {
                cleaners.push(test);
                break;
            }
        }
    }
    Ok(cleaners)
}
