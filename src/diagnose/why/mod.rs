//! Why a finding fails. A cause is what differs between the failing ordering and the passing one and, put back alone, decides: each
//! piece of state that could be it is put right on its own, and the first whose repair makes the test pass is the cause. `scene` says
//! what the state was; `listings`, `entries`, `bytecode`, `namespaces`, `modules`, `circular`, `duplicates`, `stale_names`, `side_effects`,
//! `caches` and `files` say which pieces of it could explain the failure, each for its own class of state. `changed_since` tells a
//! module that somebody changed from another module, and `together` takes two pieces where one is not enough.

mod bytecode;
mod caches;
mod changed_since;
mod circular;
mod duplicates;
mod entries;
mod files;
mod listings;
mod literal;
mod locks;
mod modules;
mod namespaces;
mod paths;
mod scene;
mod side_effects;
mod stale_names;
mod suspicion;
mod together;
mod trial;

pub(super) use bytecode::source_of;
pub(super) use paths::below_root;
pub(super) use scene::{Contrast, Scene};
pub(super) use suspicion::{ProofKind, SuspectedCause};
pub(super) use trial::{passes, passes_if_evaluated};

use super::Finding;
use super::evidence::{Evidence, EvidenceKind};
use suspicion::repair;
use trial::{fails_alike, is_to_repair, passes_repaired};

use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer};
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::scenario::{Repair, Scenario};

/// Suspicions that are tried after one that holds and says little: a large package has hundreds of pieces that differ.
const MORE: usize = 40;

/// Suspicions that evidence names where none was confirmed.
const NAMED: usize = 4;

/// Finds the cause of a finding, confirmed by its repair, and returns what confirmed it; else leaves it unknown, with what was
/// suspected as evidence. Causes in `known` are tried first.
pub(super) fn explain(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    contrast: &Contrast,
    known: &[Cause],
) -> Result<Option<SuspectedCause>, ExploreError> {
    if let Some(evidence) = locks::waited_for(explorer, &contrast.failing)? {
        finding.cause = Cause::ImportLock;
        finding.evidence = evidence;
        return Ok(None);
    }
    let mut suspicions = suspicions(contrast, finding, explorer.scenario());
    suspicions.sort_by_key(|suspicion| !known.contains(&suspicion.cause));
    if let Some(proof) = first_confirmed(explorer, finding, contrast, &suspicions)? {
        finding.cause = proof.cause;
        finding.evidence.clone_from(&proof.evidence);
        return Ok(Some(proof));
    }
    let suspected = |suspicion: &SuspectedCause| {
        let facts: Vec<String> =
            suspicion.evidence.iter().map(|fact| format!("{} {}", fact.kind.label(), fact.value)).collect();
        Evidence { kind: EvidenceKind::Suspected(suspicion.cause), value: facts.join(", ") }
    };
    finding.cause = Cause::Unknown;
    // What nobody can look at is no fact, as long as no repair confirms it.
    let is_fact = |suspicion: &&SuspectedCause| {
        suspicion.evidence.iter().all(|fact| fact.kind != EvidenceKind::Metadata)
    };
    let each = suspicions.iter().flat_map(|suspicion| match &suspicion.parts[..] {
        [] => std::slice::from_ref(suspicion),
        parts => parts,
    });
    finding.evidence = each.filter(is_fact).take(NAMED).map(suspected).collect();
    Ok(None)
}

/// The first suspicion that its repair confirms; if all that is confirmed is that some module holds changed state, that; else the
/// first two that are confirmed together.
fn first_confirmed(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
    suspicions: &[SuspectedCause],
) -> Result<Option<SuspectedCause>, ExploreError> {
    let (mut changed, mut end) = (None, suspicions.len());
    for (at, suspicion) in suspicions.iter().enumerate() {
        if at >= end {
            break;
        }
        let Some(found) = decisive(explorer, finding, contrast, suspicion)? else { continue };
        if !changed_since::is_changed(explorer, contrast, &found)? {
            return Ok(Some(found));
        }
        changed.get_or_insert_with(|| changed_since::as_side_effect(&found));
        end = end.min(at + 1 + MORE);
    }
    if changed.is_some() {
        return Ok(changed);
    }
    for pair in together::pairs(suspicions) {
        if confirmed(explorer, finding, contrast, &pair)? {
            return Ok(Some(pair));
        }
    }
    Ok(None)
}

/// The suspicion, if its repair confirms it; of many pieces those that decide.
fn decisive(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
    suspicion: &SuspectedCause,
) -> Result<Option<SuspectedCause>, ExploreError> {
    if confirmed(explorer, finding, contrast, suspicion)? {
        let few = minimize(&suspicion.parts, |parts| match SuspectedCause::of_several(parts) {
            Some(several) => confirmed(explorer, finding, contrast, &several),
            None => Ok(suspicion.parts.is_empty()),
        })?;
        return Ok(SuspectedCause::of_several(&few).or_else(|| Some(suspicion.clone())));
    }
    // One of them may be such that nobody can put it back.
    for part in suspicion.parts.iter().take(MORE) {
        if confirmed(explorer, finding, contrast, part)? {
            return Ok(Some(part.clone()));
        }
    }
    Ok(None)
}

