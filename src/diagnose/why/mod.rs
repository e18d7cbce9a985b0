//! Why a finding fails: every piece of state that could explain it is put right on its own, just before the failing step, and the
//! first whose repair makes the test pass is the cause. `scene` says what the state was; `import_system`, `modules` and `side_effects`
//! say which pieces of it could explain the failure, each for its own class of state.

mod import_system;
mod modules;
mod scene;
mod side_effects;
mod suspicion;

pub(super) use import_system::{shown, source_of};
pub(super) use scene::{Contrast, Scene, below_root};

use super::Finding;
use super::evidence::{Evidence, EvidenceKind};
use suspicion::SuspectedCause;

use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer, ScriptLine};
use crate::interpreter::{NoOutcome, Outcome};
use crate::scenario::Step;

/// Finds the cause of a finding, confirmed by its repair; else leaves it unknown, with what was suspected as evidence.
pub(super) fn explain(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    contrast: &Contrast,
) -> Result<(), ExploreError> {
    let suspicions = suspicions(contrast);
    for suspicion in &suspicions {
        if confirmed(explorer, &contrast.failing, &suspicion.repair)? {
            finding.cause = suspicion.cause;
            finding.evidence.clone_from(&suspicion.evidence);
            return Ok(());
        }
    }
    let suspected = |suspicion: &SuspectedCause| {
        let facts: Vec<String> =
            suspicion.evidence.iter().map(|fact| format!("{} {}", fact.kind.label(), fact.value)).collect();
        Evidence { kind: EvidenceKind::Suspected(suspicion.cause), value: facts.join(", ") }
    };
    finding.cause = Cause::Unknown;
    finding.evidence = suspicions.iter().take(4).map(suspected).collect();
    Ok(())
}

/// What could explain the failure, the most specific first.
fn suspicions(contrast: &Contrast) -> Vec<SuspectedCause> {
    let mut all = import_system::listings(&contrast.failing);
    all.extend(import_system::other_listings(&contrast.failing));
    all.extend(import_system::negative_entries(&contrast.failing));
    all.extend(import_system::bytecode(&contrast.failing));
    all.extend(import_system::namespace_paths(&contrast.failing));
    all.extend(modules::half_imported(&contrast.failing));
    all.extend(modules::missing_submodules(contrast));
    all.extend(modules::circular(contrast));
    all.extend(side_effects::changed_attributes(contrast));
    all.extend(modules::retained(contrast));
    all.extend(side_effects::environment(contrast));
    all
}

/// Whether the test passes where this is done just before its failing step.
fn confirmed(explorer: &mut Explorer<'_>, scene: &Scene, repair: &[Step]) -> Result<bool, ExploreError> {
    let script = scene.script(explorer.scenario()).inserted(scene.at, repair);
    passes(explorer, &script, scene.test)
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
    let performed = match explorer.perform(script) {
        Err(ExploreError::Interpreter(NoOutcome::Refused { .. })) => return Ok(None),
        performed => performed?,
    };
    let own = script.iter().zip(&performed).filter(|(line, _)| line.test == Some(test));
    Ok(Some(own.map(|(_, step)| &step.outcome).all(Outcome::is_pass)))
}
