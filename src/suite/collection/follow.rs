//! What explained one test that some files poison or prepare, tried on another one: whether the same cells decide. Only the lines that
//! changed them are taken over, since the same files changed the same cells to the same values.

use super::known::DecidedBefore;
use super::question::CollectionQuestion;
use super::state::PutBackIn;
use crate::minimize::minimize;
use crate::suite::finding::HuntFinding;
use crate::suite::guilty::known::{Told, say};
use crate::suite::judge::repair::names;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::RunnerError;

impl CollectionQuestion<'_> {
    /// Explains a finding as the other one was, if that holds.
    pub(super) fn follow(
        &mut self,
        like: &DecidedBefore,
        before: &mut PutBackIn,
        finding: &mut HuntFinding,
    ) -> Result<bool, RunnerError> {
        let mut seen: Vec<Cell> = Vec::new();
        let mut turns = |cells: &[Cell]| {
            let repair = (like.scope, CellRepair::Cells { names: names(cells) });
            let result = self.put_back(&like.files, before, repair)?;
            let proves = result.proves();
            seen = result.cells;
            Ok::<bool, RunnerError>(proves)
        };
        if like.state.is_empty() || !turns(&like.state)? {
            return Ok(false);
        }
        let smallest = minimize(&like.state, turns)?;
        // The values are those that this test would see.
        let here = |cell: &Cell| seen.iter().find(|each| each.cell == cell.cell).cloned();
        let state: Vec<Cell> = smallest.iter().filter_map(here).collect();
        if state.is_empty() || state.len() < smallest.len() {
            return Ok(false);
        }
        self.say_state(&like.files, before, (&state, finding))?;
        match like.lines_of(&state) {
            Some(lines) => say(finding, lines.into_iter()),
            None => self.lines(&like.files, finding)?,
        }
        Ok(true)
    }

    /// Remembers what explained a finding, for further ones of the same files.
    pub(super) fn remember(&mut self, files: &[String], scope: RepairScope, finding: &HuntFinding) {
        let unknown = || finding.guilty_unknown.clone().unwrap_or_default();
        let line = |cell: &Cell| cell.changed_at.clone().ok_or_else(unknown);
        let lines = finding.state.iter().map(line).collect();
        let (effect, files, state) = (self.doubt.others, files.to_vec(), finding.state.clone());
        self.known.decided.push(DecidedBefore { effect, files, scope, state, lines });
    }
}

impl DecidedBefore {
    /// Where these cells changed, if each of them has the value that it had then.
    fn lines_of(&self, state: &[Cell]) -> Option<Vec<Told>> {
        let line = |cell: &Cell| {
            let at =
                self.state.iter().position(|known| known.cell == cell.cell && known.after == cell.after)?;
            self.lines.get(at).cloned()
        };
        state.iter().map(line).collect()
    }
}
