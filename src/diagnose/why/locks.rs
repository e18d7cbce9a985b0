//! Whether a step that took too long hangs because a thread waits for an import lock. There is no repair: the locks, who holds them
//! and who wants them, read in the process that hangs, are what shows it.

use super::scene::Scene;
use super::suspicion::repair;
use crate::diagnose::evidence::{Evidence, EvidenceKind};
use crate::explore::{ExploreError, Explorer};
use crate::interpreter::Outcome;
use crate::scenario::{LOCKS_MARK, Repair};

/// Locks that somebody waits for while the failing step hangs, or `None` if there are none.
pub(super) fn waited_for(
    explorer: &mut Explorer<'_>,
    scene: &Scene,
) -> Result<Option<Vec<Evidence>>, ExploreError> {
    if scene.outcome != Outcome::TimedOut {
        return Ok(None);
    }
    let scenario = explorer.scenario();
    let watch = [repair(Repair::WatchLocks { after: scenario.step_timeout / 2 })];
    let script = scene.script(scenario).inserted(scene.at, &watch);
    let performed = explorer.perform(&script[..=scene.at + watch.len()])?;
    let lines = performed.iter().flat_map(|step| step.output.lines());
    let locks: Vec<&str> = lines.filter_map(|line| line.strip_prefix(LOCKS_MARK)).collect();
    let evidence = Evidence { kind: EvidenceKind::Lock, value: locks.join("; ") };
    Ok((!locks.is_empty()).then(|| vec![evidence]))
}
