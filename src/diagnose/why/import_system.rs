//! Suspicions about what the import system remembers: listings, entries without a finder, bytecode, namespace paths.

use super::scene::{Scene, below_root};
use super::suspicion::{SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::{FinderView, Inspection, ModuleView};
use crate::scenario::{Repair, Step};
use crate::world::{Bytecode, Content, EntryPath, Node, Operation, Time, World};

/// Finders whose listing lacks what is on disk although the directory's time says that nothing changed.
pub(super) fn listings(scene: &Scene) -> Vec<SuspectedCause> {
    let finders = scene.before.inspection.finders.iter();
    let below = finders.filter_map(|(entry, finder)| Some((below_root(entry)?, finder.as_ref()?)));
    below.filter_map(|(path, finder)| stale_listing(&scene.before.world, &path, finder)).collect()
}

fn stale_listing(world: &World, path: &EntryPath, finder: &FinderView) -> Option<SuspectedCause> {
    let listed_at = finder.listed_at?;
    let modified = world.get(path)?.modified()?;
    let is_unseen = |name: &&str| *name != "__pycache__" && !finder.names.contains(*name);
    let unseen: Vec<&str> = world.names_in(path).filter(is_unseen).collect();
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

/// Archives on `sys.path` that changed after `zipimport` had read their directories, and what `importlib.metadata` remembers of
/// directories: neither shows what it holds, so only the repair tells.
pub(super) fn other_listings(scene: &Scene) -> Vec<SuspectedCause> {
    let finders = scene.before.inspection.finders.iter();
    let archives =
        finders.filter(|(_, finder)| finder.as_ref().is_some_and(|finder| finder.kind == "zipimporter"));
    let mut suspicions: Vec<SuspectedCause> = archives
        .filter_map(|(entry, _)| below_root(entry))
        .map(|path| {
            SuspectedCause::new(
                Cause::StaleDirectoryListing,
                vec![repair(Repair::ForgetArchive(path.clone()))],
                [
                    (EvidenceKind::Archive, shown(&path)),
                    (EvidenceKind::Zipimport, "keeps the archive's directory by its path alone".into()),
                ],
            )
        })
        .collect();
    if scene.before.inspection.modules.get("importlib.metadata").is_some_and(|module| module.present) {
        suspicions.push(SuspectedCause::new(
            Cause::StaleDirectoryListing,
            vec![repair(Repair::ForgetMetadata)],
            [(
                EvidenceKind::Metadata,
                "keeps what it found in a directory until the directory's time moves".into(),
            )],
        ));
    }
    suspicions
}

/// Entries of `sys.path_importer_cache` that say of a directory that exists that there is none.
pub(super) fn negative_entries(scene: &Scene) -> Vec<SuspectedCause> {
    let entries = scene.before.inspection.finders.iter().filter(|(_, finder)| has_no_finder(finder.as_ref()));
    let paths = entries.filter_map(|(entry, _)| below_root(entry));
    let exists = |path: &EntryPath| scene.before.world.get(path).is_some_and(Node::is_directory);
    paths
        .filter(exists)
        .map(|path| {
            SuspectedCause::new(
                Cause::NegativePathEntry,
                vec![repair(Repair::DropPathEntry(path.clone()))],
                [
                    (EvidenceKind::NegativeEntry, format!("{} -> None", shown(&path))),
                    (EvidenceKind::Directory, "exists now".into()),
                ],
            )
        })
        .collect()
}

/// Python 2.7 keeps a NullImporter where later versions keep None.
fn has_no_finder(finder: Option<&FinderView>) -> bool {
    finder.is_none_or(|finder| finder.kind.contains("NullImporter"))
}

/// Bytecode files that the import system takes for the source's, but that were compiled from another.
pub(super) fn bytecode(scene: &Scene) -> Vec<SuspectedCause> {
    let world = &scene.before.world;
    let compiled = world.entries().filter_map(|(path, node)| match node {
        Node::File { content: Content::Bytecode(bytecode), .. } => Some((path, bytecode)),
        _ => None,
    });
    compiled.filter_map(|(path, bytecode)| stale_bytecode(world, path, bytecode)).collect()
}

fn stale_bytecode(world: &World, path: &EntryPath, bytecode: &Bytecode) -> Option<SuspectedCause> {
    let source = source_of(path)?;
    let Node::File { content: Content::Bytes(bytes), modified } = world.get(&source)? else { return None };
    let same_second = u64::from(bytecode.second) == modified.second() & u64::from(u32::MAX);
    let same_size =
        bytecode.size.is_none_or(|size| bytes.len() as u64 & u64::from(u32::MAX) == u64::from(size));
    let size = bytecode.size.map_or_else(|| "not recorded".to_owned(), |size| size.to_string());
    (same_second && same_size && bytes[..] != bytecode.source[..]).then(|| {
        SuspectedCause::new(
            Cause::StaleBytecode,
            vec![Step::World(Operation::Remove(path.clone()))],
            [
                (EvidenceKind::Bytecode, shown(path)),
                (EvidenceKind::Source, shown(&source)),
                (EvidenceKind::SourceSecond, bytecode.second.to_string()),
                (EvidenceKind::RecordedSize, size),
                (EvidenceKind::SizeNow, bytes.len().to_string()),
            ],
        )
    })
}

/// The source of `d/__pycache__/m.tag.pyc` or, in Python 2.7, `d/m.pyc`.
pub(in crate::diagnose) fn source_of(bytecode: &EntryPath) -> Option<EntryPath> {
    let stem = bytecode.name().strip_suffix(".pyc")?;
    let directory = bytecode.parent()?;
    if directory.name() == "__pycache__" {
        let module = stem.split('.').next()?;
        return Some(directory.parent()?.join(&format!("{module}.py")));
    }
    Some(directory.join(&format!("{stem}.py")))
}

/// Namespace packages whose `__path__` is not what a fresh interpreter would compute.
pub(super) fn namespace_paths(scene: &Scene) -> Vec<SuspectedCause> {
    let inspection = &scene.before.inspection;
    let namespaces = inspection.modules.iter().filter(|(_, module)| module.present && module.file.is_none());
    namespaces.filter_map(|(name, module)| stale_namespace(scene, inspection, (name, module))).collect()
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
        .filter(|portion| scene.before.world.get(portion).is_some_and(Node::is_directory))
        .collect();
    let fresh: Vec<String> = portions.iter().map(shown).collect();
    (fresh != *known).then(|| {
        SuspectedCause::new(
            Cause::StaleNamespacePath,
            vec![repair(Repair::SetPackagePath { package: name.to_owned(), portions })],
            [
                (EvidenceKind::Namespace, name.to_owned()),
                (EvidenceKind::NamespacePath, known.join(", ")),
                (EvidenceKind::FreshPath, fresh.join(", ")),
            ],
        )
    })
}

/// A path as reports write it.
pub(in crate::diagnose) fn shown(path: &EntryPath) -> String {
    if path.is_root() { "$".to_owned() } else { format!("$/{path}") }
}

/// A float of seconds since 1970 as virtual time is written.
#[expect(clippy::cast_precision_loss, reason = "the float has no more digits")]
fn since_start(seconds: f64) -> String {
    format!("{:.9}", seconds - Time::START.second() as f64)
}
