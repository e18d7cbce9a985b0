//! Lines of the suite's or the package's own code that reports name.

use serde::{Deserialize, Serialize};

/// A line of the suite's or the package's own code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct SourceLine {
    /// The file: relative to pytest's root directory if it lies there.
    pub file: String,
    /// The line's number.
    pub line: usize,
    /// The line's text, without its indentation.
    pub code: String,
    /// The function that it is of, if that is not the test: `tearDownClass of TestIt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// The line that changed a cell. The cell had another value before this line ran, and the new one after it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct GuiltyLine {
    /// The file: relative to pytest's root directory if it lies there.
    pub file: String,
    /// The line's number.
    pub line: usize,
    /// The line's text, without its indentation.
    pub code: String,
    /// The way from the test to this line: `file:line in function` for each frame of own code, the innermost one last.
    pub calls: Vec<String>,
    /// The calls on this way that a test could repeat to make the change itself, the innermost one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_by: Vec<RepeatableCall>,
}

/// A call of a function of a module, or of a method for classes, with plain arguments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct RepeatableCall {
    /// The module.
    pub module: String,
    /// What to import from it: the function, or the class.
    pub name: String,
    /// The call with its arguments: `set_up(0)`.
    pub call: String,
}

#[cfg(test)]
impl SourceLine {
    /// A line for tests.
    pub(crate) fn of(file: &str, line: usize, code: &str) -> Self {
        Self { file: file.to_owned(), line, code: code.to_owned(), function: None }
    }
}

#[cfg(test)]
impl GuiltyLine {
    /// A line for tests, in a function that a test calls.
    pub(crate) fn of(file: &str, line: usize, code: &str) -> Self {
        let calls = vec!["tests/test_two.py:8 in test_0".to_owned(), format!("{file}:{line} in load")];
        Self { file: file.to_owned(), line, code: code.to_owned(), calls, made_by: Vec::new() }
    }
}
