//! Suspicions about results that caching functions keep (`functools.lru_cache`): in the failing ordering, and not in the passing one.

use super::scene::Scene;
use super::suspicion::{ProofKind, SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::scenario::Repair;

/// How a caching function is shown begins so.
const SHOWN: &str = "<functools._lru_cache_wrapper";

/// Caching functions of the ordering's modules, and of the classes in these. Whether one has results, only the repair tells.
pub(super) fn filled(scene: &Scene) -> Vec<SuspectedCause> {
    let inspection = &scene.before.inspection;
    let loaded = inspection.modules.iter().filter(|(name, _)| scene.before.loaded.contains_key(*name));
    let mut all = Vec::new();
    for (module, view) in loaded {
        let own = view.attributes.iter().filter(|(_, shown)| shown.starts_with(SHOWN));
        all.extend(own.map(|(path, _)| suspected(module, path)));
        let of_classes = inspection.pieces.iter().filter(|(_, piece)| piece.shown.starts_with(SHOWN));
        let paths =
            of_classes.filter_map(|(address, _)| address.strip_prefix(module.as_str())?.strip_prefix('.'));
        all.extend(paths.map(|path| suspected(module, path)));
    }
    all
}

fn suspected(module: &str, path: &str) -> SuspectedCause {
    let empty = Repair::EmptyCache { module: module.to_owned(), path: path.to_owned() };
    let changed = format!("what the cache of {module}.{path} keeps: nothing -> results of earlier calls");
    SuspectedCause::new(Cause::ImportSideEffect, vec![repair(empty)], [(EvidenceKind::Changed, changed)])
        .shown_by(ProofKind::OnlyThere)
}
