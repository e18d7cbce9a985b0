//! Chooses the problems to report of a file with syntax errors: those that stand on their own, not those that
//! only follow from the unreadable parts.

use std::ops::Range;

use crate::scenario::problem::Problem;

/// The problems to report of `text`, given its syntax errors and the problems `found` in its readable parts.
pub(super) fn reconcile(text: &str, errors: &[toml::de::Error], found: Vec<Problem>) -> Vec<Problem> {
    let mut syntax: Vec<_> =
        errors.iter().map(|error| Problem::new(error.span().unwrap_or(0..0), error.message())).collect();
    syntax.sort_by_key(|problem| problem.span.start);
    let Some(first) = syntax.first().map(|problem| line_of(text, problem)) else {
        return found;
    };
    // An unclosed bracket or string swallows the lines below it: nothing there can be trusted.
    let swallows = syntax.iter().any(|problem| problem.message.starts_with("unclosed"));
    if swallows {
        syntax.truncate(1);
    }
    let mut lines: Vec<Range<usize>> = Vec::new();
    syntax.retain(|problem| {
        let line = line_of(text, problem);
        let is_new = !lines.contains(&line);
        lines.push(line);
        is_new
    });
    let trusted = |problem: &Problem| {
        let line = line_of(text, problem);
        let above = line.start < first.start;
        !problem.of_absence && !lines.contains(&line) && (above || !swallows)
    };
    syntax.extend(found.into_iter().filter(trusted));
    syntax
}

/// The line that the problem starts on.
fn line_of(text: &str, problem: &Problem) -> Range<usize> {
    let mut place = problem.span.start.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    let start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[place..].find('\n').map_or(text.len(), |length| place + length);
    start..end
}
