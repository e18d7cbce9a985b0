//! The two orderings of a finding side by side, step by step: when each began, its outcome, and what it changed.

use std::fmt::Write as _;

use super::changes::{changes, instant};
use super::code;
use super::layout::WIDTH;
use super::replay::{brief, lines};
use super::words::Telling;
use crate::replay::{Replay, ReplayedStep};
use crate::scenario::Scenario;

/// Columns before the orderings: the step's number.
const MARGIN: usize = 5;
/// Blanks between the two.
const GAP: usize = 2;
/// Columns of one ordering.
const SIDE: usize = (WIDTH - MARGIN - GAP) / 2;

/// A failing and a passing ordering of `scenario` as text. Times are seconds since virtual time started.
pub fn timeline(scenario: &Scenario, failing: &Replay, passing: &Replay) -> String {
    let mut text = format!(
        "{}\non {}, timestamps {}; times in seconds since the start\n\n",
        scenario.path.display(),
        failing.interpreter.label,
        failing.timestamps.written
    );
    let (setup, left) = split(failing);
    let (_, right) = split(passing);
    for (at, step) in setup.iter().enumerate() {
        let first = format!("{:MARGIN$}{}  setup: ", "", instant(step.began));
        text += &lines(&first, &code::numbered(scenario, step.test, step.number, Telling::Brief));
        for change in changes(at.checked_sub(1).map(|at| setup[at]), step) {
            text += &lines(&format!("{:MARGIN$}  ~ ", ""), &change);
        }
    }
    if !setup.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{:MARGIN$}{:SIDE$}{:GAP$}passing ordering", "", "failing ordering", "");
    let rule = "-".repeat(SIDE);
    let _ = writeln!(text, "{:MARGIN$}{rule}{:GAP$}{rule}", "", "");
    let before = setup.last().copied();
    for row in 0..left.len().max(right.len()) {
        let cells = [&left, &right].map(|side| cell(scenario, before, side, row));
        write_row(&mut text, row + 1, &cells);
    }
    text
}

/// The steps of setup, and the others.
fn split(replay: &Replay) -> (Vec<&ReplayedStep>, Vec<&ReplayedStep>) {
    replay.steps.iter().partition(|step| step.test.is_none())
}

/// One step of one ordering, in as many lines as it needs.
fn cell(
    scenario: &Scenario,
    start: Option<&ReplayedStep>,
    steps: &[&ReplayedStep],
    row: usize,
) -> Vec<String> {
    let Some(step) = steps.get(row) else { return Vec::new() };
    let name = step.test.map_or("setup", |test| scenario.tests[test].name.as_str());
    let mut cell = wrapped("", &format!("{}  {name}", instant(step.began)));
    cell.extend(wrapped(
        "  ",
        &format!(
            "{} - {}",
            code::numbered(scenario, step.test, step.number, Telling::Whole),
            brief(&step.outcome)
        ),
    ));
    if step.outcome.is_failure() {
        cell.extend(wrapped("    ", &code::outcome(scenario, step.test, step.number, &step.outcome)));
    }
    let before = row.checked_sub(1).map(|row| steps[row]).or(start);
    for change in changes(before, step) {
        cell.extend(wrapped("  ~ ", &change));
    }
    cell
}

fn wrapped(first: &str, text: &str) -> Vec<String> {
    let blanks = " ".repeat(first.len());
    let options = textwrap::Options::new(SIDE)
        .initial_indent(first)
        .subsequent_indent(&blanks)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(Into::into).collect()
}

fn write_row(text: &mut String, number: usize, cells: &[Vec<String>; 2]) {
    for line in 0..cells[0].len().max(cells[1].len()) {
        let margin = if line == 0 { format!("{number:>3}  ") } else { " ".repeat(MARGIN) };
        let part = |cell: &Vec<String>| cell.get(line).cloned().unwrap_or_default();
        let (left, right) = (part(&cells[0]), part(&cells[1]));
        let blanks = SIDE.saturating_sub(textwrap::core::display_width(&left)) + GAP;
        let whole = format!("{margin}{left}{}{right}", " ".repeat(blanks));
        let _ = writeln!(text, "{}", whole.trim_end());
    }
}
