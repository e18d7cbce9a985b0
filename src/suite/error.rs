//! Why a hunt could not begin, in pytest's own words if pytest refuses.

use std::path::PathBuf;
use std::time::Duration;

use crate::suite::collection::not_collected;
use crate::suite::emit::emitter::shell;
use crate::suite::hunt_report::BrokenTest;
use crate::suite::near::near;
use crate::suite::runner::run::RunnerError;
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;

/// The number of files that a message lists.
const MOST_LISTED: usize = 5;

/// Why a hunt could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HuntError {
    /// There is no suite to run.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// pytest collected nothing, although every file could be collected.
    #[error("pytest collected no tests; {why}. What pytest printed:\n{0}", why = why_none(.0))]
    NoTests(String),
    /// Nothing could be collected.
    #[error("pytest collected no tests, because of {}", in_full(.0))]
    NotCollected(Vec<BrokenTest>),
    /// The budget was used up before there was anything to run.
    #[error(
        "the budget of {0:?} was used up before pytest had collected the tests; allow more with --budget"
    )]
    BudgetTooShort(Duration),
    /// A requested test is not in the suite.
    #[error("pytest collected no test {wanted}{}", in_question(near))]
    UnknownTest {
        /// Its id, as it was written.
        wanted: String,
        /// The ids that may be meant, the likeliest first.
        near: Vec<String>,
    },
    /// The journal cannot be written.
    #[error("cannot open the journal {}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
}

/// Why there is nothing to run.
pub(super) fn nothing_collected(zygote: &Zygote) -> HuntError {
    match &zygote.suite.uncollected[..] {
        [] => HuntError::NoTests(zygote.log()),
        some => HuntError::NotCollected(some.iter().map(not_collected).collect()),
    }
}

/// What pytest's output says about the reason.
fn why_none(log: &str) -> &'static str {
    if log.contains(" deselected") {
        return "options such as -k and -m deselected all";
    }
    "it takes files test_*.py and *_test.py, functions test* and classes Test* where nothing else is set; name others as \
     for pytest: taster hunt DIRECTORY"
}

/// Why a test that was asked for cannot be looked into.
pub(super) fn unknown_test(suite: &Suite, wanted: &str) -> HuntError {
    let ids: Vec<&str> = suite.items.iter().map(|item| item.id.as_str()).collect();
    HuntError::UnknownTest { wanted: wanted.to_owned(), near: near(wanted, &ids) }
}

/// The ids that may be meant, as a shell takes them.
fn in_question(near: &[String]) -> String {
    if near.is_empty() {
        return "; `pytest --collect-only -q` lists all".to_owned();
    }
    let quoted = near.iter().map(|id| format!("\n  {}", shell(id)));
    format!("; did you mean{}", quoted.collect::<String>())
}

/// The lines that pytest marks as the error, or all lines if it marks none.
fn error_lines(message: &str) -> String {
    let marked: Vec<&str> = message.lines().filter(|line| line.starts_with("E ")).collect();
    if marked.is_empty() { message.trim_end().to_owned() } else { marked.join("\n") }
}

/// The files, each with pytest's message.
fn in_full(files: &[BrokenTest]) -> String {
    let some: Vec<String> = files
        .iter()
        .take(MOST_LISTED)
        .map(|each| format!("{}:\n{}", each.test, error_lines(&each.message)))
        .collect();
    let more = match files.len().saturating_sub(MOST_LISTED) {
        0 => String::new(),
        more => format!("\n\nand {more} more"),
    };
    format!("{}{more}", some.join("\n\n"))
}
