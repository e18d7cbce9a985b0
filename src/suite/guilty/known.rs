//! The lines that were found so far: findings of the same polluters and cell share them.

use std::collections::BTreeMap;

use crate::suite::runner::source_line::GuiltyLine;
use crate::suite::runner::trace::TracedCell;

/// What is known of one cell after certain tests: its line, or why there is none.
pub(super) type Told = Result<GuiltyLine, String>;

/// What is known of cells, by the tests that changed them.
#[derive(Debug, Default)]
pub(crate) struct KnownLines(BTreeMap<(Vec<usize>, TracedCell), Told>);

impl KnownLines {
    pub(super) fn of(&self, before: &[usize], cell: &TracedCell) -> Option<&Told> {
        self.0.get(&(before.to_vec(), cell.clone()))
    }

    pub(super) fn add(&mut self, before: &[usize], cell: &TracedCell, told: Told) {
        self.0.insert((before.to_vec(), cell.clone()), told);
    }
}
