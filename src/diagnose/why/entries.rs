//! Suspicions about entries of `sys.path_importer_cache`: those that deny a directory that exists, and those of relative entries
//! of `sys.path`, which mean another directory once the working directory has changed.

use super::paths::{below_root, shown};
use super::scene::Scene;
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::FinderView;
use crate::scenario::Repair;
use crate::world::{EntryPath, Node};

/// Entries that say of a directory that exists that there is none.
pub(super) fn negative(scene: &Scene) -> Vec<SuspectedCause> {
    let entries = scene.before.inspection.finders.iter().filter(|(_, finder)| has_no_finder(finder.as_ref()));
    let exists = |path: &EntryPath| scene.before.world.leads_to(path).is_some_and(Node::is_directory);
    entries
        .filter_map(|(entry, _)| {
            let own = below_root(entry);
            let path = own.clone().or_else(|| meant(scene, entry))?;
            let drop = match own {
                Some(path) => Repair::DropPathEntry(path),
                None => Repair::DropRelativeEntry(entry.clone()),
            };
            exists(&path).then(|| {
                SuspectedCause::new(
                    Cause::NegativePathEntry,
                    vec![repair(drop)],
                    [
                        (EvidenceKind::NegativeEntry, format!("{entry} -> None")),
                        (EvidenceKind::Directory, "exists now".into()),
                    ],
                )
            })
        })
        .collect()
}

/// Python 2.7 keeps a NullImporter where later versions keep None.
fn has_no_finder(finder: Option<&FinderView>) -> bool {
    finder.is_none_or(|finder| finder.kind.contains("NullImporter"))
}

/// Relative entries whose finder searches another directory than they mean now.
pub(super) fn relative(scene: &Scene) -> Vec<SuspectedCause> {
    let finders = scene.before.inspection.finders.iter();
    finders.filter_map(|(entry, finder)| moved(scene, entry, finder.as_ref()?)).collect()
}

fn moved(scene: &Scene, entry: &str, finder: &FinderView) -> Option<SuspectedCause> {
    let now = meant(scene, entry)?;
    let searched = finder.directory.as_deref()?;
    let (what, repair_of, listed) = if searched == entry {
        // Before 3.8 the finder keeps the entry as it is, and lists whatever directory that means when it looks.
        let names: Vec<&str> = scene.before.world.names_in(&now).collect();
        let unknown: Vec<&str> = names.into_iter().filter(|name| !finder.names.contains(*name)).collect();
        if finder.listed_at.is_none() || unknown.is_empty() {
            return None;
        }
        let listing =
            format!("lists {}", finder.names.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        (listing, Repair::ForgetRelativeListing(entry.to_owned()), unknown.join(", "))
    } else if below_root(searched)? == now {
        return None;
    } else {
        let names: Vec<&str> = scene.before.world.names_in(&now).collect();
        (format!("searches {searched}"), Repair::DropRelativeEntry(entry.to_owned()), names.join(", "))
    };
    Some(SuspectedCause::new(
        Cause::RelativePathEntry,
        vec![repair(repair_of)],
        [
            (EvidenceKind::RelativeEntry, format!("'{entry}'")),
            (EvidenceKind::RelativeFinder, what),
            (EvidenceKind::RelativeNow, format!("{}, which holds {listed}", shown(&now))),
        ],
    ))
}

/// The directory that a relative entry means in the working directory, if it lies in the ordering's.
fn meant(scene: &Scene, entry: &str) -> Option<EntryPath> {
    if entry.starts_with(['/', '$']) || entry.is_empty() {
        return None;
    }
    let working = below_root(&scene.before.inspection.directory)?;
    let parts = entry.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut path = working;
    for part in parts {
        path = if part == ".." { path.parent()? } else { path.join(part) };
    }
    Some(path)
}
