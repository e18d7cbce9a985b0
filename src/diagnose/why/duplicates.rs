//! Suspicions about files that were imported under two names.

use super::scene::{Contrast, Scene};
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{Inspection, ModuleView};
use crate::scenario::Repair;

/// Files that a step of the test imports under a second name; the repair gives that name the module that was there before.
pub(super) fn duplicates(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    let second = scene.after.inspection.modules.iter();
    let second = second.filter(|(name, _)| !is_present(&scene.before.inspection, name));
    second.filter_map(|(name, module)| duplicate(scene, name, module)).collect()
}

fn duplicate(scene: &Scene, name: &str, module: &ModuleView) -> Option<SuspectedCause> {
    let file = source(module)?;
    let first = scene.before.inspection.modules.iter().find(|(_, first)| source(first) == Some(file))?.0;
    let alias = Repair::AliasModule { name: name.to_owned(), of: first.clone() };
    Some(SuspectedCause::new(
        Cause::DuplicateModule,
        vec![repair(alias)],
        [
            (EvidenceKind::File, file.to_owned()),
            (EvidenceKind::ImportedAs, format!("{first}, then {name}: two modules of one file")),
        ],
    ))
}

/// The file of a module that is no other name of another, in the ordering's directory.
fn source(module: &ModuleView) -> Option<&str> {
    let file = module.file.as_deref().filter(|file| module.present && file.starts_with('$'))?;
    // Python 2.7 names the bytecode where it has read that.
    module.same_as.is_none().then(|| file.strip_suffix('c').unwrap_or(file))
}

fn is_present(inspection: &Inspection, name: &str) -> bool {
    inspection.modules.get(name).is_some_and(|module| module.present)
}
