//! The interpreters that a user asks for: words on a command line or, if there are none, in the environment.
//! The caller passes in a function that reads the environment.

use std::ffi::OsString;

use super::choose::{ChooseError, choose, choose_first};
use super::cpython::discover::Places;
use super::{Installation, Kind};

/// The variable that names interpreters, comma-separated, where `--python` does not.
const PYTHON: &str = "TASTER_PYTHON";
/// The variable that makes it an error if there is no Python.
const REQUIRE: &str = "TASTER_REQUIRE_PYTHON";

/// The message if no interpreter was named and there is no Python.
pub const NO_PYTHON: &str = "no Python was found: the model alone judges";

/// Why a wish cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WishError {
    /// A word names no interpreter.
    #[error(transparent)]
    Choose(#[from] ChooseError),
    /// There is no Python, and the environment requires one.
    #[error("{REQUIRE} is set, and no Python was found")]
    NoPython,
}

/// The interpreters that a user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    words: Vec<String>,
    requires_python: bool,
    places: Places,
}

/// The interpreters that fulfil a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The interpreters, in the order in which they were named.
    pub installations: Vec<Installation>,
    /// Whether none was named and there is no Python, so that the model judges alone.
    pub lacks_python: bool,
}

impl Wish {
    /// The wish for `words`, as `--python` accepts them, or, if there are none, for the words in the
    /// environment. `variable` returns the value of an environment variable.
    pub fn new(words: &[String], variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let named = variable(PYTHON).unwrap_or_default();
        let named = named.to_string_lossy();
        let named = named.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned);
        Self {
            words: if words.is_empty() { named.collect() } else { words.to_vec() },
            requires_python: is_set(variable(REQUIRE)),
            places: Places::from_variables(variable),
        }
    }

    /// The interpreters that it names. If it names none: the first Python found, with the model beside it.
    ///
    /// # Errors
    /// Returns an error if a word names no interpreter, or there is no Python and the environment requires one.
    pub fn installations(&self) -> Result<Chosen, WishError> {
        let installations = if self.words.is_empty() {
            choose_first(&self.places)
        } else {
            choose(&self.words, &self.places)?
        };
        let has_python = installations.iter().any(|one| one.identity.kind != Kind::Model);
        if self.requires_python && !has_python {
            return Err(WishError::NoPython);
        }
        Ok(Chosen { installations, lacks_python: self.words.is_empty() && !has_python })
    }
}

/// Whether the value of a variable turns its option on: every value does except an empty one and `0`.
pub fn is_set(value: Option<OsString>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(words: &[&str], variables: &[(&str, &str)]) -> Wish {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let value =
            |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| value.into());
        Wish::new(&words, value)
    }

    fn labels(wish: &Wish) -> Vec<String> {
        let chosen = wish.installations().unwrap();
        chosen.installations.into_iter().map(|one| one.identity.label).collect()
    }

    #[test]
    fn words_come_before_the_environment() {
        assert_eq!(labels(&wish(&["model:3.9"], &[(PYTHON, "model:3.8")])), ["model-3.9"]);
        assert_eq!(labels(&wish(&[], &[(PYTHON, " model:3.8, ,model:3.10")])), ["model-3.8", "model-3.10"]);
    }

    #[test]
    fn where_nobody_names_any_and_there_is_no_python_the_model_judges_alone() {
        let chosen = wish(&[], &[]).installations().unwrap();
        assert!(chosen.lacks_python);
        assert_eq!(labels(&wish(&[], &[])), ["model-3.13"]);
        assert!(!wish(&["model"], &[]).installations().unwrap().lacks_python);
    }

    #[test]
    fn a_python_is_required_only_where_the_variable_says_so() {
        for (value, refused) in [("1", true), ("yes", true), ("0", false), ("", false)] {
            let found = wish(&["model"], &[(REQUIRE, value)]).installations();
            assert_eq!(found == Err(WishError::NoPython), refused, "{value:?}");
        }
    }

    #[test]
    fn a_word_that_names_none_is_refused() {
        let refused = wish(&["nonsense"], &[]).installations();
        assert_eq!(refused, Err(WishError::Choose(ChooseError::Word("nonsense".into()))));
    }
}
