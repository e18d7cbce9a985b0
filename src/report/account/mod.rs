//! What a command found, as cases with places: what each format that other tools read is written from. [`AccountFormat`] is the
//! list of these formats, each in a file of its own.

mod drawing;
mod format;
mod github;
mod html;
mod junit;
mod markdown;
mod of_hunt;
mod of_package;
mod of_run;
mod of_sweep;
mod sarif;

use std::time::Duration;

pub use format::{AccountFormat, UnknownFormat};
pub use of_run::AccountOfRun;

use crate::explain::Topic;

/// The commands that have accounts.
const HUNT: &str = "taster hunt";
const RUN: &str = "taster run";
const PACKAGE: &str = "taster package";
const SWEEP: &str = "taster sweep";

/// What a command found.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The command: `taster hunt`.
    command: String,
    /// Each thing that was judged.
    cases: Vec<Case>,
    /// How much was looked at, in plain text.
    summary: String,
    /// Which test (or module) does it to which.
    edges: Vec<TestEdge>,
    /// Drawings that are part of it.
    pictures: Vec<Picture>,
}

/// A drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picture {
    /// What it shows, for those who do not see it too.
    title: String,
    /// The drawing.
    svg: String,
}

/// A test (or module) that does something to another one.
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
    /// The failing and the passing ordering of findings, step by step, as text.
    timelines: Vec<String>,
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

impl Case {
    /// What was found, in a sentence.
    fn claim(&self) -> String {
        match self.annotations.as_slice() {
            [] => format!("{}: {}", self.group, self.name),
            [one] => one.message.clone(),
            many => format!("{} on {}: {} findings", self.group, self.name, many.len()),
        }
    }

    /// How many things were found.
    fn found(&self) -> usize {
        self.annotations.len().max(1)
    }
}

impl Account {
    /// Cases that count against the exit status, or that taster could not judge.
    fn failed(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| matches!(case.result, CaseResult::Failed | CaseResult::NotJudged))
    }

    /// Whether its cases are things on interpreters, so that a table of both says something.
    fn is_of_run(&self) -> bool {
        self.command == RUN
    }

    /// What edges lead from and to.
    fn noun(&self) -> &'static str {
        if self.command == PACKAGE { "module" } else { "test" }
    }

    fn annotations(&self) -> impl Iterator<Item = &Annotation> {
        self.cases.iter().flat_map(|case| &case.annotations)
    }
}

/// Text of the terminal without its colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[cfg(test)]
mod tests;
