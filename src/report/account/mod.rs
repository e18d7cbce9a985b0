//! What a command found, as cases with places: what each format that other tools read is written from. [`AccountFormat`] is the
//! list of these formats, each in a file of its own.

mod drawing;
mod format;
mod github;
mod html;
mod junit;
mod markdown;
mod of_hunt;
mod of_run;
mod sarif;

use std::time::Duration;

pub use format::{AccountFormat, UnknownFormat};
pub use of_run::AccountOfRun;

use crate::explain::Topic;

/// The command whose cases are scenarios.
const RUN: &str = "taster run";

/// What a command found.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The command: `taster hunt`.
    command: String,
    /// Each thing that was judged.
    cases: Vec<Case>,
    /// How much was looked at, in plain text.
    summary: String,
    /// Which test does it to which.
    edges: Vec<TestEdge>,
}

/// A test that does something to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TestEdge {
    from: String,
    to: String,
    /// Whether the other test needs it, rather than fails because of it.
    needs: bool,
}

/// One thing that was judged: a test of a suite, or a scenario on one interpreter under one clock.
#[derive(Debug, Clone, PartialEq)]
struct Case {
    /// What it is part of: a file.
    group: String,
    /// Its name, which is its own in this account.
    name: String,
    result: CaseResult,
    /// Everything that is known of it, in plain text.
    details: String,
    took: Duration,
    annotations: Vec<Annotation>,
}

/// How a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CaseResult {
    Passed,
    /// It counts against the exit status.
    Failed,
    /// taster could not judge it.
    NotJudged,
    /// It was not meant to be judged here, for this reason.
    Skipped(String),
}

/// Something to say about a place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Annotation {
    /// What it is about; `None` of what could not be judged.
    topic: Option<Topic>,
    weight: Weight,
    /// In a sentence.
    message: String,
    at: FilePlace,
    /// Other places that it is about, each with what happens there.
    related: Vec<(FilePlace, String)>,
}

/// How much a annotation matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It was found.
    Error,
    /// It was seen, and taster says no more of it.
    Warning,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FilePlace {
    /// Relative to the top of the checkout, if the file is in it.
    file: String,
    /// From 1, where it is known.
    line: Option<usize>,
}

impl Annotation {
    /// The code of what it is about.
    fn code(&self) -> &'static str {
        self.topic.map_or("not-judged", Topic::code)
    }
}

impl Account {
    /// Cases that count against the exit status, or that taster could not judge.
    fn failed(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| matches!(case.result, CaseResult::Failed | CaseResult::NotJudged))
    }

    /// Whether it is of scenarios on interpreters, rather than of a suite.
    fn is_of_run(&self) -> bool {
        self.command == RUN
    }

    fn annotations(&self) -> impl Iterator<Item = &Annotation> {
        self.cases.iter().flat_map(|case| &case.annotations)
    }
}

#[cfg(test)]
mod tests;
