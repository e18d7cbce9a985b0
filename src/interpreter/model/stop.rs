//! Why evaluation stops: a Python exception, or something that the model does not evaluate.

use std::collections::BTreeMap;

use super::object::{Exception, StepLine};
use super::value::{Name, Value};

/// What ends an evaluation early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EvaluationError {
    /// A Python exception.
    Raise(Box<Exception>),
    /// The model cannot evaluate this faithfully.
    Refuse(Refusal),
}

/// The construct that the model does not evaluate, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The construct.
    pub(super) what: String,
    /// The file and line, once known.
    pub(super) place: Option<String>,
}

/// The result of an evaluation.
pub(super) type Result<T> = std::result::Result<T, EvaluationError>;

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "the model does not evaluate {} ({place})", self.what),
            None => write!(f, "the model does not evaluate {}", self.what),
        }
    }
}

/// Stops the evaluation, because the model does not know what CPython would do with `what`.
pub(super) fn refuse<T>(what: impl Into<String>) -> Result<T> {
    Err(EvaluationError::Refuse(Refusal { what: what.into(), place: None }))
}

/// Raises a built-in exception with this message.
pub(super) fn raise<T>(class: &'static str, message: impl AsRef<str>) -> Result<T> {
    Err(EvaluationError::exception(class, message))
}

impl EvaluationError {
    /// A built-in exception with one text as its argument.
    pub(super) fn exception(class: &'static str, message: impl AsRef<str>) -> Self {
        let text: Name = message.as_ref().into();
        let message = if class == "KeyError" { super::quote::quoted(&text).into() } else { text.clone() };
        Self::Raise(Box::new(Exception {
            class: Value::Builtin(class),
            arguments: vec![Value::Str(text)],
            message,
            attributes: BTreeMap::new(),
            name: None,
            raised_on: StepLine::default(),
        }))
    }

    /// An `ImportError` or `ModuleNotFoundError` about this module.
    pub(super) fn import(class: &'static str, message: impl AsRef<str>, name: &Name) -> Self {
        match Self::exception(class, message) {
            Self::Raise(mut exception) => {
                exception.name = Some(name.clone());
                Self::Raise(exception)
            }
            refusal @ Self::Refuse(_) => refusal,
        }
    }

    /// The same error; fills in the place of a refusal if it is not known yet.
    pub(super) fn at(self, place: impl FnOnce() -> String) -> Self {
        match self {
            Self::Refuse(Refusal { what, place: None }) => {
                Self::Refuse(Refusal { what, place: Some(place()) })
            }
            other => other,
        }
    }
}

impl EvaluationError {
    /// The same error; an exception that has no line of the step's code yet gets this one.
    pub(super) fn on(mut self, line: impl FnOnce() -> StepLine) -> Self {
        if let Self::Raise(raised) = &mut self
            && raised.raised_on == StepLine::Nowhere
        {
            raised.raised_on = line();
        }
        self
    }

    /// The same error; on which line of the step's code an exception was raised is not known any more.
    pub(super) fn handled(mut self) -> Self {
        if let Self::Raise(raised) = &mut self
            && raised.raised_on != StepLine::Nowhere
        {
            raised.raised_on = StepLine::Unknown;
        }
        self
    }
}

/// The built-in exception classes that module bodies may name, each with its base.
const CLASSES: [(&str, &str); 47] = [
    ("BaseException", "object"),
    ("Exception", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("SystemExit", "BaseException"),
    ("GeneratorExit", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("LookupError", "Exception"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("OSError", "Exception"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SystemError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("Warning", "Exception"),
    ("FloatingPointError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("ModuleNotFoundError", "ImportError"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("UnboundLocalError", "NameError"),
    ("FileExistsError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("IsADirectoryError", "OSError"),
    ("NotADirectoryError", "OSError"),
    ("PermissionError", "OSError"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("BytesWarning", "Warning"),
    ("DeprecationWarning", "Warning"),
    ("FutureWarning", "Warning"),
    ("ImportWarning", "Warning"),
    ("PendingDeprecationWarning", "Warning"),
    ("ResourceWarning", "Warning"),
    ("RuntimeWarning", "Warning"),
    ("SyntaxWarning", "Warning"),
    ("UnicodeWarning", "Warning"),
    ("UserWarning", "Warning"),
];

/// The built-in exception class of this name; `IOError` and `EnvironmentError` are `OSError`.
pub(super) fn builtin_exception(name: &str) -> Option<&'static str> {
    let name = if matches!(name, "IOError" | "EnvironmentError") { "OSError" } else { name };
    CLASSES.iter().find(|(class, _)| *class == name).map(|(class, _)| *class)
}

/// The built-in type of values of this name.
pub(super) fn builtin_type(name: &str) -> Option<&'static str> {
    const TYPES: [&str; 10] =
        ["bool", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];
    TYPES.into_iter().find(|known| *known == name)
}

/// A built-in class and its bases, its own name first.
pub(super) fn builtin_bases(name: &'static str) -> Vec<&'static str> {
    match builtin_type(name) {
        Some("bool") => return vec![name, "int", "object"],
        Some(_) => return vec![name, "object"],
        None => {}
    }
    let mut names = vec![name];
    let mut at = name;
    while let Some((_, base)) = CLASSES.iter().find(|(class, _)| *class == at) {
        names.push(base);
        at = base;
    }
    names
}
