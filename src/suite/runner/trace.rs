//! A run that is watched line by line: which cells are looked at before which test, and the lines that changed them.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, CellKind};
use super::probe::RepairScope;
use super::source_line::GuiltyLine;

/// A watched run of an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LineTrace {
    /// The test before which the search for lines ends: it runs unwatched.
    pub(crate) before: usize,
    pub(crate) scope: RepairScope,
    pub(crate) cells: Vec<TracedCell>,
    /// The events between which the only cell changed, if an earlier run has narrowed it down.
    pub(crate) window: Option<EventWindow>,
}

/// Numbers of two events of a watched run: lines, calls and returns of own code.
pub(crate) type EventWindow = (u64, u64);

/// A cell whose line is sought.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) struct TracedCell {
    pub(crate) name: String,
    pub(crate) kind: CellKind,
    pub(crate) key: String,
}

impl TracedCell {
    pub(crate) fn of(cell: &Cell) -> Self {
        Self { name: cell.cell.clone(), kind: cell.kind, key: cell.key.clone() }
    }
}

/// What a watched run tells of one cell: its line, or where to look more closely, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct TracedChange {
    pub(crate) cell: String,
    #[serde(default)]
    pub(crate) line: Option<GuiltyLine>,
    #[serde(default)]
    pub(crate) window: Option<EventWindow>,
    #[serde(default)]
    pub(crate) why: Option<String>,
}

impl TracedChange {
    /// Whether the process knew no such cell: it looked less widely than the run that proved it.
    pub(crate) fn is_unseen(&self) -> bool {
        self.line.is_none() && self.window.is_none() && self.why.is_none()
    }
}
