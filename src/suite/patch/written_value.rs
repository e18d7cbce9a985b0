//! The value of a cell as a file writes it: as it is, or by the name that a module has for it.

use super::place::{as_written, in_file, is_expression};
use super::source::TestSource;

/// A value as an expression of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenValue {
    pub(super) expression: String,
    /// Modules that it needs, and that the file does not import; or whole statements that import from one.
    pub(super) imports: Vec<String>,
}

impl WrittenValue {
    /// The value that a text tells, or `None` if no expression of the file is known to have it.
    pub(super) fn of(text: &str, source: &TestSource) -> Option<Self> {
        if is_expression(text) {
            let expression = as_written(text, source);
            return (!text.contains("...")).then_some(Self { expression, imports: Vec::new() });
        }
        let named = ["<function ", "<class "].iter().find_map(|start| text.strip_prefix(start))?;
        let (home, name) = split(named.strip_suffix('>')?)?;
        if home == "builtins" {
            return Some(Self { expression: name.to_owned(), imports: Vec::new() });
        }
        let ((expression, _), imports) = in_file(home, &format!(".{name}"), source)?;
        Some(Self { expression, imports })
    }
}

/// The module of a function or class, and its name there. What lies in a class has a name of several parts; that a class begins with
/// a capital letter is no more than usual, but a wrong guess does not cure.
fn split(full: &str) -> Option<(&str, &str)> {
    if !is_expression(full) || full.contains(['(', '[', ' ']) {
        return None;
    }
    let mut dots = full.match_indices('.').map(|(at, _)| at);
    let is_class = |at: &usize| full[at + 1..].trim_start_matches('_').starts_with(char::is_uppercase);
    let at = dots.clone().find(is_class).or_else(|| dots.next_back())?;
    Some((&full[..at], &full[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::{WrittenValue, split};
    use crate::suite::patch::source::TestSource;

    #[test]
    fn a_class_begins_with_a_capital_letter() {
        assert_eq!(split("a.b.make"), Some(("a.b", "make")));
        assert_eq!(split("a.b.Kind.make"), Some(("a.b", "Kind.make")));
        assert_eq!(split("a._Kind"), Some(("a", "_Kind")));
        assert_eq!(split("a.make.<locals>.inner"), None);
        assert_eq!(split("a.<lambda>"), None);
        assert_eq!(split("make"), None);
    }

    #[test]
    fn a_value_is_written_in_the_words_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test_a.py");
        std::fs::write(&file, "import a.b as c\nfrom d import e\n").unwrap();
        let source = TestSource::read(&file).unwrap();
        let written = |text: &str| {
            WrittenValue::of(text, &source).map(|value| (value.expression, value.imports.join("; ")))
        };
        let is = |expression: &str, imports: &str| Some((expression.to_owned(), imports.to_owned()));
        assert_eq!(written("3"), is("3", ""));
        assert_eq!(written("{...}"), None);
        assert_eq!(written("<function a.b.make>"), is("c.make", ""));
        assert_eq!(written("<function d.e>"), is("e", ""));
        assert_eq!(written("<class f.Kind>"), is("f.Kind", "f"));
        assert_eq!(written("<class builtins.dict>"), is("dict", ""));
        assert_eq!(written("<f.Kind object>"), None);
    }
}
