//! A repair that forgets a module puts right two things: another module under its name, and the state that the same module holds.
//! Here they are told apart.

use std::collections::BTreeSet;

use super::modules::plain_import;
use super::paths::below_root;
use super::scene::{Contrast, SceneView};
use super::stale_names;
use super::suspicion::SuspectedCause;
use super::trial::{is_to_repair, passes_repaired};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::explore::{ExploreError, Explorer};
use crate::scenario::{Action, Repair, Step};
use crate::world::Node;

/// Whether the modules that a repair forgets are what an import would load now, and only their state differs: a test that imports
/// them first of all passes without the polluter, and fails after it.
pub(super) fn is_changed(
    explorer: &mut Explorer<'_>,
    contrast: &Contrast,
    suspicion: &SuspectedCause,
) -> Result<bool, ExploreError> {
    let names = forgotten(suspicion);
    let Some(passing) = &contrast.passing else { return Ok(false) };
    let scenario = explorer.scenario();
    let is_reload = |step: &Step| matches!(step, Step::Interpreter(Action::Reload { .. }));
    let held = &contrast.failing.before;
    if suspicion.cause != Cause::RetainedModule
        || scenario.steps().any(is_reload)
        || !names
            .iter()
            .all(|name| is_as_on_disk(held, name) && is_of_its_own_file(held, &passing.after, name))
    {
        return Ok(false);
    }
    if hold_earlier_copies(explorer, contrast, &names)? {
        return Ok(false);
    }
    let imports: Vec<Step> = names.iter().map(|name| plain_import(name)).collect();
    let (clean, polluted) = (passing.script(scenario), contrast.failing.script(scenario));
    let test = contrast.failing.test;
    Ok(passes_repaired(explorer, &clean.inserted(0, &imports), test)?
        && !passes_repaired(explorer, &polluted.inserted(0, &imports), test)?)
}

/// Whether modules hold what belongs to an earlier copy of another one, which somebody has loaded anew: they are as they were.
fn hold_earlier_copies(
    explorer: &mut Explorer<'_>,
    contrast: &Contrast,
    names: &BTreeSet<String>,
) -> Result<bool, ExploreError> {
    let copies = stale_names::look_alikes(&contrast.failing, names, explorer.scenario());
    for copy in copies {
        // What can be bound anew is another object.
        if is_to_repair(explorer, Some(&contrast.failing), &copy.repair)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same repair as what it shows then.
pub(super) fn as_side_effect(suspicion: &SuspectedCause) -> SuspectedCause {
    let names: Vec<String> = forgotten(suspicion).into_iter().collect();
    let changed = format!("what {} holds: as it was loaded -> changed since", names.join(", "));
    SuspectedCause {
        at: suspicion.at,
        ..SuspectedCause::new(
            Cause::ImportSideEffect,
            suspicion.repair.clone(),
            [(EvidenceKind::Changed, changed)],
        )
    }
}

/// The modules that a repair forgets, packages first.
fn forgotten(suspicion: &SuspectedCause) -> BTreeSet<String> {
    let name = |step: &Step| match step {
        Step::Interpreter(Action::Repair(Repair::ForgetModule(name))) => Some(name.clone()),
        _ => None,
    };
    suspicion.repair.iter().filter_map(name).collect()
}

/// Whether a module is no other name of another one, and from the file from which the passing ordering loads it.
fn is_of_its_own_file(view: &SceneView, clean: &SceneView, name: &str) -> bool {
    let held = view.inspection.modules.get(name).filter(|module| module.same_as.is_none());
    let loaded = clean.inspection.modules.get(name).filter(|module| module.present);
    held.zip(loaded).is_some_and(|(held, loaded)| held.file == loaded.file)
}

/// Whether a module was loaded from what its file holds now.
fn is_as_on_disk(view: &SceneView, name: &str) -> bool {
    let file = view.inspection.modules.get(name).and_then(|module| module.file.as_deref());
    let node = file.and_then(below_root).and_then(|path| view.world.leads_to(&path).cloned());
    matches!(node, Some(Node::File { content, .. }) if view.loaded.get(name) == Some(&content))
}
