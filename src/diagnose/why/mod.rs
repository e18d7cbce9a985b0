//! Why a finding fails. A cause is what differs between the failing ordering and the passing one and, put back alone, decides: each
//! piece of state that could be it is put right on its own, and the first whose repair makes the test pass is the cause. `scene` says
//! what the state was; `listings`, `entries`, `bytecode`, `namespaces`, `modules`, `circular`, `duplicates`, `stale_names`, `side_effects`,
//! `caches` and `files` say which pieces of it could explain the failure, each for its own class of state.

mod bytecode;
mod caches;
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

pub(super) use bytecode::source_of;
pub(super) use paths::below_root;
pub(super) use scene::{Contrast, Scene};
pub(super) use suspicion::{ProofKind, SuspectedCause};

use super::Finding;
use super::evidence::{Evidence, EvidenceKind};
use suspicion::repair;

use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer, Script, ScriptLine};
use crate::interpreter::{NoOutcome, Outcome};
use crate::scenario::{Repair, Scenario, Step};

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
    for suspicion in &suspicions {
        if confirmed(explorer, finding, contrast, suspicion)? {
            finding.cause = suspicion.cause;
            finding.evidence.clone_from(&suspicion.evidence);
            return Ok(Some(suspicion.clone()));
        }
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
    finding.evidence = suspicions.iter().filter(is_fact).take(NAMED).map(suspected).collect();
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

/// Whether the repair can be done, and the test passes then.
fn passes_repaired(
    explorer: &mut Explorer<'_>,
    script: &Script<'_>,
    test: usize,
) -> Result<bool, ExploreError> {
    let outcomes = performed(explorer, script)?;
    let is_ours = |line: &ScriptLine<'_>| line.test.is_none() || line.test == Some(test);
    Ok(outcomes.is_some_and(|outcomes| {
        script.iter().zip(&outcomes).filter(|(line, _)| is_ours(line)).all(|(_, outcome)| outcome.is_pass())
    }))
}

/// Whether the repair can be done at the same step of the passing ordering, or there is none.
fn is_to_repair(
    explorer: &mut Explorer<'_>,
    passing: Option<&Scene>,
    steps: &[Step],
) -> Result<bool, ExploreError> {
    let Some(passing) = passing else { return Ok(true) };
    let script = passing.script(explorer.scenario()).inserted(passing.at, steps);
    let outcomes = performed(explorer, &script)?;
    Ok(outcomes.is_none_or(|outcomes| {
        script.iter().zip(&outcomes).all(|(line, outcome)| line.test.is_some() || outcome.is_pass())
    }))
}

/// Whether the repair can be done, and the test fails then as it does in the failing ordering.
fn fails_alike(
    explorer: &mut Explorer<'_>,
    script: &Script<'_>,
    failing: &Scene,
) -> Result<bool, ExploreError> {
    let outcomes = performed(explorer, script)?;
    Ok(outcomes.is_some_and(|outcomes| {
        let lines = || script.iter().zip(&outcomes);
        lines().all(|(line, outcome)| line.test.is_some() || outcome.is_pass())
            && lines().any(|(line, outcome)| line.test == Some(failing.test) && *outcome == failing.outcome)
    }))
}

/// The outcomes of a script, or `None` if the interpreter cannot evaluate a step of it.
fn performed(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
) -> Result<Option<Vec<Outcome>>, ExploreError> {
    match explorer.perform(script) {
        Err(ExploreError::Interpreter(NoOutcome::Refused { .. })) => Ok(None),
        performed => Ok(Some(performed?.into_iter().map(|step| step.outcome).collect())),
    }
}

/// Whether all steps of a test pass in a script that the interpreter can evaluate.
pub(super) fn passes(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
    test: usize,
) -> Result<bool, ExploreError> {
    Ok(passes_if_evaluated(explorer, script, test)? == Some(true))
}

/// The same, or `None` if the interpreter cannot evaluate a step of the script.
pub(super) fn passes_if_evaluated(
    explorer: &mut Explorer<'_>,
    script: &[ScriptLine<'_>],
    test: usize,
) -> Result<Option<bool>, ExploreError> {
    let outcomes = performed(explorer, script)?;
    Ok(outcomes.map(|outcomes| {
        let own = script.iter().zip(&outcomes).filter(|(line, _)| line.test == Some(test));
        own.map(|(_, outcome)| outcome).all(Outcome::is_pass)
    }))
}
