//! A fact about a finding, in the column that all of them share.

use crate::report::layout::wrapped;

/// `text` behind a label, as every fact of a finding is told.
pub(super) fn labelled(label: &str, text: &str) -> String {
    wrapped(&format!("      {label:<12} "), text)
}
