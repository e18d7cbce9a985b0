//! Findings that one change may cure: those with the same tests before them and the same state.

use std::path::{Path, PathBuf};

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged as _;

use super::source::TestSource;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::suite::Suite;

/// Findings with the same polluters or state-setters and the same state.
#[derive(Debug)]
pub(super) struct PatchGroup<'a> {
    pub(super) findings: Vec<&'a HuntFinding>,
    /// Their places in the report.
    pub(super) places: Vec<usize>,
    pub(super) suite: &'a Suite,
}

impl<'a> PatchGroup<'a> {
    /// The groups of a report's findings, in their order.
    pub(super) fn all(findings: &'a [HuntFinding], suite: &'a Suite) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (place, finding) in findings.iter().enumerate() {
            let joined = groups.iter_mut().find(|group| group.takes(finding));
            if let Some(group) = joined {
                group.findings.push(finding);
                group.places.push(place);
            } else {
                groups.push(Self { findings: vec![finding], places: vec![place], suite });
            }
        }
        groups
    }

    fn takes(&self, finding: &HuntFinding) -> bool {
        let first = self.first();
        let cells =
            |finding: &HuntFinding| finding.state.iter().map(|cell| cell.cell.clone()).collect::<Vec<_>>();
        matches!(finding.finding, FindingKind::Victim | FindingKind::Collection)
            && first.finding == finding.finding
            && first.timestamps == finding.timestamps
            && first.hidden_by == finding.hidden_by
            && first.before() == finding.before()
            && cells(first) == cells(finding)
    }

    /// The finding that stands for all.
    pub(super) fn first(&self) -> &'a HuntFinding {
        self.findings[0]
    }

    /// The tests or files that come before the victims.
    pub(super) fn before(&self) -> &'a [String] {
        self.first().before()
    }

    /// The file that a test, or a file by its id, lies in.
    pub(super) fn file_of(&self, id: &str) -> Option<PathBuf> {
        if let Some(test) = self.suite.find(id) {
            return Some(PathBuf::from(&self.suite.items[test].file));
        }
        let file = Path::new(&self.suite.about.root).join(id.split("::").next()?);
        file.is_file().then_some(file)
    }

    /// A path as one says it: relative to pytest's root.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.suite.about.root).unwrap_or(path).display().to_string()
    }

    /// Whether a statement is the one that changed the state, as far as that is known.
    pub(super) fn is_guilty(&self, source: &TestSource, statement: &Stmt) -> bool {
        let Some(guilty) = &self.first().guilty else { return false };
        let lines =
            source.line_number(statement.start().to_usize())..=source.line_number(statement.end().to_usize());
        Path::new(&self.suite.about.root).join(&guilty.file) == source.path && lines.contains(&guilty.line)
    }
}
