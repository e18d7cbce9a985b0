//! Suspicions about files that were imported twice: under two names, or once more under a name that was given back.

use super::scene::{Contrast, Scene};
use super::suspicion::{ProofKind, SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{Inspection, ModuleView};
use crate::scenario::{PieceValue, Repair};

/// Files that a step of the test imports under a second name; the repair gives that name the module that was there before.
pub(super) fn duplicates(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    let second = scene.after.inspection.modules.iter();
    let second = second.filter(|(name, _)| !is_present(&scene.before.inspection, name));
    let loaded = second.filter_map(|(name, module)| duplicate(scene, name, module));
    loaded.chain(not_loaded(contrast)).collect()
}

/// The module that the step could not import, if the passing ordering loads it from the file of one that is there.
fn not_loaded(contrast: &Contrast) -> Option<SuspectedCause> {
    let scene = &contrast.failing;
    let wanted = scene.module()?;
    if is_present(&scene.before.inspection, wanted) || is_present(&scene.after.inspection, wanted) {
        return None;
    }
    let passing = contrast.passing.as_ref()?;
    duplicate(scene, wanted, passing.after.inspection.modules.get(wanted)?)
}

/// Modules of one file that were there before the step, where the passing ordering does not have both. The repair makes the second
/// the first in `sys.modules` and in its package; first is the one that the passing ordering has, if it has one.
pub(super) fn both_there(contrast: &Contrast) -> Vec<SuspectedCause> {
    let modules = &contrast.failing.before.inspection.modules;
    let passing = contrast.passing.as_ref().map(|scene| &scene.before.inspection);
    let is_there = |name: &str| passing.is_some_and(|passing| is_present(passing, name));
    let mut pairs = Vec::new();
    for (first, module) in modules {
        let Some(file) = source(module) else { continue };
        let others = modules.iter().filter(|(name, view)| *name != first && source(view) == Some(file));
        pairs.extend(others.map(|(second, _)| (file, first, second)));
    }
    pairs.retain(|(_, first, second)| !(is_there(first) && is_there(second)));
    pairs.sort_by_key(|(_, first, _)| !is_there(first));
    pairs.into_iter().map(|(file, first, second)| of_pair(file, first, second)).collect()
}

/// The same where the polluter loads the second: the repair, just before that step, lets it find the first.
pub(super) fn loaded_again(contrast: &Contrast, polluting: usize) -> Vec<SuspectedCause> {
    let modules = &contrast.failing.before.inspection.modules;
    let loaded: Vec<_> = modules.iter().filter_map(|(name, module)| Some((name, source(module)?))).collect();
    let pairs = loaded.iter().flat_map(|(first, file)| {
        let others = loaded.iter().filter(move |(name, other)| name != first && other == file);
        others.map(move |(second, _)| alias(file, first, second))
    });
    pairs.map(|suspicion| suspicion.at(polluting)).collect()
}

/// Modules that somebody loaded anew under the names that they had; the repair gives each name back the module from before. Which
/// ones were, only the repair tells.
pub(super) fn loaded_anew(contrast: &Contrast) -> Vec<SuspectedCause> {
    let modules = contrast.failing.before.inspection.modules.iter();
    let loaded = modules.filter_map(|(name, module)| Some((name, source(module)?)));
    let suspected = |(name, file): (&String, &str)| {
        let address = format!("sys.modules['{name}']");
        let put_back = Repair::RestorePiece { address, value: PieceValue::Remembered };
        let imported = format!("{name}, and loaded anew under that name: two modules of one file");
        SuspectedCause::new(
            Cause::DuplicateModule,
            vec![repair(put_back)],
            [(EvidenceKind::File, file.to_owned()), (EvidenceKind::ImportedAs, imported)],
        )
        .shown_by(ProofKind::PutBack)
    };
    loaded.map(suspected).collect()
}

fn of_pair(file: &str, first: &str, second: &str) -> SuspectedCause {
    let mut repairs = vec![repair(Repair::AliasModule { name: second.to_owned(), of: first.to_owned() })];
    if let Some((package, child)) = second.rsplit_once('.') {
        repairs.push(repair(Repair::BindChild { package: package.to_owned(), child: child.to_owned() }));
    }
    let imported = format!("{first} and {second}: two modules of one file");
    SuspectedCause::new(
        Cause::DuplicateModule,
        repairs,
        [(EvidenceKind::File, file.to_owned()), (EvidenceKind::ImportedAs, imported)],
    )
}

/// Submodules of which their package may have another copy than `sys.modules`; only the repair tells.
pub(super) fn orphaned(contrast: &Contrast) -> Vec<SuspectedCause> {
    let modules = &contrast.failing.before.inspection.modules;
    let loaded = modules.iter().filter_map(|(name, module)| Some((name, source(module)?)));
    let children = loaded.filter_map(|(name, file)| {
        let (package, child) = name.rsplit_once('.')?;
        let bound = modules.get(package)?.attributes.get(child)?;
        bound.starts_with("<module ").then(|| another_bound(file, package, child))
    });
    children.collect()
}

fn another_bound(file: &str, package: &str, child: &str) -> SuspectedCause {
    let bind = Repair::BindChild { package: package.to_owned(), child: child.to_owned() };
    let imported = format!("{package}.{child}: sys.modules and the attribute of {package} have two modules");
    SuspectedCause::new(
        Cause::DuplicateModule,
        vec![repair(bind)],
        [(EvidenceKind::File, file.to_owned()), (EvidenceKind::ImportedAs, imported)],
    )
    .shown_by(ProofKind::OnlyThere)
}

fn duplicate(scene: &Scene, name: &str, module: &ModuleView) -> Option<SuspectedCause> {
    let file = source(module)?;
    let first = scene.before.inspection.modules.iter().find(|(_, first)| source(first) == Some(file))?.0;
    Some(alias(file, first, name))
}

/// A file that is loaded under a second name; the repair gives that name the first module before.
fn alias(file: &str, first: &str, second: &str) -> SuspectedCause {
    let alias = Repair::AliasModule { name: second.to_owned(), of: first.to_owned() };
    SuspectedCause::new(
        Cause::DuplicateModule,
        vec![repair(alias)],
        [
            (EvidenceKind::File, file.to_owned()),
            (EvidenceKind::ImportedAs, format!("{first}, then {second}: two modules of one file")),
        ],
    )
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
