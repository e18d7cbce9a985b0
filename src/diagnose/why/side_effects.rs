//! Suspicions about what somebody changed: attributes of modules, other pieces of state, environment variables, the working
//! directory. Each alone, then all of one class together.

use std::collections::BTreeMap;

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
fn clean_module<'p>(
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
    let differing = addresses.filter(|address| !is_equal(polluted.get(*address), clean.get(*address)));
    let (mut changes, mut spoiling) = (Vec::new(), Vec::new());
    for address in differing {
        let (dirty, clean) = (polluted.get(address), clean.get(address));
        changes.push(piece_change(address, (clean, dirty), clean));
        spoiling.push(piece_change(address, (clean, dirty), dirty));
    }
    let mut suspicions = suspected(&changes);
    if kind == FindingKind::Brittle {
        // What the passing ordering has cannot be made from nothing, but it can be taken away there.
        suspicions.extend(suspected(&spoiling).into_iter().map(|one| one.shown_by(ProofKind::Spoiled)));
    }
    suspicions
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

/// Each change alone, then all of them, as suspicions.
fn suspected(changes: &[StateChange]) -> Vec<SuspectedCause> {
    let mut suspicions: Vec<SuspectedCause> =
        changes.iter().map(|change| restoring(std::slice::from_ref(change))).collect();
    if changes.len() > 1 {
        suspicions.push(restoring(changes));
    }
    suspicions
}

fn restoring(changes: &[StateChange]) -> SuspectedCause {
    let repairs = changes.iter().map(|change| repair(change.repair.clone()));
    let said = changes.iter().map(|change| {
        let StateChange { address, clean, polluted, .. } = change;
        format!("{address}: {clean} -> {polluted}")
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
    let Some(value) = value else { return PieceView::ABSENT.to_owned() };
    if value.chars().count() <= SHOWN {
        return value.to_owned();
    }
    value.chars().take(SHOWN).collect::<String>() + "..."
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
