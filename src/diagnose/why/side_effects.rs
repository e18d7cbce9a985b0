//! Suspicions about what somebody changed: attributes of modules, other pieces of state, environment variables, the working
//! directory. Each alone, then all of one class together.

use std::collections::BTreeMap;

use super::modules::plain_import;
use super::paths::below_root;
use super::scene::{Contrast, Scene, SceneView};
use super::suspicion::{ProofKind, SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{ModuleView, PieceView};
use crate::kind::FindingKind;
use crate::scenario::{PieceValue, Repair};

/// Longest value in evidence.
const SHOWN: usize = 120;

/// A piece of state with its value in the ordering that passes and in the one that fails, each as it is shown.
#[derive(Debug, Clone, PartialEq)]
struct StateChange {
    address: String,
    clean: String,
    polluted: String,
    /// What gives the failing ordering the clean value.
    repair: Repair,
    /// Whether that is a value of its own, and not what the piece held before.
    is_literal: bool,
}

/// Attributes that differ on a module loaded from the same source in both orderings.
pub(super) fn changed_attributes(contrast: &Contrast) -> Vec<SuspectedCause> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let scene = &contrast.failing;
    let mut changes: Vec<StateChange> = Vec::new();
    for (name, module) in &scene.before.inspection.modules {
        let Some((clean, view)) = clean_module(passing, name, module) else { continue };
        if scene.before.loaded.get(name) == view.loaded.get(name) {
            changes.extend(differences(name, &module.attributes, &clean.attributes));
        }
    }
    suspected(&changes)
}

/// A module in the passing ordering: as it was before the step or, if the step loaded it, after.
pub(super) fn clean_module<'p>(
    passing: &'p Scene,
    name: &str,
    module: &ModuleView,
) -> Option<(&'p ModuleView, &'p SceneView)> {
    let views = [&*passing.before, &*passing.after];
    let found = |view: &'p SceneView| Some((view.inspection.modules.get(name)?, view));
    let mut present = views.into_iter().filter_map(found).filter(|(clean, _)| clean.present);
    present.next().filter(|(clean, _)| module.present && clean.file == module.file)
}

fn differences(
    module: &str,
    polluted: &BTreeMap<String, String>,
    clean: &BTreeMap<String, String>,
) -> Vec<StateChange> {
    let names = polluted.keys().chain(clean.keys().filter(|name| !polluted.contains_key(*name)));
    let differing = names.filter(|name| polluted.get(*name) != clean.get(*name));
    let change = |attribute: &String| {
        let value = clean.get(attribute);
        let is_literal = value.is_none_or(|value| super::literal::is_literal(value));
        let address = format!("{module}.{attribute}");
        let repair = if is_literal {
            let (module, attribute) = (module.to_owned(), attribute.clone());
            Repair::RestoreAttribute { module, attribute, literal: value.cloned() }
        } else {
            Repair::RestorePiece { address: address.clone(), value: PieceValue::Remembered }
        };
        StateChange {
            address,
            clean: told(value.map(String::as_str)),
            polluted: told(polluted.get(attribute).map(String::as_str)),
            repair,
            is_literal,
        }
    };
    differing.map(change).collect()
}

/// Settings, attributes of classes, and contents of the standard library that differ.
pub(super) fn changed_pieces(contrast: &Contrast, kind: FindingKind) -> Vec<SuspectedCause> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let (polluted, clean) = (&contrast.failing.before.inspection.pieces, &passing.before.inspection.pieces);
    let addresses = polluted.keys().chain(clean.keys().filter(|address| !polluted.contains_key(*address)));
    let (mut changes, mut spoiling) = (Vec::new(), Vec::new());
    for address in addresses {
        let Some(view) = clean_view(&contrast.failing, passing, address) else { continue };
        let (dirty, clean) = (polluted.get(address), view.inspection.pieces.get(address));
        if !is_equal(dirty, clean) {
            changes.push(piece_change(address, (clean, dirty), clean));
            spoiling.push(piece_change(address, (clean, dirty), dirty));
        }
    }
    let mut suspicions = suspected(&changes);
    if kind == FindingKind::Brittle {
        // What the passing ordering has cannot be made from nothing, but it can be taken away there.
        suspicions.extend(suspected(&spoiling).into_iter().map(|one| one.shown_by(ProofKind::Spoiled)));
    }
    suspicions
}

