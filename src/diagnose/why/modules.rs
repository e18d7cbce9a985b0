//! Suspicions about `sys.modules`: who is in it, who is not, and who is bound to whom.

use std::collections::BTreeSet;

use super::scene::{Contrast, Scene};
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{Inspection, ModuleView};
use crate::scenario::{Action, Check, Repair, Step};
use crate::world::{EntryPath, Node};

/// Children that `sys.modules` still holds and that their package, there or gone, does not have as attribute; not what somebody
/// put there without loading it.
pub(super) fn half_imported(scene: &Scene) -> Vec<SuspectedCause> {
    let modules = &scene.before.inspection.modules;
    let unbound = modules.iter().filter(|(_, module)| module.present && !module.bound);
    let unbound = unbound.filter(|(_, module)| module.file.is_some() || module.package_path.is_some());
    let unbound = unbound.filter_map(|(name, _)| name.rsplit_once('.'));
    unbound
        .flat_map(|(package, child)| {
            let evidence = |package: &str, child: &str| {
                let is_gone = !modules.get(package).is_some_and(|package| package.present);
                let gone = if is_gone { " (which is not in sys.modules)" } else { "" };
                [
                    (EvidenceKind::LeftInModules, format!("{package}.{child}")),
                    (EvidenceKind::NotBoundOn, format!("{package}{gone}")),
                ]
            };
            let bind = Repair::BindChild { package: package.to_owned(), child: child.to_owned() };
            let forget = Repair::ForgetModule(format!("{package}.{child}"));
            [
                SuspectedCause::new(
                    Cause::HalfImportedPackage,
                    vec![plain_import(package), repair(bind)],
                    evidence(package, child),
                ),
                SuspectedCause::new(
                    Cause::HalfImportedPackage,
                    vec![repair(forget)],
                    evidence(package, child),
                ),
            ]
        })
        .collect()
}

/// Attributes that were wanted and that importing a submodule would bind.
pub(super) fn missing_submodules(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    wanted_attributes(scene)
        .into_iter()
        .filter(|(package, child)| !present(&scene.before.inspection, &format!("{package}.{child}")))
        .filter(|(package, child)| !has_attribute(&scene.before.inspection, package, child))
        .filter(|(package, child)| could_be_submodule(contrast, package, child))
        .map(|(package, child)| {
            let submodule = format!("{package}.{child}");
            SuspectedCause::new(
                Cause::MissingSubmodule,
                vec![plain_import(&submodule)],
                [
                    (EvidenceKind::Attribute, format!("{package}.{child}")),
                    (EvidenceKind::BoundByImport, submodule),
                ],
            )
        })
        .collect()
}

/// Whether there is a module of that name in the passing ordering, or an entry on disk that could become one.
fn could_be_submodule(contrast: &Contrast, package: &str, child: &str) -> bool {
    let submodule = format!("{package}.{child}");
    let passing = contrast.passing.iter().flat_map(|scene| [&scene.before, &scene.after]);
    let on_disk = |(path, node): (&EntryPath, &Node)| {
        path.name() == format!("{child}.py") || (node.is_directory() && path.name() == child)
    };
    passing.into_iter().any(|view| present(&view.inspection, &submodule))
        || contrast.failing.before.world.entries().any(on_disk)
}

/// Whether a module is known to have an attribute.
fn has_attribute(inspection: &Inspection, module: &str, attribute: &str) -> bool {
    inspection.modules.get(module).is_some_and(|module| module.attributes.contains_key(attribute))
}

/// (module, attribute) pairs that the failing step looked for: from its expectations and its message.
fn wanted_attributes(scene: &Scene) -> BTreeSet<(String, String)> {
    let mut wanted = BTreeSet::new();
    if let Step::Interpreter(Action::Import { module, check: Check::Expect(expected), .. }) = &scene.step {
        for (path, _) in expected {
            for length in 1..=path.len() {
                let package = [std::slice::from_ref(module), &path[..length - 1]].concat().join(".");
                wanted.insert((package, path[length - 1].clone()));
            }
        }
    }
    let message = scene.message();
    let quoted: Vec<&str> = message.split('\'').collect();
    if let [before, module, between, attribute, ..] = quoted[..]
        && before.contains("module ")
        && between.contains("has no attribute")
    {
        wanted.insert((module.to_owned(), attribute.to_owned()));
    }
    wanted
}

