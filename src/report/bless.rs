//! What blessing a scenario changed, as a unified diff.

use similar::TextDiff;

use crate::bless::Blessing;

/// The diff of a blessed file.
pub fn diff(blessed: &Blessing) -> String {
    let path = blessed.path.display().to_string();
    let diff = TextDiff::from_lines(&blessed.before, &blessed.after);
    diff.unified_diff().context_radius(3).header(&path, &path).to_string()
}
