//! Suspicions about `sys.modules`: who is in it, who is not, and who is bound to whom.

use std::collections::BTreeSet;

use super::scene::{Contrast, Scene, below_root};
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{Inspection, ModuleView};
use crate::scenario::{Action, Check, Repair, Step};
use crate::world::{EntryPath, Node};

/// Packages that are gone, or do not have a child as attribute that `sys.modules` still holds.
pub(super) fn half_imported(scene: &Scene) -> Vec<SuspectedCause> {
    let modules = &scene.before.inspection.modules;
    let present = modules.iter().filter(|(_, module)| module.present);
    let unbound = present.filter_map(|(name, module)| {
        let (package, child) = name.rsplit_once('.')?;
        let is_bound = is_bound(modules.get(package), module, child);
        (!is_bound).then_some((package, child))
    });
    unbound
        .flat_map(|(package, child)| {
            let evidence = |package: &str, child: &str| {
                [
                    (EvidenceKind::LeftInModules, format!("{package}.{child}")),
                    (EvidenceKind::NotBoundOn, package.to_owned()),
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

/// Whether a package has a submodule as attribute, as far as an inspection can tell: of modules of the standard library it lists no
/// attributes, and packages that are there from the start it does not list at all.
fn is_bound(package: Option<&ModuleView>, submodule: &ModuleView, child: &str) -> bool {
    let of_library =
        |module: &ModuleView| module.file.as_deref().is_some_and(|file| below_root(file).is_none());
    match package {
        None => of_library(submodule),
        Some(package) => {
            // What the library puts into `sys.modules` need not be a module with a file: `typing.re` was a class.
            let listed = !((of_library(package) || of_library(submodule)) && package.attributes.is_empty());
            package.present && (!listed || package.attributes.contains_key(child))
        }
    }
}

/// Attributes that were wanted and that importing a submodule would bind.
pub(super) fn missing_submodules(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    wanted_attributes(scene)
        .into_iter()
        .filter(|(package, child)| !present(&scene.before.inspection, &format!("{package}.{child}")))
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

/// Names wanted from a module that was still being imported: the other end imported first.
pub(super) fn circular(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    let message = scene.message();
    let circular = ["cannot import name", "partially initialized", "circular import", "has no attribute"];
    if !circular.iter().any(|sign| message.contains(sign)) {
        return Vec::new();
    }
    let own = scene.module().unwrap_or_default();
    let others = contrast.passing.iter().flat_map(|passing| {
        let names = passing.before.inspection.modules.iter().chain(&passing.after.inspection.modules);
        names.filter(|(_, module)| {
            module.present && module.file.as_ref().is_some_and(|file| file.starts_with('$'))
        })
    });
    let names: BTreeSet<&str> = others.map(|(name, _)| name.as_str()).filter(|name| *name != own).collect();
    let absent = names.into_iter().filter(|name| !present(&scene.before.inspection, name));
    absent
        .map(|name| {
            SuspectedCause::new(
                Cause::CircularImport,
                vec![plain_import(name)],
                [(EvidenceKind::FailingImport, message.clone()), (EvidenceKind::WorksFirst, name.to_owned())],
            )
        })
        .collect()
}

/// Modules in `sys.modules` that answer for what would now be found: the failing step's own, its parents and children, then all
/// that the passing ordering does not have there. Each alone, then all of the first kind together.
pub(super) fn retained(contrast: &Contrast) -> Vec<SuspectedCause> {
    let scene = &contrast.failing;
    let modules = &scene.before.inspection.modules;
    let own = scene.module().unwrap_or_default();
    let family: Vec<&str> = modules.keys().map(String::as_str).filter(|name| related(name, own)).collect();
    let elsewhere = contrast.passing.as_ref().map(|passing| &passing.before.inspection.modules);
    let foreign = modules.keys().map(String::as_str).filter(|name| {
        let module = &modules[*name];
        let put_there = module.file.is_none() || is_of_ordering(module);
        put_there
            && !related(name, own)
            && elsewhere.is_none_or(|elsewhere| elsewhere.get(*name) != Some(module))
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

fn plain_import(module: &str) -> Step {
    let module = module.to_owned();
    Step::Interpreter(Action::Import { module, names: Vec::new(), check: Check::Nothing })
}
