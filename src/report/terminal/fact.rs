//! A fact about a finding, in the column that all of them share.

use crate::report::layout::wrapped;

/// `text` behind a label, in the column of all facts of a finding.
pub(super) fn labelled(label: &str, text: &str) -> String {
    wrapped(&format!("      {label:<12} "), text)
}
