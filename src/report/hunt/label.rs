//! Lines with labels, and messages cut short.

use crate::report::layout::wrapped_below;

/// Letters of a message that are shown.
const LONGEST_MESSAGE: usize = 160;
/// Columns before what a label labels.
pub(super) const MARGIN: &str = "                ";

/// A label and what it labels.
pub(super) fn labelled(label: &str, text: &str) -> String {
    wrapped_below(&format!("    {label:<12}"), MARGIN, text)
}

/// The first line of a message that says something, cut if it is long.
pub(super) fn first_line(message: &str) -> Option<String> {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty())?;
    let short: String = line.chars().take(LONGEST_MESSAGE).collect();
    let more = if short.len() < line.len() { "..." } else { "" };
    Some(short + more)
}