/// What could explain the failure, the most specific first.
fn suspicions(contrast: &Contrast, finding: &Finding, scenario: &Scenario) -> Vec<SuspectedCause> {
    let mut all = of_import_system(contrast);
    for earlier in &contrast.earlier {
        all.extend(of_import_system(earlier).into_iter().map(|suspicion| suspicion.at(earlier.failing.at)));
    }
    all.extend(differing(contrast, modules::half_imported));
    all.extend(modules::missing_submodules(contrast));
    all.extend(circular::circles(contrast));
    all.extend(duplicates::duplicates(contrast));
    for earlier in &contrast.earlier {
        let second = duplicates::duplicates(earlier).into_iter();
        all.extend(second.map(|suspicion| suspicion.at(earlier.failing.at)));
    }
    all.extend(duplicates::both_there(contrast));
    all.extend(duplicates::orphaned(contrast));
    // After a reload the module that was there before is what a name belongs to: it is named first.
    let (reloaded, replaced) = stale_names::stale(&contrast.failing, scenario);
    all.extend(replaced);
    all.extend(side_effects::changed_attributes(contrast));
    all.extend(modules::retained(contrast));
    all.extend(reloaded);
    all.extend(side_effects::environment(contrast));
    all.extend(side_effects::changed_pieces(contrast, finding.kind));
    all.extend(files::changed(contrast));
    all.extend(caches::filled(&contrast.failing));
    for earlier in &contrast.earlier {
        let retained = modules::retained_earlier(earlier).into_iter();
        all.extend(retained.map(|suspicion| suspicion.at(earlier.failing.at)));
    }
    // What a library module holds then would be nothing new once the test itself has used it.
    if finding.kind != FindingKind::Brittle {
        for earlier in &contrast.earlier {
            let changed = side_effects::changed_pieces(earlier, finding.kind).into_iter().take(MORE);
            all.extend(changed.map(|suspicion| suspicion.at(earlier.failing.at)));
        }
    }
    let script = contrast.failing.script(scenario);
    let polluting = finding.polluting_step.and_then(|step| script.place_of(step.test, step.step));
    all.extend(polluting.into_iter().flat_map(|at| duplicates::loaded_again(contrast, at)));
    all.extend(duplicates::loaded_anew(contrast));
    if finding.kind == FindingKind::Brittle {
        all.extend(side_effects::of_imports(contrast));
    }
    all
}

/// Suspicions about what the import system remembers.
fn of_import_system(contrast: &Contrast) -> Vec<SuspectedCause> {
    let mut all = differing(contrast, listings::stale);
    all.extend(listings::of_metadata(&contrast.failing));
    all.extend(differing(contrast, entries::negative));
    all.extend(differing(contrast, entries::relative));
    all.extend(differing(contrast, bytecode::stale));
    all.extend(differing(contrast, namespaces::stale));
    all.extend(namespaces::outdated(contrast));
    all
}

/// Suspicions of the failing ordering that the passing one does not give as well: there the same state lets the test pass.
fn differing(contrast: &Contrast, of: impl Fn(&Scene) -> Vec<SuspectedCause>) -> Vec<SuspectedCause> {
    let passing = contrast.passing.as_ref().map(&of).unwrap_or_default();
    let differs = |suspicion: &SuspectedCause| !passing.iter().any(|other| suspicion.is_like(other));
    of(&contrast.failing).into_iter().filter(differs).collect()
}

/// Whether what a suspicion names decides.
fn confirmed(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
    suspicion: &SuspectedCause,
) -> Result<bool, ExploreError> {
    let remembering = [repair(Repair::Remember)];
    let (scene, script) = match (suspicion.proof, &contrast.passing) {
        (ProofKind::Spoiled, Some(passing)) => (passing, passing.script(explorer.scenario())),
        (ProofKind::Spoiled, None) => return Ok(false),
        _ => (&contrast.failing, contrast.failing.script(explorer.scenario())),
    };
    let repaired = script.inserted(suspicion.at.unwrap_or(scene.at), &suspicion.repair);
    match suspicion.proof {
        ProofKind::Repaired => passes_repaired(explorer, &repaired, scene.test),
        ProofKind::PutBack => {
            let polluting = finding.polluting_step.and_then(|step| script.place_of(step.test, step.step));
            let kept = repaired.inserted(polluting.unwrap_or(0).min(scene.at), &remembering);
            passes_repaired(explorer, &kept, scene.test)
        }
        ProofKind::OnlyThere => Ok(passes_repaired(explorer, &repaired, scene.test)?
            && !is_to_repair(explorer, contrast.passing.as_ref(), &suspicion.repair)?),
        ProofKind::Spoiled => fails_alike(explorer, &repaired, &contrast.failing),
    }
}
