//! The texts that values give of themselves: `str` and `repr`, with the `__str__` and `__repr__` of classes that module bodies
//! define. `text` displays all others.

use super::function::Arguments;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Object};
use crate::interpreter::model::stop::{EvaluationError, Result, refuse};
use crate::interpreter::model::text;
use crate::interpreter::model::value::Value;

impl Machine<'_> {
    /// `str(value)`
    pub(super) fn displayed(&mut self, value: &Value) -> Result<String> {
        match self.own_display(value, true)? {
            Some(method) => self.text_by(&method),
            None => text::shown(self.memory, value),
        }
    }

    /// `repr(value)`
    pub(super) fn represented(&mut self, value: &Value) -> Result<String> {
        match self.own_display(value, false)? {
            Some(method) => self.text_by(&method),
            None => text::repr(self.memory, value),
        }
    }

    /// The method of a class of a module body that displays this value.
    pub(super) fn own_display(&mut self, value: &Value, as_str: bool) -> Result<Option<Value>> {
        let object = value.as_object().and_then(|id| self.memory.object(id)).cloned();
        let (class, methods) = match object {
            Some(Object::Instance { class, .. }) if as_str => (class, &["__str__", "__repr__"][..]),
            Some(Object::Instance { class, .. }) => (class, &["__repr__"][..]),
            Some(Object::Exception(Exception { class: Value::Object(class), .. })) => {
                (class, if as_str { &["__str__"][..] } else { &["__repr__"][..] })
            }
            _ => return Ok(None),
        };
        for method in methods {
            if let Some(found) = self.class_attribute_if_own(&class, method)? {
                return self.looked_up(found, Some(value), &Value::Object(class)).map(Some);
            }
        }
        Ok(None)
    }

    fn text_by(&mut self, method: &Value) -> Result<String> {
        match self.call_function(method, Arguments::default())? {
            Value::Str(text) => Ok(text.to_string()),
            _ => refuse("a `__str__` or `__repr__` that gives no text"),
        }
    }

    /// The message of an exception that ends a step. Its own `__str__` runs in a copy of the process: what that changes or
    /// prints is lost.
    pub(in crate::interpreter::model) fn told(&mut self, raised: &Exception) -> Result<String> {
        if !matches!(raised.class, Value::Object(_)) {
            return Ok(raised.message.to_string());
        }
        let (before, printed) = (self.memory.before(), self.output.len());
        let id = self.memory.make(&"raised".into(), Object::Exception(raised.clone()));
        let told = self.displayed(&Value::Object(id));
        self.output.truncate(printed);
        self.memory.go_back(before);
        match told {
            Err(EvaluationError::Raise(by_it)) => {
                let class = self.class_name(&by_it.class)?;
                Ok(format!("<no message: str() of the exception raised {class}>"))
            }
            told => told,
        }
    }
}
