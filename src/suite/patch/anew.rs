//! Changes of a test that needs modules not to be imported yet: it has their packages imported anew.

use super::candidate::{PatchCandidate, PatchReach, parameter};
use super::place::named;
use super::setting::NeedyTest;
use crate::suite::runner::cell::{Cell, CellKind, ValueKind};

impl NeedyTest<'_> {
    /// The test has whole packages imported anew: those of which modules must be gone. What they have already imported from each
    /// other would stay as it is.
    pub(super) fn importing_anew(
        &self,
        reach: PatchReach,
        wanted: impl Fn(&Cell) -> ValueKind,
    ) -> Option<PatchCandidate> {
        let is_gone = |cell: &Cell| cell.kind == CellKind::Module && wanted(cell) == ValueKind::Absent;
        let cells = &self.group.first().state;
        let mut packages: Vec<&str> = Vec::new();
        for cell in cells.iter().filter(|cell| is_gone(cell)) {
            let package = cell.key.split('.').next().unwrap_or(&cell.key);
            if !packages.contains(&package) {
                packages.push(package);
            }
        }
        if packages.is_empty() || !cells.iter().all(is_gone) {
            return None;
        }
        let modules = named(self.source, "sys.modules");
        let quoted: Vec<String> = packages.iter().map(|package| self.source.quoted(package)).collect();
        let is_one = match &quoted[..] {
            [one] => format!("== {one}"),
            many => format!("in ({})", many.join(", ")),
        };
        let dot = self.source.quoted(".");
        let each = format!("for name in [name for name in {modules} if name.split({dot})[0] {is_one}]:");
        let forget = if self.is_unittest() {
            format!("    self.addCleanup({modules}.__setitem__, name, {modules}.pop(name))")
        } else {
            format!("    monkeypatch.delitem({modules}, name)")
        };
        let what = format!("{} imports {} anew", self.name(), packages.join(", "));
        let candidate = self.at_start(reach, what, &["sys".to_owned()], &[each, forget])?;
        if self.is_unittest() {
            return Some(candidate);
        }
        Some(candidate.with(self.source, parameter(self.found.function, "monkeypatch")?))
    }
}
