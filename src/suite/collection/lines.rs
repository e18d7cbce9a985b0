//! The lines that changed the deciding state while other files were collected.

use super::process::FilesProcess;
use super::question::CollectionQuestion;
use crate::suite::finding::HuntFinding;
use crate::suite::guilty::known::{say, told};
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::RunnerError;
use crate::suite::runner::trace::TracedCell;

impl CollectionQuestion<'_> {
    /// Adds the lines to a finding: the files are collected once more, while the plugin looks at the state at each line.
    ///
    /// The test's file comes first if the test still does the same then, else the watch ends before that file.
    pub(super) fn lines(
        &mut self,
        deciding: &[String],
        finding: &mut HuntFinding,
    ) -> Result<(), RunnerError> {
        let cells: Vec<TracedCell> = finding.state.iter().map(TracedCell::of).collect();
        for is_first in [true, false] {
            let look_at = (!is_first).then(|| (self.doubt.file.clone(), CellRepair::NOTHING));
            let scopes = vec![RepairScope::Near, RepairScope::Wide];
            let watch =
                CollectionLook { remember_at: deciding.to_vec(), scopes, look_at, trace: cells.clone() };
            let files = if is_first {
                std::iter::once(&self.doubt.file).chain(deciding).cloned().collect()
            } else {
                self.files_with(deciding)
            };
            let seen = self.told(&mut FilesProcess::new(files, Some(watch)), None)?;
            if seen.outcome == self.shown() {
                say(finding, cells.iter().map(|cell| told(cell, &seen.traced)));
                return Ok(());
            }
        }
        finding.guilty_unknown = Some("the outcome is another one while each line is watched".to_owned());
        Ok(())
    }
}
