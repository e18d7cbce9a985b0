//! Which changes are worth trying for a group of findings, the smallest first.

use super::candidate::{PatchCandidate, PatchReach};
use super::collection::{also_collected, for_collection, with_what_files_set};
use super::group::PatchGroup;
use super::setting::NeedyTest;
use super::source::TestSource;
use super::sources::TestSources;
use super::{caches, earlier, polluter, reason, seeded, shared};
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::runner::cell::{Cell, CellKind};

/// Why no change is tried at all, if none is.
pub(super) fn refusal(group: &PatchGroup<'_>) -> Option<String> {
    let first = group.first();
    if first.finding == FindingKind::Nondeterministic {
        return Some("it passes and fails by chance".to_owned());
    }
    let why = "the search ended before it was known which tests it takes";
    (!first.minimal).then(|| why.to_owned())
}

/// The changes, or why there can be none.
pub(super) fn candidates(
    group: &PatchGroup<'_>,
    sources: &mut TestSources,
) -> Result<Vec<PatchCandidate>, String> {
    let first = group.first();
    let mut unread = None;
    for id in group.before().iter().chain([&first.victim]) {
        let path = group.file_of(id).ok_or_else(|| format!("{id} lies in no file"))?;
        for file in shared::files(group, &path).iter().chain([&path]) {
            unread = sources.load(file).err().or(unread);
            let origins = sources.of(file).map(|source| shared::origins(group, source));
            for origin in origins.unwrap_or_default() {
                unread = sources.load(&origin).err().or(unread);
            }
        }
    }
    for path in group.guilty_tests().into_iter().chain(also_collected(group)) {
        unread = sources.load(&path).err().or(unread);
    }
    let mut found = match first.finding {
        FindingKind::Brittle => for_brittle(group, sources),
        FindingKind::Collection if first.needs_files() => with_what_files_set(group, sources),
        FindingKind::Collection => for_collection(group, sources),
        _ => for_victim(group, sources),
    };
    found.sort_by_key(|each| (each.reach, each.size()));
    let mut seen = Vec::new();
    found.retain(|each| {
        let is_new = !seen.contains(&each.edits);
        seen.push(each.edits.clone());
        is_new
    });
    match unread {
        Some(why) if found.is_empty() => Err(why),
        _ if found.is_empty() => Err(why_none(group)),
        _ => Ok(found),
    }
}

/// Why nothing is worth trying.
fn why_none(group: &PatchGroup<'_>) -> String {
    match &group.first().state[..] {
        [] => "it is not known which state decides".to_owned(),
        _ => format!("taster knows no change of test code that restores {}", reason::cells(group.first())),
    }
}

fn has_listings(group: &PatchGroup<'_>) -> bool {
    group.first().state.iter().any(|cell| matches!(cell.kind, CellKind::Finder | CellKind::PackagePath))
}

fn for_victim(group: &PatchGroup<'_>, sources: &TestSources) -> Vec<PatchCandidate> {
    let first = group.first();
    let mut found = Vec::new();
    for id in group.before().iter().rev() {
        let Some(source) = sources.of_test(group, id) else { continue };
        found.extend(polluter::candidates(group, id, source));
        found.extend(of_fixtures(group, id, sources));
    }
    let last = group.before().last().map_or("", String::as_str);
    for source in group.guilty_tests().iter().filter_map(|path| sources.of(path)) {
        found.extend(polluter::in_guilty_functions(group, last, source));
    }
    let Some(source) = sources.of_test(group, &first.victim) else { return found };
    if has_listings(group) {
        found.extend(caches::candidates(group, source));
    }
    found.extend(seeded::candidates(group, source));
    let names: Vec<String> = group.before().iter().map(|id| reason::said(id, &first.victim)).collect();
    let (before, _) = reason::listed(&names);
    let text = format!(
        "This test fails after {before}, which leave{} {} changed.",
        if names.len() > 1 { "" } else { "s" },
        reason::cells(first)
    );
    let Some(victim) = NeedyTest::of(group, source, text) else { return found };
    if first.cause == Cause::CircularImport && first.modules.len() > 1 {
        found.extend(victim.importing(&first.modules[1..]));
    }
    if group.findings.len() == 1 {
        found.extend(victim.with_values(PatchReach::Victim, |cell| (&cell.alone, cell.alone_is)));
        found.extend(victim.importing_anew(PatchReach::Victim, |cell| cell.alone_is));
    }
    found
}

