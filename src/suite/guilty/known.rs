//! The lines that were found so far, which findings of the same polluters and cell share, and how a finding tells them.

use std::collections::BTreeMap;

use crate::suite::finding::HuntFinding;
use crate::suite::runner::source_line::GuiltyLine;
use crate::suite::runner::trace::{TracedCell, TracedChange};

/// What is known of one cell after certain tests: its line, or why there is none.
pub(crate) type Told = Result<GuiltyLine, String>;

/// What is known of cells, by the tests that changed them.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownLines(BTreeMap<(Vec<usize>, TracedCell), Told>);

impl KnownLines {
    pub(super) fn of(&self, before: &[usize], cell: &TracedCell) -> Option<&Told> {
        self.0.get(&(before.to_vec(), cell.clone()))
    }

    pub(super) fn add(&mut self, before: &[usize], cell: &TracedCell, told: Told) {
        self.0.insert((before.to_vec(), cell.clone()), told);
    }
}

/// What a watched process tells of one cell; that it is only narrowed down is a reason too.
pub(crate) fn told(cell: &TracedCell, traced: &[TracedChange]) -> Told {
    match traced.iter().find(|change| change.cell == cell.name).cloned() {
        Some(TracedChange { line: Some(line), .. }) => Ok(line),
        Some(TracedChange { window: Some(_), .. }) => Err("looking at this cell takes too long".to_owned()),
        Some(TracedChange { why: Some(why), .. }) => Err(why),
        _ => Err("it was not seen when the tests ran again".to_owned()),
    }
}

/// Adds to a finding what is known of each piece of its state.
pub(crate) fn say(finding: &mut HuntFinding, told: impl Iterator<Item = Told>) {
    finding.guilty_unknown = None;
    for (cell, told) in finding.state.iter_mut().zip(told) {
        match told {
            Ok(line) => cell.changed_at = Some(line),
            Err(why) => finding.guilty_unknown = Some(why),
        }
    }
    finding.guilty = finding.state.iter().find_map(|cell| cell.changed_at.clone());
    if finding.guilty.is_some() {
        finding.guilty_unknown = None;
    }
}