/// Modules in `sys.modules` that answer for what the passing ordering finds under their names: the failing step's own, its parents
/// and children, then all others. Each alone, then all of the first kind together.
pub(super) fn retained(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    let modules = &scene.before.inspection.modules;
    let own = scene.module().unwrap_or_default();
    let differs = |name: &&str| is_another(contrast, name);
    let family: Vec<&str> =
        modules.keys().map(String::as_str).filter(|name| related(name, own)).filter(differs).collect();
    let foreign = modules.keys().map(String::as_str).filter(|name| {
        let module = &modules[*name];
        (module.file.is_none() || is_of_ordering(module)) && !related(name, own) && differs(name)
    });
    let mut names: Vec<&str> = family.iter().copied().filter(|name| *name == own).collect();
    names.extend(family.iter().copied().filter(|name| *name != own));
    names.extend(foreign);
    let mut suspicions: Vec<SuspectedCause> = names.iter().map(|name| forgetting(&[name], scene)).collect();
    if family.len() > 1 {
        suspicions.push(forgetting(&family, scene));
    }
    suspicions
}

/// What an earlier step of the test imported, and got from `sys.modules`: that module, then all that differ of its whole package.
pub(super) fn retained_earlier(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    let modules = &scene.before.inspection.modules;
    let Some(own) = scene.module() else { return Vec::new() };
    if !modules.contains_key(own) || !is_another(contrast, own) {
        return Vec::new();
    }
    let top = own.split('.').next().unwrap_or(own);
    let whole = modules.keys().map(String::as_str).filter(|name| *name == top || related(top, name));
    let whole: Vec<&str> = whole.filter(|name| is_another(contrast, name)).collect();
    let mut suspicions = vec![forgetting(&[own], scene)];
    if whole.len() > 1 {
        suspicions.push(forgetting(&whole, scene));
    }
    suspicions
}

/// Whether the passing ordering does not hold the same module under this name: loaded from the same file with the same contents.
/// Then its state may differ, but nobody answers for another.
fn is_another(contrast: &Contrast, name: &str) -> bool {
    let Some(passing) = &contrast.passing else { return true };
    let held = contrast.failing.before.inspection.modules.get(name);
    let other = passing.before.inspection.modules.get(name);
    let is_same = |other: &ModuleView| {
        held.is_some_and(|held| held.present == other.present && held.file == other.file)
            && contrast.failing.before.loaded.get(name) == passing.before.loaded.get(name)
    };
    !other.is_some_and(is_same)
}

fn forgetting(names: &[&str], scene: &Scene) -> SuspectedCause {
    let modules = &scene.before.inspection.modules;
    let origin = |name: &&str| match modules.get(*name) {
        Some(ModuleView { present: true, file: Some(file), .. }) => format!("{name} from {file}"),
        Some(ModuleView { present: true, .. }) => format!("{name}, not from a file"),
        _ => format!("{name} is None"),
    };
    let held: Vec<String> = names.iter().map(origin).collect();
    let repairs = names.iter().map(|name| repair(Repair::ForgetModule((*name).to_owned())));
    SuspectedCause::new(
        Cause::RetainedModule,
        repairs.collect(),
        [(EvidenceKind::HeldModules, held.join("; "))],
    )
}

/// Whether one is the other, or a package that holds it.
fn related(a: &str, b: &str) -> bool {
    let holds =
        |package: &str, name: &str| name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
    a == b || holds(a, b) || holds(b, a)
}

/// Whether a module was loaded from the ordering's directory.
fn is_of_ordering(module: &ModuleView) -> bool {
    module.file.as_ref().is_some_and(|file| file.starts_with('$'))
}

fn present(inspection: &Inspection, name: &str) -> bool {
    inspection.modules.get(name).is_some_and(|module| module.present)
}

pub(super) fn plain_import(module: &str) -> Step {
    let module = module.to_owned();
    Step::Interpreter(Action::Import { module, names: Vec::new(), check: Check::Nothing })
}
