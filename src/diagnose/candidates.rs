//! The remedies worth trying against a finding, each with its steps and with what a scenario writes for them. `remedies` runs them.

use super::Finding;
use super::why::{Contrast, Scene, below_root, shown, source_of};
use crate::cause::Cause;
use crate::explore::Explorer;
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::scenario::{Action, Check, Repair, Step};
use crate::world::{Content, EntryPath, Nanos, Node, Operation};

/// A remedy to try.
pub(super) struct Candidate {
    pub(super) kind: RemedyKind,
    /// How a scenario writes it.
    pub(super) written: String,
    pub(super) steps: Vec<Step>,
}

/// Every remedy that could cure this finding, in the order in which they are tried.
pub(super) fn candidates(explorer: &Explorer<'_>, finding: &Finding, contrast: &Contrast) -> Vec<Candidate> {
    let scene = &contrast.failing;
    let mut candidates = vec![Candidate {
        kind: RemedyKind::InvalidateCaches,
        written: "{ invalidate-caches = true }".to_owned(),
        steps: vec![Step::Interpreter(Action::InvalidateCaches)],
    }];
    candidates.push(sleep(scene.before.world.tick()));
    candidates.extend(forgetting(scene));
    candidates.extend(dropping(scene));
    candidates.extend(without_bytecode(scene));
    candidates.extend(importing(explorer, finding, contrast));
    candidates
}

/// Past the next tick, and past the next second, by which bytecode is compared.
fn sleep(tick: Nanos) -> Candidate {
    let length = tick.max(Nanos::SECOND);
    Candidate {
        kind: RemedyKind::Sleep,
        written: format!("{{ sleep = \"{length}\" }}"),
        steps: vec![Step::World(Operation::Sleep(length))],
    }
}

/// The failing step's module, alone and with its parents and children.
fn forgetting(scene: &Scene) -> Vec<Candidate> {
    let Some(module) = scene.module() else { return Vec::new() };
    let forget = |name: &str| Step::Interpreter(Action::Forget(name.to_owned()));
    let mut candidates = vec![
        Candidate {
            kind: RemedyKind::Forget,
            written: format!("{{ forget = \"{module}\" }}"),
            steps: vec![forget(module)],
        },
        Candidate {
            kind: RemedyKind::Reload,
            written: format!("{{ reload = \"{module}\" }}"),
            steps: vec![Step::Interpreter(Action::Reload {
                module: module.to_owned(),
                check: Check::Nothing,
            })],
        },
    ];
    let package = module.split('.').next().unwrap_or(module);
    let below = |name: &&String| name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
    let children: Vec<&String> = scene.before.inspection.modules.keys().filter(below).collect();
    if !children.is_empty() {
        let names: Vec<&str> =
            [package].into_iter().chain(children.into_iter().map(String::as_str)).collect();
        let written = names.iter().map(|name| format!("{{ forget = \"{name}\" }}"));
        candidates.push(Candidate {
            kind: RemedyKind::ForgetWithChildren,
            written: written.collect::<Vec<_>>().join(", "),
            steps: names.iter().map(|name| forget(name)).collect(),
        });
    }
    candidates
}

/// The entries of `sys.path_importer_cache` in the ordering's directory.
fn dropping(scene: &Scene) -> Vec<Candidate> {
    let paths: Vec<EntryPath> =
        scene.before.inspection.finders.keys().filter_map(|entry| below_root(entry)).collect();
    let drop = |path: &EntryPath| Step::Interpreter(Action::Repair(Repair::DropPathEntry(path.clone())));
    let written = paths.iter().map(|path| format!("del sys.path_importer_cache['{}']", shown(path)));
    let candidate = Candidate {
        kind: RemedyKind::DropPathEntry,
        written: written.collect::<Vec<_>>().join("; "),
        steps: paths.iter().map(drop).collect(),
    };
    if paths.is_empty() { Vec::new() } else { vec![candidate] }
}

/// The bytecode of the failing step's module, or else all there is.
fn without_bytecode(scene: &Scene) -> Option<Candidate> {
    let world = &scene.before.world;
    let compiled =
        world.entries().filter(|(_, node)| matches!(node, Node::File { content: Content::Bytecode(_), .. }));
    let all: Vec<&EntryPath> = compiled.map(|(path, _)| path).collect();
    let last = scene.module().and_then(|module| module.rsplit('.').next()).unwrap_or_default();
    let of_module =
        |path: &&&EntryPath| source_of(path).is_some_and(|source| source.name() == format!("{last}.py"));
    let own: Vec<&EntryPath> = all.iter().filter(of_module).copied().collect();
    let paths = if own.is_empty() { all } else { own };
    let written = paths.iter().map(|path| format!("{{ remove = \"{path}\" }}"));
    (!paths.is_empty()).then(|| Candidate {
        kind: RemedyKind::RemoveBytecode,
        written: written.collect::<Vec<_>>().join(", "),
        steps: paths.iter().map(|path| Step::World(Operation::Remove((*path).clone()))).collect(),
    })
}

/// The modules that the others import: what a brittle test should import itself.
fn importing(explorer: &Explorer<'_>, finding: &Finding, contrast: &Contrast) -> Vec<Candidate> {
    if finding.kind != FindingKind::Brittle && finding.cause != Cause::MissingSubmodule {
        return Vec::new();
    }
    let scenario = explorer.scenario();
    let own = contrast.failing.module().unwrap_or_default();
    let steps = finding.others.iter().flat_map(|&test| &scenario.tests[test].steps);
    let mut modules: Vec<&str> = steps
        .filter_map(|step| match step {
            Step::Interpreter(Action::Import { module, .. }) if module != own => Some(module.as_str()),
            _ => None,
        })
        .collect();
    modules.dedup();
    let import = |module: &str| Candidate {
        kind: RemedyKind::ImportSubmodule,
        written: format!("{{ import = \"{module}\" }}"),
        steps: vec![Step::Interpreter(Action::Import {
            module: module.to_owned(),
            names: Vec::new(),
            check: Check::Nothing,
        })],
    };
    modules.into_iter().map(import).collect()
}
