//! Findings that one change may cure: those with the same tests before them and the same state. Of what a collection poisons, the tests
//! of one file.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged as _;

use super::source::TestSource;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::{BrokenTest, HuntReport};
use crate::suite::leaks::cells_of;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::source_line::GuiltyLine;
use crate::suite::runner::suite::Suite;

/// Findings with the same polluters or state-setters and the same state.
#[derive(Debug, Clone)]
pub(super) struct PatchGroup<'a> {
    pub(super) findings: Vec<&'a HuntFinding>,
    /// The first of them, with the state of all.
    joined: HuntFinding,
    /// Their places in the report.
    pub(super) places: Vec<usize>,
    pub(super) suite: &'a Suite,
    /// Tests that fail in every order.
    pub(super) broken: &'a [BrokenTest],
    /// All findings of the hunt.
    pub(super) all: &'a [HuntFinding],
}

impl<'a> PatchGroup<'a> {
    /// The groups of a report's findings, in their order.
    pub(super) fn all(report: &'a HuntReport, suite: &'a Suite) -> Vec<Self> {
        let (broken, all) = (&report.broken[..], &report.findings[..]);
        let mut groups: Vec<Self> = Vec::new();
        for (place, finding) in report.findings.iter().enumerate() {
            let joined = groups.iter_mut().find(|group| group.takes(finding));
            if let Some(group) = joined {
                group.findings.push(finding);
                group.places.push(place);
                group.joined.state = cells_of(&group.findings).into_iter().cloned().collect();
            } else {
                let (findings, joined) = (vec![finding], finding.clone());
                groups.push(Self { findings, joined, places: vec![place], suite, broken, all });
            }
        }
        groups
    }

    fn takes(&self, finding: &HuntFinding) -> bool {
        let first = self.first();
        let file = |finding: &HuntFinding| finding.victim.split("::").next().map(str::to_owned);
        matches!(finding.finding, FindingKind::Victim | FindingKind::Collection)
            && first.finding == finding.finding
            && first.timestamps == finding.timestamps
            && first.hidden_by == finding.hidden_by
            && first.before() == finding.before()
            && first.needs_files() == finding.needs_files()
            // What does not cure all may cure those that can be changed together.
            && (first.finding == FindingKind::Victim || file(first) == file(finding))
            && first.places() == finding.places()
    }

    /// Whether a test that comes before the victims fails there, since not all that it needs comes before it.
    pub(super) fn fails_before(&self, id: &str) -> bool {
        let before: Vec<&String> = self.before().iter().take_while(|each| *each != id).collect();
        let needs_more = |finding: &&HuntFinding| {
            finding.finding == FindingKind::Brittle
                && finding.victim == id
                && finding.before().iter().any(|setter| !before.contains(&setter))
        };
        self.all.iter().any(|finding| needs_more(&finding))
    }

    /// The finding that stands for all, with the state of all.
    pub(super) fn first(&self) -> &HuntFinding {
        &self.joined
    }

    /// The tests or files that come before the victims.
    pub(super) fn before(&self) -> &'a [String] {
        self.findings[0].before()
    }

    /// The file that a test, or a file by its id, lies in.
    pub(super) fn file_of(&self, id: &str) -> Option<PathBuf> {
        if let Some(test) = self.suite.find(id) {
            return Some(PathBuf::from(&self.suite.items[test].file));
        }
        let file = Path::new(&self.suite.about.root).join(id.split("::").next()?);
        file.is_file().then_some(file)
    }

    /// The tests of a file.
    pub(super) fn tests_of(&self, path: &Path) -> Vec<&'a str> {
        let own = self.suite.items.iter().filter(|item| Path::new(&item.file) == path);
        own.map(|item| item.id.as_str()).collect()
    }

    /// A path as one says it: relative to pytest's root.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.suite.about.root).unwrap_or(path).display().to_string()
    }

    /// Where the state changed, as far as that is known: files and lines.
    fn guilty(&self) -> Vec<(PathBuf, &GuiltyLine)> {
        let lines = self.first().state.iter().filter_map(|cell| cell.changed_at.as_ref());
        let root = Path::new(&self.suite.about.root);
        lines.map(|line| (root.join(&line.file), line)).collect()
    }

    /// Whether a statement is one that changed the state, as far as that is known.
    pub(super) fn is_guilty(&self, source: &TestSource, statement: &Stmt) -> bool {
        let [first, last] = [statement.start(), statement.end()].map(|at| source.line_number(at.to_usize()));
        self.guilty_lines(&source.path).iter().any(|line| (first..=last).contains(line))
    }

    /// The lines of a file that changed the state.
    pub(super) fn guilty_lines(&self, path: &Path) -> Vec<usize> {
        self.guilty().iter().filter(|(guilty, _)| guilty == path).map(|(_, line)| line.line).collect()
    }

    /// The files of test code in which the state changed.
    pub(super) fn guilty_tests(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.guilty().into_iter().map(|(path, _)| path).collect();
        paths.retain(|path| self.is_test_code(path));
        paths.dedup();
        paths
    }

    fn is_test_code(&self, path: &Path) -> bool {
        path.ends_with("conftest.py") || self.suite.items.iter().any(|item| Path::new(&item.file) == path)
    }

    /// The line of the package that leaks, if the state changed there. What the import system remembers is no leak of the
    /// code that imports, and what a brittle test needs is none of the code that makes it.
    pub(super) fn leak(&self) -> Option<String> {
        let first = self.first();
        if first.finding == FindingKind::Brittle || first.state.iter().any(Cell::is_import_system) {
            return None;
        }
        let (_, line) = self.guilty().into_iter().find(|(path, _)| !self.is_test_code(path))?;
        Some(format!("{}:{} leaks: {}", line.file, line.line, line.code))
    }
}

/// Puts the groups first of which one trial may cure most findings: of brittle tests, all of a file. Of equal ones, brittle tests come
/// first, since what ends the leak that they need is tried with what cures them.
pub(super) fn put_in_order(groups: &mut [PatchGroup<'_>]) {
    let file_of = |group: &PatchGroup<'_>| {
        let first = group.first();
        (first.finding == FindingKind::Brittle).then(|| group.file_of(&first.victim))
    };
    let files: Vec<_> = groups.iter().filter_map(file_of).collect();
    groups.sort_by_cached_key(|group| {
        let file = file_of(group);
        let alike = file.as_ref().map_or(0, |file| files.iter().filter(|each| *each == file).count());
        (Reverse(alike.max(group.findings.len())), file.is_none())
    });
}
