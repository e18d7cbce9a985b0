//! Suspicions about listings: of directories by their finders, of zip archives by `zipimport`, of installed distributions by
//! `importlib.metadata`.

use super::paths::{below_root, shown};
use super::scene::Scene;
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{ArchiveView, FinderView};
use crate::scenario::Repair;
use crate::world::{EntryPath, Time, World};

/// Finders whose listing lacks what is on disk although the directory's time says that nothing changed, and archives on `sys.path`
/// that are not what `zipimport` remembers of them.
pub(super) fn stale(scene: &Scene) -> Vec<SuspectedCause> {
    let finders = scene.before.inspection.finders.iter();
    let finders = finders.filter_map(|(entry, finder)| Some((below_root(entry)?, finder.as_ref()?)));
    let one = |(path, finder): (EntryPath, &FinderView)| match &finder.archive {
        Some(archive) => stale_archive(&path, archive),
        None => stale_listing(&scene.before.world, &path, finder),
    };
    finders.filter_map(one).collect()
}

fn stale_listing(world: &World, path: &EntryPath, finder: &FinderView) -> Option<SuspectedCause> {
    let listed_at = finder.listed_at?;
    let real = world.followed(path)?;
    let modified = world.get(&real)?.modified()?;
    let is_unseen = |name: &&str| *name != "__pycache__" && !finder.names.contains(*name);
    let unseen: Vec<&str> = world.names_in(&real).filter(is_unseen).collect();
    #[expect(clippy::float_cmp, reason = "CPython compares these floats with `!=`")]
    let unchanged = modified.as_cpython_float() == listed_at;
    (unchanged && !unseen.is_empty()).then(|| {
        SuspectedCause::new(
            Cause::StaleDirectoryListing,
            vec![repair(Repair::ForgetListing(path.clone()))],
            [
                (EvidenceKind::Finder, shown(path)),
                (EvidenceKind::TimeWhenListed, since_start(listed_at)),
                (EvidenceKind::TimeNow, modified.to_string()),
                (EvidenceKind::NotListed, unseen.join(", ")),
            ],
        )
    })
}

/// What `importlib.metadata` remembers of directories: it does not show what it holds, so only the repair tells.
pub(super) fn of_metadata(scene: &Scene) -> Option<SuspectedCause> {
    let module = scene.before.inspection.modules.get("importlib.metadata")?;
    module.present.then(|| {
        SuspectedCause::new(
            Cause::StaleDirectoryListing,
            vec![repair(Repair::ForgetMetadata)],
            [(
                EvidenceKind::Metadata,
                "keeps what it found in a directory until the directory's time moves".into(),
            )],
        )
    })
}

/// An archive on `sys.path` that is not what `zipimport` remembers of it.
fn stale_archive(path: &EntryPath, archive: &ArchiveView) -> Option<SuspectedCause> {
    let known = archive.known.as_ref()?;
    let lacking = |these: &[String], those: &[String]| {
        let lacking: Vec<&str> = these
            .iter()
            .filter(|one| !those.contains(one))
            .filter_map(|one| one.rsplit_once(' ').map(|(name, _)| name))
            .collect();
        lacking.join(", ")
    };
    let (new, gone) = (lacking(&archive.now, known), lacking(known, &archive.now));
    (*known != archive.now).then(|| {
        SuspectedCause::new(
            Cause::StaleDirectoryListing,
            vec![repair(Repair::ForgetArchive(path.clone()))],
            [
                (EvidenceKind::Archive, shown(path)),
                (EvidenceKind::Zipimport, "keeps the archive's directory by its path alone".into()),
                (EvidenceKind::NotRemembered, if new.is_empty() { "nothing".into() } else { new }),
                (EvidenceKind::RememberedOnly, if gone.is_empty() { "nothing".into() } else { gone }),
            ],
        )
    })
}

/// A float of seconds since 1970 as virtual time is written.
#[expect(clippy::cast_precision_loss, reason = "the float has no more digits")]
fn since_start(seconds: f64) -> String {
    format!("{:.9}", seconds - Time::START.second() as f64)
}
