//! Which changes are worth trying where collection decides: of files that poison others, of tests that need other files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::candidate::{PatchCandidate, PatchReach};
use super::collected::FixtureScope;
use super::group::PatchGroup;
use super::setting::NeedyTest;
use super::source::TestSource;
use super::sources::TestSources;
use super::{collected, reason};
use crate::kind::FindingKind;
use crate::suite::runner::cell::{Cell, ValueKind};

/// Files that may do what a file does that pollutes while it is collected.
const MOST_ALSO_COLLECTED: usize = 20;

/// Other files of tests that are collected and name what the findings are about: they may do to it what the polluting ones do.
pub(super) fn also_collected(group: &PatchGroup<'_>) -> Vec<PathBuf> {
    let first = group.first();
    if first.finding != FindingKind::Collection || first.needs_files() {
        return Vec::new();
    }
    let own: Vec<PathBuf> =
        group.before().iter().chain([&first.victim]).filter_map(|id| group.file_of(id)).collect();
    let files: BTreeSet<&str> = group.suite.items.iter().map(|item| item.file.as_str()).collect();
    let others = files.into_iter().map(PathBuf::from).filter(|path| !own.contains(path));
    let names = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        first.state.iter().any(|cell| text.contains(&cell.key))
    };
    others.filter(names).take(MOST_ALSO_COLLECTED).collect()
}

pub(super) fn for_collection(group: &PatchGroup<'_>, sources: &TestSources) -> Vec<PatchCandidate> {
    let first = group.first();
    let mut found = Vec::new();
    let others = also_collected(group);
    for scope in [FixtureScope::Test, FixtureScope::File] {
        let own =
            group.before().iter().filter_map(|file| Some((file.as_str(), sources.of_test(group, file)?)));
        let own: Vec<_> = own.filter_map(|file| collected::candidate(group, file, scope)).collect();
        let others = others.iter().filter_map(|path| sources.of(path));
        let others = others
            .filter_map(|source| collected::candidate(group, (&group.shown(&source.path), source), scope));
        let all = others.fold(own.first().cloned(), |all, other| all?.and(&other.what, &other.edits));
        found.extend(own.into_iter().chain(all));
    }
    let Some(source) = sources.of_test(group, &first.victim) else { return found };
    let (files, _) = reason::listed(group.before());
    let text = format!("The import of {files} changes {}.", reason::cells(first));
    found.extend(each_sets(group, (source, &text), PatchReach::Victim, |cell| (&cell.alone, cell.alone_is)));
    found
}

/// Each victim of a group sets the state itself.
fn each_sets(
    group: &PatchGroup<'_>,
    (source, text): (&TestSource, &str),
    reach: PatchReach,
    value: impl Fn(&Cell) -> (&str, ValueKind),
) -> Option<PatchCandidate> {
    let mut each = group.findings.iter().map(|finding| {
        let victim = NeedyTest::one_of(group, &finding.victim, source, text.to_owned())?;
        victim.with_values(reach, &value)
    });
    let first = each.next().flatten();
    let all = each.fold(first, |all, own| all?.and("", &own?.edits))?;
    Some(match group.findings.len() {
        1 => all,
        many => PatchCandidate {
            what: format!("each of {many} tests sets {} itself", reason::cells(group.first())),
            ..all
        },
    })
}

/// The changes in which tests that need other files to be collected do themselves what the import of those does.
pub(super) fn with_what_files_set(group: &PatchGroup<'_>, sources: &TestSources) -> Vec<PatchCandidate> {
    let first = group.first();
    let Some(source) = sources.of_test(group, &first.victim) else { return Vec::new() };
    let (files, _) = reason::listed(group.before());
    let text = format!("Without this, the test passes only if pytest also collects {files}.");
    let needy = NeedyTest::of(group, source, text.clone());
    let mut found = needy.map(|test| test.importing(&first.modules)).unwrap_or_default();
    // What is imported within one test says nothing of the others.
    found.retain(|each| group.findings.len() == 1 || each.reach > PatchReach::Statement);
    found.extend(each_sets(group, (source, &text), PatchReach::Test, |cell| (&cell.after, cell.after_is)));
    found
}
