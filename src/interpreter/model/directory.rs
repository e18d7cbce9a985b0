//! The working directory: what relative paths mean, and `os.chdir`.

use std::collections::BTreeMap;

use super::machine::Machine;
use super::object::{Exception, StepLine};
use super::quote::quoted;
use super::state::{entry_of, is_relative, shown};
use super::stop::{EvaluationError, Result, refuse};
use super::value::{Name, Value};
use crate::world::{EntryPath, Node};

impl Machine<'_> {
    /// The working directory, as `os.getcwd()` gives it.
    pub(super) fn working_directory(&mut self) -> Result<EntryPath> {
        let directory = self.memory.working_directory();
        match self.memory.entry(&directory) {
            Some(Node::Directory { .. }) => Ok(directory),
            _ => refuse("a working directory that is gone"),
        }
    }

    /// The path of the world that a path means.
    pub(super) fn entry_at(&mut self, path: &str) -> Result<EntryPath> {
        let found = if is_relative(path) {
            let directory = self.working_directory()?;
            Some(path.split('/').fold(directory, |at, part| at.join(part)))
        } else {
            entry_of(path)
        };
        match found {
            Some(found) => Ok(found),
            None => refuse(format!("a path outside the ordering's directory: {path}")),
        }
    }

    /// `os.path.abspath(path)`
    pub(super) fn absolute(&mut self, path: &str) -> Result<Name> {
        Ok(shown(&self.entry_at(path)?))
    }

    /// `os.chdir(path)`
    pub(super) fn change_directory(&mut self, path: &Name) -> Result<()> {
        let (mut at, rest) = match path.strip_prefix('$') {
            Some(rest) => (EntryPath::root(), rest),
            None if path.is_empty() || path.starts_with('/') => return refuse("such a call of `os.chdir`"),
            None => (self.working_directory()?, &**path),
        };
        for part in rest.split('/').filter(|part| !matches!(*part, "" | ".")) {
            at = match (part, at.parent()) {
                ("..", Some(above)) => above,
                ("..", None) => return refuse("a working directory outside the ordering's"),
                _ => at.join(part),
            };
            match self.memory.entry(&at) {
                Some(Node::Directory { .. }) => {}
                Some(Node::File { .. }) => {
                    return Err(os_error("NotADirectoryError", 20, "Not a directory", path));
                }
                Some(Node::Link { .. }) | None => {
                    return Err(os_error("FileNotFoundError", 2, "No such file or directory", path));
                }
            }
            at = self.memory.followed(&at).unwrap_or(at);
        }
        self.memory.set_working_directory(at);
        Ok(())
    }
}

/// What the operating system says of a path.
pub(super) fn os_error(class: &'static str, number: i64, text: &str, path: &Name) -> EvaluationError {
    EvaluationError::Raise(Box::new(Exception {
        class: Value::Builtin(class),
        arguments: vec![Value::Int(number), Value::text(text)],
        message: format!("[Errno {number}] {text}: {}", quoted(path)).into(),
        attributes: BTreeMap::new(),
        name: None,
        raised_on: StepLine::default(),
    }))
}