/// Changes of shared fixtures.
fn of_fixtures(group: &PatchGroup<'_>, id: &str, sources: &TestSources) -> Vec<PatchCandidate> {
    let Some(path) = group.file_of(id) else { return Vec::new() };
    let near: Vec<&TestSource> =
        shared::files(group, &path).iter().filter_map(|file| sources.of(file)).collect();
    let origins = near.iter().flat_map(|source| shared::origins(group, source));
    let further: Vec<&TestSource> = origins.filter_map(|file| sources.of(&file)).collect();
    let each = near.into_iter().chain(further).filter_map(|source| shared::for_each_test(group, id, source));
    let again = sources.of(&path).and_then(|source| shared::class_again(group, id, source));
    each.chain(again).collect()
}

/// A test that fails once what a group is about is restored sets it itself.
pub(super) fn needing_what_is_restored(
    group: &PatchGroup<'_>,
    test: &str,
    sources: &mut TestSources,
) -> Option<PatchCandidate> {
    let path = group.file_of(test)?;
    sources.load(&path).ok()?;
    let source = sources.of(&path)?;
    let text = format!(
        "This test counted on {} for {}.",
        reason::listed(group.before()).0,
        reason::cells(group.first())
    );
    let test = NeedyTest::one_of(group, test, source, text)?;
    test.with_values(PatchReach::Test, |cell| (&cell.after, cell.after_is))
}

/// The changes in which a brittle test calls the last one of its state-setters alone.
pub(super) fn by_last_setter(group: &PatchGroup<'_>, sources: &TestSources) -> Vec<PatchCandidate> {
    let [_, .., last] = group.before() else { return Vec::new() };
    let calling = || {
        let (own, source) = (sources.of_test(group, &group.first().victim)?, sources.of_test(group, last)?);
        let text = format!("Without this, the test passes only after {}.", setters(group));
        Some(NeedyTest::of(group, own, text)?.calling(&[(last, source)]))
    };
    calling().unwrap_or_default()
}

/// The state-setters as one says them.
fn setters(group: &PatchGroup<'_>) -> String {
    let names: Vec<String> =
        group.before().iter().map(|id| reason::said(id, &group.first().victim)).collect();
    reason::listed(&names).0
}

fn for_brittle(group: &PatchGroup<'_>, sources: &TestSources) -> Vec<PatchCandidate> {
    let first = group.first();
    let Some(source) = sources.of_test(group, &first.victim) else { return Vec::new() };
    let text = format!("Without this, the test passes only after {}.", setters(group));
    let Some(test) = NeedyTest::of(group, source, text) else { return Vec::new() };
    let modules = match first.cause {
        Cause::CircularImport => first.modules.get(1..).unwrap_or_default().to_vec(),
        _ if first.modules.is_empty() => first.state.iter().filter_map(Cell::new_module).collect(),
        _ => first.modules.clone(),
    };
    let ids = group.before().iter().map(String::as_str);
    let with_sources: Option<Vec<(&str, &TestSource)>> =
        ids.map(|id| Some((id, sources.of_test(group, id)?))).collect();
    let with_sources = with_sources.unwrap_or_default();
    let mut found = test.importing(&modules);
    if has_listings(group) {
        found.extend(caches::candidates(group, source));
    }
    found.extend(test.with_values(PatchReach::Statement, |cell| (&cell.after, cell.after_is)));
    found.extend(test.importing_anew(PatchReach::Statement, |cell| cell.after_is));
    found.extend(test.like_setters(&with_sources));
    found.extend(with_sources.iter().flat_map(|(id, source)| test.fixtures_of(id, source)));
    found.extend(test.calling(&with_sources));
    found.extend(earlier::set_before(&test, &with_sources));
    found.extend(earlier::made_before(&test, &with_sources));
    found.extend(earlier::before_each_test(&test, &with_sources));
    let apart: Vec<PatchCandidate> =
        group.before().iter().flat_map(|id| of_fixtures(group, id, sources)).collect();
    // Where tests share a fixture, the test may be in the way of its state-setter once it needs it no more.
    let both = |own: &PatchCandidate, apart: &PatchCandidate| {
        // A change of two tests is no smaller than one of a test by something beside it.
        let reach = own.reach.max(apart.reach).max(PatchReach::Beside);
        Some(PatchCandidate { reach, ..own.and(&apart.what, &apart.edits)? })
    };
    let both = apart.iter().flat_map(|apart| found.iter().filter_map(|own| both(own, apart)));
    let both: Vec<PatchCandidate> = both.collect();
    found.extend(both);
    found
}
