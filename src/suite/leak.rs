//! Findings of one leak: the same tests leave the same state behind for several others. Reports tell them together.

use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;

impl HuntFinding {
    /// Whether both come of the same tests and the same state.
    pub fn shares_leak_with(&self, other: &Self) -> bool {
        let cells = |finding: &Self| finding.state.iter().map(|cell| cell.cell.clone()).collect::<Vec<_>>();
        self.finding != FindingKind::Nondeterministic
            && (self.finding, self.timestamps, self.cause) == (other.finding, other.timestamps, other.cause)
            && (self.before(), &self.hidden_by, &self.modules)
                == (other.before(), &other.hidden_by, &other.modules)
            && cells(self) == cells(other)
    }
}
