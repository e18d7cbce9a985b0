//! Steps that only look: whether a module is loaded, and whether an expression is true.

use std::sync::Arc;

use super::body::BodyFrame;
use super::import::Importer;
use super::machine::Machine;
use super::module::Module;
use super::object::Object;
use super::quote;
use super::stop::{EvaluationError, Result, refuse};
use super::value::{Name, Value};
use crate::interpreter::Outcome;
use crate::interpreter::expression::{names_in, paths_in};
use crate::scenario::Action;

/// Where the value of an expression is put.
const RESULT: &str = "result";

impl Machine<'_> {
    /// The outcome of an action that raised nothing and expects nothing of a module.
    pub(super) fn judge_state(&mut self, action: &Action) -> Result<Outcome> {
        let message = match action {
            Action::NotImported(name) => self
                .module_entry(&name.as_str().into())?
                .map(|_| format!("sys.modules has {}", quote::quoted(name))),
            Action::Evaluate(expression) => self.judge_expression(expression)?,
            _ => None,
        };
        Ok(message.map_or(Outcome::Passed, |message| Outcome::Mismatched { message }))
    }

    /// What is to be said of an expression that is false.
    fn judge_expression(&mut self, expression: &str) -> Result<Option<String>> {
        let mut module = Module::new(&"__main__".into());
        module.namespace.clear();
        for name in names_in(expression) {
            let name: Name = name.into();
            if let Some(loaded) = self.module_entry(&name)? {
                module.namespace.insert(name, loaded);
            }
        }
        let loaded = module.namespace.clone();
        let id = self.memory.make(&"step".into(), Object::Module(module.into()));
        let body = self.body(&Arc::from(format!("{RESULT} = not not ({expression}\n)\n").into_bytes()))?;
        let importer = Importer { package: None, homeless: true };
        self.run(&BodyFrame::of_module(&id, "the step's expression", &body, importer))?;
        let result = self.memory.module_object(&id).and_then(|module| module.namespace.get(RESULT).cloned());
        match result {
            Some(Value::Bool(true)) => Ok(None),
            Some(Value::Bool(false)) => {
                let mut values = Vec::new();
                let before = self.memory.before();
                for path in paths_in(expression) {
                    if let Some(root) = loaded.get(path[0].as_str()) {
                        values.extend(self.shown_value(root.clone(), &path)?);
                    }
                }
                self.memory.go_back(before);
                let separator = if values.is_empty() { "" } else { ": " };
                Ok(Some(format!("{expression} is false{separator}{}", values.join(", "))))
            }
            _ => refuse("such an expression"),
        }
    }

    /// A dotted name with its value, or `None` if it has none, or that is a module.
    fn shown_value(&mut self, root: Value, path: &[String]) -> Result<Option<String>> {
        let mut found = root;
        for name in &path[1..] {
            found = match self.attribute(&found, name) {
                Ok(Some(value)) => value,
                Ok(None) | Err(EvaluationError::Raise(_)) => return Ok(None),
                refusal => return refusal.map(|_| None),
            };
        }
        if self.as_module(&found).is_some() {
            return Ok(None);
        }
        Ok(Some(format!("{} = {}", path.join("."), self.short_repr(&found)?)))
    }
}
