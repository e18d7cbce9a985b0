//! Two orderings side by side, step by step, with the steps that changed places marked.

use std::fmt::Write as _;

use crate::diagnose::Finding;
use crate::kind::FindingKind;
use crate::remedy::StepPlace;
use crate::report::layout::WIDTH;
use crate::report::layout::palette::{BAD, FAINT, STRONG};
use crate::report::{code, words};
use crate::scenario::Scenario;

/// Columns before the orderings: a mark and the step's number.
const MARGIN: usize = 9;
/// Blanks between the two orderings.
const GAP: usize = 2;
/// Longest test name that gets a column of its own.
const LONGEST_NAME: usize = 12;

/// One ordering under its heading.
struct Side {
    heading: &'static str,
    places: Vec<StepPlace>,
    /// The step at which the test fails, in this ordering.
    fails: Option<StepPlace>,
    /// The step that would fail, in the ordering where it does not.
    passes: Option<StepPlace>,
}

/// The orderings of a finding: failing on the left, passing on the right; or the only one that it has.
pub(super) fn text(scenario: &Scenario, finding: &Finding) -> String {
    let sides = sides(scenario, finding);
    let width = (WIDTH - MARGIN - GAP * (sides.len() - 1)) / sides.len();
    let mut text = String::new();
    heading(&mut text, &sides, width);
    for row in 0..sides[0].places.len() {
        let cells: Vec<Vec<String>> =
            sides.iter().map(|side| cell(scenario, finding, side, side.places[row], width)).collect();
        let swapped = sides.len() == 2 && sides[0].places[row] != sides[1].places[row];
        write_row(&mut text, &cells, row + 1, SideRow { swapped, width });
    }
    if sides.len() == 2 {
        let _ = writeln!(text, "{:MARGIN$}{FAINT}> marks the swapped steps{FAINT:#}", "");
    }
    text
}

/// For victims the witness fails and the neighbour passes; for brittle tests it is the other way round.
fn sides(scenario: &Scenario, finding: &Finding) -> Vec<Side> {
    let side = |word: &[usize], fails: bool| Side {
        heading: if fails { "failing ordering" } else { "passing ordering" },
        places: words::unfold(scenario, word),
        fails: finding.failing_step.filter(|_| fails),
        passes: finding.failing_step.filter(|_| !fails),
    };
    let witness_fails = finding.kind.shows_by_failing();
    let mut sides = vec![side(&finding.witness, witness_fails)];
    if let Some(neighbour) = &finding.neighbour {
        sides.push(side(neighbour, !witness_fails));
    }
    if !witness_fails {
        sides.reverse();
    }
    sides
}

fn heading(text: &mut String, sides: &[Side], width: usize) {
    let headings: Vec<String> = sides.iter().map(|side| format!("{:width$}", side.heading)).collect();
    let _ = writeln!(text, "{:MARGIN$}{STRONG}{}{STRONG:#}", "", headings.join("  ").trim_end());
    let rules = vec!["-".repeat(width); sides.len()];
    let _ = writeln!(text, "{:MARGIN$}{FAINT}{}{FAINT:#}", "", rules.join("  "));
}

/// One step of one ordering, in as many lines as it needs.
fn cell(scenario: &Scenario, finding: &Finding, side: &Side, place: StepPlace, width: usize) -> Vec<String> {
    let test = &scenario.tests[place.test];
    let longest = side.places.iter().map(|place| name_width(scenario, place.test)).max().unwrap_or(0);
    let name = if longest <= LONGEST_NAME {
        format!("{}{}  ", test.name, " ".repeat(longest - name_width(scenario, place.test)))
    } else {
        format!("{}: ", test.name)
    };
    let indent = if longest <= LONGEST_NAME { " ".repeat(longest + 2) } else { "  ".into() };
    let told = code::step_at(scenario, place) + mark(finding, side, place);
    let options = textwrap::Options::new(width)
        .initial_indent(&name)
        .subsequent_indent(&indent)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&told, options).into_iter().map(Into::into).collect()
}

fn name_width(scenario: &Scenario, test: usize) -> usize {
    textwrap::core::display_width(&scenario.tests[test].name)
}

/// What a step is in the story.
fn mark(finding: &Finding, side: &Side, place: StepPlace) -> &'static str {
    let in_witness = side.fails.is_some() == finding.kind.shows_by_failing();
    let pollutes = finding.polluting_step == Some(place) && in_witness;
    let skipped = side.fails.is_some_and(|failing| failing.test == place.test && failing.step < place.step);
    match finding.kind {
        _ if side.fails == Some(place) => " (FAILS)",
        _ if side.passes == Some(place) => " (passes)",
        _ if skipped => " (skipped)",
        FindingKind::Brittle if pollutes => " (sets state)",
        _ if pollutes => " (pollutes)",
        _ => "",
    }
}

/// How a row is laid out.
#[derive(Clone, Copy)]
struct SideRow {
    swapped: bool,
    width: usize,
}

fn write_row(text: &mut String, cells: &[Vec<String>], number: usize, row: SideRow) {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let margin = match (line, row.swapped) {
            (0, true) => format!("    > {number:>2} "),
            (0, false) => format!("      {number:>2} "),
            _ => " ".repeat(MARGIN),
        };
        let parts: Vec<String> =
            cells.iter().map(|cell| padded(cell.get(line).map_or("", String::as_str), row.width)).collect();
        let line = format!("{margin}{}", parts.join("  "));
        let line = line.trim_end().replace("(FAILS)", &format!("{BAD}(FAILS){BAD:#}"));
        let _ = writeln!(text, "{line}");
    }
}

fn padded(cell: &str, width: usize) -> String {
    let blanks = width.saturating_sub(textwrap::core::display_width(cell));
    format!("{cell}{}", " ".repeat(blanks))
}