/// Modules of the ordering that the passing ordering imports and the failing one does not: what importing one changes may be nowhere to
/// see, but doing it decides.
pub(super) fn of_imports(contrast: &Contrast) -> Vec<SuspectedCause> {
    let loaded = contrast.passing.iter().flat_map(|scene| scene.before.loaded.keys());
    let missing = loaded.filter(|name| !contrast.failing.before.loaded.contains_key(*name));
    let suspected = |name: &String| {
        let changed = format!("what importing {name} sets: done -> not done");
        SuspectedCause::new(
            Cause::ImportSideEffect,
            vec![plain_import(name)],
            [(EvidenceKind::Changed, changed)],
        )
    };
    missing.map(suspected).collect()
}

/// Where the passing ordering tells what a piece is without the polluter: before the step or, if the step loads the module of the
/// ordering to which the piece belongs, after it. `None` if that module is never there, and the piece could be put back to nothing.
fn clean_view<'p>(scene: &Scene, passing: &'p Scene, address: &str) -> Option<&'p SceneView> {
    let is_of =
        |name: &&String| address.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let held = scene.before.inspection.modules.iter();
    let of_ordering =
        held.filter(|(_, module)| module.file.as_ref().is_some_and(|file| file.starts_with('$')));
    let Some(module) = of_ordering.map(|(name, _)| name).filter(is_of).max_by_key(|name| name.len()) else {
        return Some(&passing.before);
    };
    let is_there = |view: &&SceneView| view.inspection.modules.get(module).is_some_and(|view| view.present);
    [&*passing.before, &*passing.after].into_iter().find(is_there)
}

fn is_equal(one: Option<&PieceView>, other: Option<&PieceView>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => match (&one.literal, &other.literal) {
            (Some(one), Some(other)) => one == other,
            _ => one.shown == other.shown,
        },
        (None, None) => true,
        _ => false,
    }
}

/// A piece that differs, and what gives it the value that it has in `target`, one of the two.
fn piece_change(
    address: &str,
    (clean, polluted): (Option<&PieceView>, Option<&PieceView>),
    target: Option<&PieceView>,
) -> StateChange {
    let value = match (target, clean.or(polluted)) {
        (Some(piece), _) => piece.literal.clone().map_or(PieceValue::Remembered, PieceValue::Literal),
        (None, Some(other)) => as_loaded(other),
        (None, None) => PieceValue::AsLoaded,
    };
    // Where a piece is not listed, it is what it was when its module was loaded.
    let shown = |piece: Option<&PieceView>, other: Option<&PieceView>| {
        told(piece.map(|piece| piece.shown.as_str()).or(other.map(|other| other.when_loaded.as_str())))
    };
    StateChange {
        address: address.to_owned(),
        clean: shown(clean, polluted),
        polluted: shown(polluted, clean),
        is_literal: value != PieceValue::Remembered,
        repair: Repair::RestorePiece { address: address.to_owned(), value },
    }
}

/// What a piece held when its module was loaded.
fn as_loaded(piece: &PieceView) -> PieceValue {
    match &piece.literal_when_loaded {
        Some(literal) => PieceValue::Literal(literal.clone()),
        None if piece.when_loaded == PieceView::ABSENT => PieceValue::Absent,
        None => PieceValue::AsLoaded,
    }
}

/// Changes that are tried one by one. Of more, all are tried at once, and taken apart if that decides.
const FEW: usize = 10;

/// Each change alone, then all of them, as suspicions.
fn suspected(changes: &[StateChange]) -> Vec<SuspectedCause> {
    let mut suspicions: Vec<SuspectedCause> =
        changes.iter().map(|change| restoring(std::slice::from_ref(change))).collect();
    if changes.len() > FEW {
        return vec![SuspectedCause { parts: suspicions, ..restoring(changes) }];
    }
    if changes.len() > 1 {
        suspicions.push(restoring(changes));
    }
    suspicions
}

