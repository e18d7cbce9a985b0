//! Suspicions about namespace packages.

use super::paths::{below_root, shown};
use super::scene::{Contrast, Scene};
use super::side_effects::clean_module;
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{Inspection, ModuleView};
use crate::scenario::Repair;
use crate::world::{EntryPath, Node};

/// Namespace packages whose `__path__` is not what a fresh interpreter would compute.
pub(super) fn stale(scene: &Scene) -> Vec<SuspectedCause> {
    let inspection = &scene.before.inspection;
    let namespaces = inspection.modules.iter().filter(|(_, module)| module.present && module.file.is_none());
    namespaces.filter_map(|(name, module)| stale_namespace(scene, inspection, (name, module))).collect()
}

/// Packages that extend their own `__path__` when they are loaded, and that have fewer portions than in the passing ordering.
pub(super) fn outdated(contrast: &Contrast) -> Vec<SuspectedCause> {
    let modules = contrast.failing.before.inspection.modules.iter();
    modules.filter_map(|(name, module)| outdated_path(contrast, (name, module))).collect()
}

fn outdated_path(contrast: &Contrast, (name, module): (&str, &ModuleView)) -> Option<SuspectedCause> {
    let (clean, _) = clean_module(contrast.passing.as_ref()?, name, module)?;
    let (known, fresh) = (module.package_path.as_ref()?, clean.package_path.as_ref()?);
    let grows = known.len() < fresh.len() && known.iter().all(|portion| fresh.contains(portion));
    let portions = fresh.iter().map(|portion| below_root(portion)).collect::<Option<Vec<_>>>()?;
    (module.file.is_some() && grows).then(|| stale_path(name, known, portions))
}

fn stale_namespace(
    scene: &Scene,
    inspection: &Inspection,
    (name, module): (&str, &ModuleView),
) -> Option<SuspectedCause> {
    let known = module.package_path.as_ref()?;
    let (above, own) = match name.rsplit_once('.') {
        Some((parent, own)) => (inspection.modules.get(parent)?.package_path.as_ref()?, own),
        None => (&inspection.path, name),
    };
    let portions: Vec<EntryPath> = above
        .iter()
        .filter_map(|entry| below_root(entry))
        .map(|entry| entry.join(own))
        .filter(|portion| scene.before.world.leads_to(portion).is_some_and(Node::is_directory))
        .collect();
    let fresh: Vec<String> = portions.iter().map(shown).collect();
    (fresh != *known).then(|| stale_path(name, known, portions))
}

fn stale_path(name: &str, known: &[String], portions: Vec<EntryPath>) -> SuspectedCause {
    let fresh: Vec<String> = portions.iter().map(shown).collect();
    SuspectedCause::new(
        Cause::StaleNamespacePath,
        vec![repair(Repair::SetPackagePath { package: name.to_owned(), portions })],
        [
            (EvidenceKind::Namespace, name.to_owned()),
            (EvidenceKind::NamespacePath, known.join(", ")),
            (EvidenceKind::FreshPath, fresh.join(", ")),
        ],
    )
}
