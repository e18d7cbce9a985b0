//! Commands to a process, as lines of words: texts are sent as hexadecimal digits, objects as the texts of their JSON.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::probe::{CellRepair, RepairScope};
use super::run::TestRunOptions;
use super::surveyed::SurveyOptions;
use super::trace::{LineTrace, TracedCell};

/// A look at state while files are collected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CollectionLook {
    /// The files before whose collection state is remembered; the first one collected counts.
    pub(crate) remember_at: Vec<String>,
    pub(crate) scopes: Vec<RepairScope>,
    /// The file before whose collection state is compared and restored. Without one, runs may do that.
    pub(crate) look_at: Option<(String, CellRepair)>,
    /// The cells for which the lines that change them meanwhile are sought.
    pub(crate) trace: Vec<TracedCell>,
}

impl CollectionLook {
    pub(crate) fn lines(&self) -> Vec<String> {
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| scope.name()).collect();
        let mut lines =
            vec![format!("remember-at {}", words(&self.remember_at)), format!("scopes {}", scopes.join(" "))];
        if let Some((file, repair)) = &self.look_at {
            lines.push(format!("look-at {}", word(file)));
            lines.push(repair_line(repair));
        }
        if !self.trace.is_empty() {
            lines.push(cells_line(&self.trace));
        }
        lines
    }
}

/// A repair of state, as a line of a command.
pub(crate) fn repair_line(repair: &CellRepair) -> String {
    let json =
        serde_json::to_string(repair).expect("it is made of texts, lists and objects with texts as keys");
    format!("repair {}", word(&json))
}

/// The command to run an order.
pub(crate) fn run_lines(
    order: &[usize],
    how: &TestRunOptions,
    here: bool,
    elsewhere: &BTreeSet<PathBuf>,
) -> Vec<String> {
    let mut lines = vec![
        format!("where {}", if here { "here" } else { "fork" }),
        format!("timestamps {}", how.timestamps.name()),
        format!("order {}", numbers(order)),
    ];
    if !how.branches.places.is_empty() {
        lines.push(format!("branch-tests {}", numbers(&how.branches.tests)));
        lines.push(format!("branch-places {}", numbers(&how.branches.places)));
        lines.extend(how.branches.until.map(|outcome| format!("branch-until {}", outcome.name())));
    }
    lines.extend(how.survey.iter().flat_map(survey_lines));
    if how.record {
        lines.push("record".to_owned());
    }
    if let Some(probe) = &how.probe {
        lines.push(format!("probe {} {}", probe.before, probe.scope.name()));
        lines.push(repair_line(&probe.repair));
    }
    lines.extend(how.trace.iter().flat_map(trace_lines));
    if (how.probe.is_some() || how.trace.is_some()) && !elsewhere.is_empty() {
        let paths: Vec<String> = elsewhere.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        lines.push(format!("files {}", words(&paths)));
    }
    lines
}

fn survey_lines(survey: &SurveyOptions) -> Vec<String> {
    let mut lines = vec!["survey".to_owned()];
    lines.extend(survey.look.then(|| "look".to_owned()));
    lines.extend(survey.together.then(|| "together".to_owned()));
    let lists = [
        ("then", &survey.then),
        ("leaving", &survey.leaving),
        ("fails", &survey.fails),
        ("lasting", &survey.lasting),
    ];
    lines.extend(lists.into_iter().map(|(name, tests)| format!("{name} {}", numbers(tests))));
    lines.extend(survey.last.map(|last| format!("last {last}")));
    lines.push(format!("known {}", words(&survey.known)));
    let as_alone: Vec<String> =
        survey.as_alone.iter().flat_map(|(cell, value)| [cell, value]).cloned().collect();
    lines.push(format!("as-alone {}", words(&as_alone)));
    lines
}

fn numbers(tests: &[usize]) -> String {
    tests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The request to watch a run, as lines of a command.
fn trace_lines(trace: &LineTrace) -> Vec<String> {
    let mut lines = vec![format!("trace {} {}", trace.before, trace.scope.name()), cells_line(&trace.cells)];
    lines.extend(trace.window.map(|(start, end)| format!("trace-window {start} {end}")));
    lines
}

/// The cells whose lines are sought, as a line of a command.
fn cells_line(cells: &[TracedCell]) -> String {
    let json =
        serde_json::to_string(cells).expect("it is made of texts, lists and objects with texts as keys");
    format!("trace-cells {}", word(&json))
}

/// Text as a word of a command: it may contain spaces, newlines and bytes that are not text at all.
pub(crate) fn word(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::from("x"), |mut word, byte| {
        let _infallible = write!(word, "{byte:02x}");
        word
    })
}

/// Several texts as words.
pub(crate) fn words(texts: &[String]) -> String {
    texts.iter().map(|text| word(text)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{repair_line, word};
    use crate::suite::runner::probe::CellRepair;

    #[test]
    fn any_text_is_one_word() {
        assert_eq!(word(""), "x");
        assert_eq!(word("a \n"), "x61200a");
    }

    #[test]
    fn a_repair_is_one_word_of_json() {
        assert_eq!(
            repair_line(&CellRepair::NOTHING),
            format!("repair {}", word(r#"{"kind":"cells","names":[]}"#))
        );
    }
}
