//! The remedies worth trying against a finding, each with its steps and with what a scenario writes for them. `remedies` runs them.

use std::collections::BTreeSet;

use super::Finding;
use super::cures::{self, Candidate, dropping as dropping_one, executing, proven};
use super::original;
use super::why::{Contrast, Scene, SuspectedCause, below_root, source_of};
use crate::cause::Cause;
use crate::explore::Explorer;
use crate::interpreter::{Kind, ModuleView};
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::scenario::{Action, Check, Repair, Step};
use crate::world::{Content, EntryPath, Nanos, Node, Operation};

/// Every remedy that could cure this finding, in the order in which they are tried.
pub(super) fn candidates(
    explorer: &Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
    proof: Option<&SuspectedCause>,
) -> Vec<Candidate> {
    let scene = &contrast.failing;
    let mut candidates = vec![Candidate {
        kind: RemedyKind::InvalidateCaches,
        written: "{ invalidate-caches = true }".to_owned(),
        steps: vec![Step::Interpreter(Action::InvalidateCaches)],
        at: None,
    }];
    candidates.push(sleep(scene.before.world.tick()));
    candidates.extend(forgetting(scene));
    candidates.extend(dropping(scene, explorer.identity().kind));
    candidates.extend(without_bytecode(scene));
    candidates.extend(importing(explorer, finding, contrast));
    for forgetting in forgetting_brought(contrast) {
        if candidates.iter().all(|candidate| candidate.steps != forgetting.steps) {
            candidates.push(forgetting);
        }
    }
    candidates.extend(seeding_again(explorer, finding));
    let (now, clean) =
        (&scene.before.inspection, contrast.passing.as_ref().map(|passing| &passing.before.inspection));
    let written = proof.and_then(|proof| proven(proof, now));
    if let (Some(proof), None) = (proof, &written) {
        candidates.extend(original::instead(proof, now, clean));
    }
    if let Some(proven) = written {
        // What proved the cause may be what is tried anyway, and then at more places.
        if candidates.iter().all(|candidate| candidate.written != proven.written || proven.at.is_some()) {
            candidates.retain(|candidate| candidate.written != proven.written);
            candidates.push(proven);
        }
    }
    candidates
}

/// The modules that the failing ordering holds and the passing one does not: each forgotten alone, then all together.
fn forgetting_brought(contrast: &Contrast) -> Vec<Candidate> {
    let own = contrast.failing.module().unwrap_or_default();
    forgetting_each(&brought(contrast), own)
}

/// The same of what a step of the test imports in the passing ordering, and gets from `sys.modules` in the failing one: more is lost
/// with it than the polluter changed.
pub(super) fn forgetting_brought_earlier(contrast: &Contrast) -> Vec<Candidate> {
    let imports_itself = |earlier: &&Contrast, name: &str| {
        let after = earlier.passing.as_ref().map(|passing| &passing.after.inspection.modules);
        after.and_then(|after| after.get(name)).is_some_and(|module| module.present)
    };
    let names = contrast
        .earlier
        .iter()
        .flat_map(|earlier| brought(earlier).into_iter().filter(move |name| imports_itself(&earlier, name)));
    let names: BTreeSet<&str> = names.collect();
    forgetting_each(&names.into_iter().collect::<Vec<_>>(), "")
}

fn forgetting_each(names: &[&str], but: &str) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = names
        .iter()
        .filter(|name| **name != but)
        .take(BROUGHT)
        .map(|name| forgetting_all(RemedyKind::Forget, &[name]))
        .collect();
    if names.len() > 1 {
        candidates.push(forgetting_all(RemedyKind::ForgetWithChildren, names));
    }
    candidates
}

/// The modules of the ordering that are there before a failing step and not before the same step of the passing ordering.
fn brought(contrast: &Contrast) -> Vec<&str> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let (held, others) = (&contrast.failing.before.inspection.modules, &passing.before.inspection.modules);
    let is_brought = |(name, module): &(&String, &ModuleView)| {
        let is_of_ordering = module.file.as_ref().is_some_and(|file| file.starts_with('$'));
        is_of_ordering && !others.get(*name).is_some_and(|module| module.present)
    };
    held.iter().filter(is_brought).map(|(name, _)| name.as_str()).collect()
}

