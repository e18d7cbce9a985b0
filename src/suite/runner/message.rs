//! The plugin's messages: one JSON object per line. The callers interpret them.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, NotPutBack};
use super::source_line::SourceLine;
use super::surveyed::{LeftToo, Leftovers};
use super::trace::TracedChange;

/// One line from the plugin.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "m", rename_all = "kebab-case")]
pub(crate) enum Message {
    /// A collected test; its number is the count of those before it.
    Item(Item),
    /// A file or class could not be collected.
    CollectError { id: String, text: String },
    /// Collection is over and the process waits for commands.
    Collected(CollectedSuite),
    /// A test begins.
    Start { i: i64 },
    /// A test is over.
    End { i: i64, outcome: TestEnd, text: String },
    /// No test is at work from here on: taster looks at what it has done, and writes that down.
    Looking,
    /// Tests are at work again, though none begins: what they have set up is torn down, or they run in a branch.
    Testing,
    /// A test is over, and the process that forks all runs is gone or stopped.
    Orphaned { i: i64 },
    /// A test failed while the bodies of these modules were being executed, outermost first.
    Executing { i: i64, modules: Vec<String> },
    /// The line of own code at which a test failed.
    FailedAt {
        i: i64,
        #[serde(flatten)]
        line: SourceLine,
    },
    /// A watched run tells which line changed a cell.
    Traced(TracedChange),
    /// A test ran in a branch of the process, before the next test of the order.
    Branched { i: i64, outcome: TestEnd },
    /// A survey comes to the next state: the tests that make it begin.
    State,
    /// What the tests that made the state have left.
    Left(Leftovers),
    /// The state is made; others run in it from here on.
    Then,
    /// One of the others changed these cells of the state.
    Changes { i: i64, cells: Vec<String> },
    /// One of the others left these cells, which are not of the state, and what they hold.
    LeavesToo { i: i64, cells: Vec<LeftToo> },
    /// One of the others did something else than alone: the names and texts in its code.
    Reads { i: i64, names: Vec<String> },
    /// So many of the last states, or of the last others in a state, are not to be believed: a look at everything has
    /// shown that one of these tests has changed more. They run again.
    Forget { count: usize },
    /// All that the survey has told so far is to be believed.
    Sure,
    /// A cell that differs from its state when the run began.
    Cell(Cell),
    /// A cell could not be restored.
    NotPutBack(NotPutBack),
    /// taster's own look at the state, or a repair, raised an exception.
    LookFailed { text: String },
    /// A directory or a source file that the import system has looked at has changed since.
    ImportsChanged { path: String },
    /// A line has seeded a generator of random numbers.
    Seeded(Seeding),
    /// An action of a recorded test.
    Recorded(RecordedStep),
    /// An exception ended the test loop.
    Stopped { text: String },
    /// All tests of the order have run.
    Done,
    /// The process that ran the order has ended.
    Exit,
    /// pytest ended before it ran anything.
    Quit { code: i32 },
    /// There is no pytest.
    NoPytest { text: String },
    /// pytest is too old for a hunt.
    OldPytest { version: String },
}

/// A line that seeded a generator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Seeding {
    /// The generator's cell.
    pub(crate) generator: String,
    pub(crate) at: SourceLine,
}

/// How a test ended, if it ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TestEnd {
    Passed,
    Failed,
    Skipped,
}

/// One collected test.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub(crate) struct Item {
    /// pytest's node id.
    pub(crate) id: String,
    /// The file that it was collected from.
    pub(crate) file: String,
    /// The node ids that contain it, outermost first: the file, then classes.
    pub(crate) groups: Vec<String>,
    /// The cells of those fixtures of a class, module or package that it uses; `None` if it may ask for others when it runs.
    pub(crate) fixtures: Option<Vec<String>>,
}

/// Facts about a collected suite.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct CollectedSuite {
    /// pytest's root directory.
    pub(crate) root: String,
    /// The version of Python.
    pub(crate) python: String,
    /// The interpreter.
    pub(crate) executable: String,
    /// The version of pytest.
    pub(crate) pytest: String,
    /// Threads alive after collection.
    pub(crate) threads: usize,
    /// Whether some of them are not Python's, and numpy is imported, whose libraries start threads.
    #[serde(default)]
    pub(crate) numpy_threads: bool,
    /// Whether the interpreter writes bytecode: `PYTHONDONTWRITEBYTECODE` decides verdicts.
    pub(crate) bytecode: bool,
    /// The arguments that name what to collect.
    pub(crate) positional: Vec<String>,
    /// The options that the project's settings add.
    pub(crate) addopts: Vec<String>,
    /// The options that the environment adds, as one text.
    pub(crate) environment: String,
    /// Plugins that change the order of tests.
    pub(crate) shuffling: Vec<String>,
    /// Whether a plugin measures coverage, and may fail a run for it.
    pub(crate) measures_coverage: bool,
}

/// One action of a test while it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct RecordedStep {
    /// The number of the test.
    pub(crate) test: i64,
    /// The action: the verb of a scenario's step.
    pub(crate) verb: String,
    /// The object of the action.
    pub(crate) subject: String,
    /// The text written, the new name, or other details of the step.
    #[serde(default)]
    pub(crate) detail: String,
}

#[cfg(test)]
mod tests {
    use super::Message;

    /// The plugin's files that send messages.
    const SENDERS: [&str; 8] = [
        include_str!("../plugin/counted.py"),
        include_str!("../plugin/hunt.py"),
        include_str!("../plugin/look.py"),
        include_str!("../plugin/plugin.py"),
        include_str!("../plugin/record.py"),
        include_str!("../plugin/reports.py"),
        include_str!("../plugin/survey.py"),
        include_str!("../plugin/trace.py"),
    ];

    #[test]
    fn rust_knows_every_word_that_the_plugin_sends() {
        let sent = SENDERS.iter().flat_map(|text| text.split("send(\"").skip(1));
        let words: Vec<&str> = sent.filter_map(|rest| rest.split('"').next()).collect();
        assert!(words.len() > 10, "{words:?}");
        for word in words {
            // A message without its fields may be refused for these, but not for its word.
            let parsed = serde_json::from_str::<Message>(&format!(r#"{{"m":"{word}"}}"#));
            let error = parsed.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.contains("unknown variant"), "{word}: {error}");
        }
    }
}
