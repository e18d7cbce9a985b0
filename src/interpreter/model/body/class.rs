//! Classes: their names, their bases, and the attributes that they inherit.

use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, builtin_bases, builtin_exception, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

impl Machine<'_> {
    /// An attribute of a class, its own or inherited.
    pub(super) fn class_attribute(&mut self, id: &ObjectId, name: &str) -> Result<Option<Value>> {
        let Some(Object::Class(class)) = self.memory.object(id).cloned() else {
            return refuse("a class that is gone");
        };
        if let Some(found) = class.namespace.get(name) {
            return Ok(Some(found.clone()));
        }
        for base in &class.bases {
            match base {
                Value::Object(base) => return self.class_attribute(base, name),
                Value::Builtin("object") => {}
                _ => return refuse(format!("the attribute `{name}` of a built-in class")),
            }
        }
        if name.starts_with("__") || name == "mro" {
            return refuse(format!("the attribute `{name}` of a class"));
        }
        Ok(None)
    }

    /// The class's own name.
    pub(in crate::interpreter::model) fn class_name(&mut self, class: &Value) -> Result<Name> {
        match class {
            Value::Builtin(name) => Ok((*name).into()),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::Class(class)) => Ok(class.name.clone()),
                _ => refuse("what is no class"),
            },
            _ => refuse("what is no class"),
        }
    }

    /// Whether a value is a class whose bases are known.
    pub(super) fn is_class(&mut self, value: &Value) -> bool {
        match value {
            Value::Builtin(name) => *name == "object" || builtin_exception(name).is_some(),
            Value::Object(id) => matches!(self.memory.object(id), Some(Object::Class(_))),
            _ => false,
        }
    }

    /// The names of a class and its bases, its own first.
    pub(in crate::interpreter::model) fn base_names(&mut self, class: &Value) -> Result<Vec<Name>> {
        match class {
            Value::Builtin(name) => Ok(builtin_bases(name).into_iter().map(Name::from).collect()),
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Class(class)) => {
                    let mut names = vec![class.name];
                    for base in &class.bases {
                        names.extend(self.base_names(base)?);
                    }
                    if class.bases.is_empty() {
                        names.push("object".into());
                    }
                    Ok(names)
                }
                _ => refuse("what is no class"),
            },
            _ => refuse("what is no class"),
        }
    }

    /// Whether a class is the built-in class of this name or derived from it.
    pub(in crate::interpreter::model) fn is_instance_of(
        &mut self,
        class: &Value,
        name: &'static str,
    ) -> Result<bool> {
        self.is_subclass(class, &Value::Builtin(name))
    }

    /// `issubclass(class, wanted)`
    pub(super) fn is_subclass(&mut self, class: &Value, wanted: &Value) -> Result<bool> {
        if class == wanted || *wanted == Value::Builtin("object") {
            return Ok(true);
        }
        match class {
            Value::Builtin(name) => {
                Ok(matches!(wanted, Value::Builtin(wanted) if builtin_bases(name).contains(wanted)))
            }
            Value::Object(id) => {
                let Some(Object::Class(class)) = self.memory.object(id).cloned() else {
                    return refuse("what is no class");
                };
                for base in &class.bases {
                    if self.is_subclass(base, wanted)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => refuse("what is no class"),
        }
    }
}