/// Modules that a polluter brought and that are forgotten alone; together they are all.
const BROUGHT: usize = 8;

fn forgetting_all(kind: RemedyKind, names: &[&str]) -> Candidate {
    let written: Vec<String> = names.iter().map(|name| format!("{{ forget = \"{name}\" }}")).collect();
    let forget = |name: &&str| Step::Interpreter(Action::Forget((*name).to_owned()));
    Candidate { kind, written: written.join(", "), steps: names.iter().map(forget).collect(), at: None }
}

/// Steps of the scenario that seed the generator of random numbers, once more.
fn seeding_again(explorer: &Explorer<'_>, finding: &Finding) -> Vec<Candidate> {
    if finding.cause != Cause::RandomState {
        return Vec::new();
    }
    let seeds = explorer.scenario().setup.iter().filter_map(|step| match step {
        Step::Interpreter(Action::Exec { code, .. }) if code.contains("seed(") => Some(code),
        _ => None,
    });
    let candidate = |(kind, written, step): (RemedyKind, String, Step)| Candidate {
        kind,
        written,
        steps: vec![step],
        at: None,
    };
    seeds.map(|code| candidate(executing(RemedyKind::Seed, code))).collect()
}

/// Past the next tick, and past the next second, by which bytecode is compared.
fn sleep(tick: Nanos) -> Candidate {
    let length = tick.max(Nanos::SECOND);
    Candidate {
        kind: RemedyKind::Sleep,
        written: format!("{{ sleep = \"{length}\" }}"),
        steps: vec![Step::World(Operation::Sleep(length))],
        at: None,
    }
}

/// The failing step's module, alone and with its parents and children.
fn forgetting(scene: &Scene) -> Vec<Candidate> {
    let Some(module) = scene.module() else { return Vec::new() };
    let mut candidates = vec![
        forgetting_all(RemedyKind::Forget, &[module]),
        Candidate {
            kind: RemedyKind::Reload,
            written: format!("{{ reload = \"{module}\" }}"),
            steps: vec![Step::Interpreter(Action::Reload {
                module: module.to_owned(),
                check: Check::Nothing,
            })],
            at: None,
        },
    ];
    let package = module.split('.').next().unwrap_or(module);
    let below = |name: &&String| name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
    let children: Vec<&String> = scene.before.inspection.modules.keys().filter(below).collect();
    if !children.is_empty() {
        let names: Vec<&str> =
            [package].into_iter().chain(children.into_iter().map(String::as_str)).collect();
        candidates.push(forgetting_all(RemedyKind::ForgetWithChildren, &names));
    }
    candidates
}

/// The entries of `sys.path_importer_cache` in the ordering's directory.
fn dropping(scene: &Scene, kind: Kind) -> Vec<Candidate> {
    let paths: Vec<EntryPath> =
        scene.before.inspection.finders.keys().filter_map(|entry| below_root(entry)).collect();
    let steps = paths.iter().map(|path| executing(RemedyKind::DropPathEntry, &dropping_one(path)));
    let (written, mut steps): (Vec<String>, Vec<Step>) =
        steps.map(|(_, written, step)| (written, step)).unzip();
    if kind == Kind::Model {
        // It does not evaluate the code, but it has what the code drops.
        let drop = |path: &EntryPath| Step::Interpreter(Action::Repair(Repair::DropPathEntry(path.clone())));
        steps = paths.iter().map(drop).collect();
    }
    let candidate =
        Candidate { kind: RemedyKind::DropPathEntry, written: written.join(", "), steps, at: None };
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
        at: None,
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
    let import = |module: &str| {
        let (kind, written, step) = cures::importing(RemedyKind::ImportSubmodule, module);
        Candidate { kind, written, steps: vec![step], at: None }
    };
    modules.into_iter().map(import).collect()
}