fn restoring(changes: &[StateChange]) -> SuspectedCause {
    let repairs = changes.iter().map(|change| repair(change.repair.clone()));
    let said = changes.iter().map(|change| {
        let (clean, polluted) = told_apart(&change.clean, &change.polluted);
        format!("{}: {clean} -> {polluted}", change.address)
    });
    let said: Vec<String> = said.collect();
    let is_random = |change: &StateChange| change.address == "random.getstate()";
    let cause = if changes.iter().all(is_random) { Cause::RandomState } else { Cause::ImportSideEffect };
    let suspected = SuspectedCause::new(cause, repairs.collect(), [(EvidenceKind::Changed, said.join("; "))]);
    if changes.iter().all(|change| change.is_literal) {
        suspected
    } else {
        suspected.shown_by(ProofKind::PutBack)
    }
}

/// A value as evidence shows it.
fn told(value: Option<&str>) -> String {
    value.unwrap_or(PieceView::ABSENT).to_owned()
}

/// Two values that differ, each cut to a length: of what both begin with, only the last item stays where the difference would be
/// cut off.
fn told_apart(one: &str, other: &str) -> (String, String) {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let is_far = same > SHOWN / 2 && one.chars().count().max(other.chars().count()) > SHOWN;
    let begin: String = one.chars().take(same).collect();
    // A text that ends where another goes on differs at its last item, and not behind it.
    let item = begin.trim_end_matches([',', ' ']).rfind(", ").filter(|_| is_far);
    let told = |value: &str| {
        let (before, rest) = match item {
            Some(at) => ("... ", &value[at + 2..]),
            None => ("", value),
        };
        let after = if rest.chars().count() > SHOWN { "..." } else { "" };
        format!("{before}{}{after}", rest.chars().take(SHOWN).collect::<String>())
    };
    (told(one), told(other))
}

/// Environment variables and the working directory, where they differ between the two orderings: each alone, then all.
pub(super) fn environment(contrast: &Contrast) -> Vec<SuspectedCause> {
    let Some(passing) = &contrast.passing else { return Vec::new() };
    let mut suspicions = suspected(&variables(&contrast.failing, &passing.before));
    suspicions.extend(suspected(&directory(&contrast.failing, &passing.before)));
    suspicions
}

fn variables(scene: &Scene, clean: &SceneView) -> Vec<StateChange> {
    let (polluted, clean) = (&scene.before.inspection.environment, &clean.inspection.environment);
    let names = polluted.keys().chain(clean.keys().filter(|name| !polluted.contains_key(*name)));
    let differing = names.filter(|name| polluted.get(*name) != clean.get(*name));
    let shown = |value: Option<&Option<String>>| {
        value
            .and_then(Option::as_ref)
            .map_or_else(|| "as at the start".to_owned(), |value| format!("'{value}'"))
    };
    differing
        .map(|variable| StateChange {
            address: format!("os.environ['{variable}']"),
            clean: shown(clean.get(variable)),
            polluted: shown(polluted.get(variable)),
            repair: Repair::RestoreVariable {
                variable: variable.clone(),
                value: clean.get(variable).cloned().flatten(),
            },
            is_literal: true,
        })
        .collect()
}

fn directory(scene: &Scene, clean: &SceneView) -> Vec<StateChange> {
    let (polluted, clean) = (&scene.before.inspection.directory, &clean.inspection.directory);
    let path = below_root(clean).filter(|_| polluted != clean);
    let change = path.map(|path| StateChange {
        address: "the working directory".to_owned(),
        clean: clean.clone(),
        polluted: polluted.clone(),
        repair: Repair::RestoreDirectory(path),
        is_literal: true,
    });
    change.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let items = |more: &str| {
            let same: Vec<String> = (0..30).map(|at| format!("'/lib/{at}'")).collect();
            format!("[{}{more}]", same.join(", "))
        };
        let (one, other) = told_apart(&items(""), &items(", '$/scripts'"));
        assert_eq!((one.as_str(), other.as_str()), ("... '/lib/29']", "... '/lib/29', '$/scripts']"));
        let (one, other) = told_apart("1", &"9".repeat(200));
        assert_eq!((one.as_str(), other.len()), ("1", SHOWN + 3));
    }
}
