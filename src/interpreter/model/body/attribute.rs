//! Attributes: of the interpreter's own objects, of classes and instances. Those of modules are in `module_attribute`, of
//! exceptions in `exception`, methods in `method`.

use super::logger::{is_logger, logger_attribute};
use super::method::METHODS;
use super::pkgutil::{is_module_info, module_info_attribute};
use super::py_compile::mode_attribute;
use super::spec::spec_attribute;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::PackagePath;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{EvaluationError, Result, raise, refuse};
use crate::interpreter::model::value::{ObjectId, Value};

impl Machine<'_> {
    /// `value.name`, or `None` if there is no such attribute.
    pub(in crate::interpreter::model) fn attribute(
        &mut self,
        value: &Value,
        name: &str,
    ) -> Result<Option<Value>> {
        match value {
            Value::Object(id) => {
                match self.awaken(id) {
                    // The body of a lazily loaded module has raised it: whoever asks for the attribute gets to know only this.
                    Err(EvaluationError::Raise(raised))
                        if self.is_instance_of(&raised.class, "AttributeError")? =>
                    {
                        return Ok(None);
                    }
                    awake => awake?,
                }
                let Some(object) = self.memory.object(id).cloned() else {
                    return refuse("an object that is gone");
                };
                self.object_attribute(value, id, &object, name)
            }
            Value::Loader(..) if name == "exec_module" => {
                Ok(Some(Value::Method(value.clone().into(), "exec_module")))
            }
            Value::None if name == "__path__" || name == "__name__" || name == "__all__" => Ok(None),
            Value::Builtin(class) if name == "__name__" => Ok(Some(Value::text(class))),
            Value::Library(_) if is_logger(value) => logger_attribute(value, name).map(Some),
            Value::Library(_) if mode_attribute(value, name).is_some() => Ok(mode_attribute(value, name)),
            Value::Tuple(parts) if is_module_info(parts) => module_info_attribute(parts, name).map(Some),
            _ => self.method_attribute(value, name),
        }
    }

    /// `value.name`, or its `AttributeError`.
    pub(super) fn required_attribute(&mut self, value: &Value, name: &str) -> Result<Value> {
        if let Value::Object(id) = value {
            self.awaken(id)?;
        }
        if let Some(Object::Module(module)) = value.as_object().and_then(|id| self.memory.object(id)).cloned()
        {
            if let Some(found) = self.module_attribute(&module, name)? {
                return Ok(found);
            }
            // Its own exception says what is missing.
            if let Some(found) = self.ask_own_attribute(&module, name)? {
                return Ok(found);
            }
        } else if let Some(found) = self.attribute(value, name)? {
            return Ok(found);
        }
        let message = match value {
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Module(_)) => self.no_attribute(id, name)?,
                Some(Object::Class(class)) => {
                    format!("type object '{}' has no attribute '{name}'", class.name)
                }
                Some(Object::Instance { class, .. }) => {
                    format!("'{}' object has no attribute '{name}'", self.class_name(&Value::Object(class))?)
                }
                _ => return refuse(format!("the missing attribute `{name}`")),
            },
            Value::None => format!("'NoneType' object has no attribute '{name}'"),
            Value::Int(_) => format!("'int' object has no attribute '{name}'"),
            Value::Str(_) => format!("'str' object has no attribute '{name}'"),
            _ => return refuse(format!("the missing attribute `{name}`")),
        };
        raise("AttributeError", message)
    }

    fn object_attribute(
        &mut self,
        value: &Value,
        id: &ObjectId,
        object: &Object,
        name: &str,
    ) -> Result<Option<Value>> {
        match object {
            Object::Module(module) => match self.module_attribute(module, name)? {
                Some(found) => Ok(Some(found)),
                None => self.own_attribute(module, name),
            },
            Object::Class(class) if name == "__name__" => Ok(Some(Value::Str(class.name.clone()))),
            Object::Class(_) => match self.class_attribute(id, name)? {
                Some(found) => self.looked_up(found, None, value).map(Some),
                None => Ok(None),
            },
            Object::Instance { class, attributes } => match attributes.get(name) {
                Some(found) => Ok(Some(found.clone())),
                None if name == "__class__" => Ok(Some(Value::Object(class.clone()))),
                None => match self.class_attribute(class, name)? {
                    Some(found) => {
                        self.looked_up(found, Some(value), &Value::Object(class.clone())).map(Some)
                    }
                    None => Ok(None),
                },
            },
            Object::Exception(exception) => self.exception_attribute(value, exception, name),
            Object::Function(function) if name == "__name__" => Ok(Some(Value::Str(function.name.clone()))),
            Object::CachedFunction(cached) => self.cache_attribute(value, cached, name),
            Object::Function(_) | Object::Locals(_) => {
                refuse(format!("the attribute `{name}` of a function"))
            }
            Object::Spec(spec) => spec_attribute(id, spec, name),
            Object::List(_) | Object::Set(_) | Object::Dict(_) => self.method_attribute(value, name),
        }
    }

    fn method_attribute(&mut self, value: &Value, name: &str) -> Result<Option<Value>> {
        let found = METHODS.iter().find(|method| **method == name);
        match found {
            Some(method) if self.has_method(value, method) => {
                Ok(Some(Value::Method(value.clone().into(), method)))
            }
            _ => match value {
                Value::None | Value::Int(_) | Value::Str(_) if !name.starts_with("__") => {
                    if super::method::may_have(value, name) {
                        return refuse(format!("the attribute `{name}`"));
                    }
                    Ok(None)
                }
                _ => refuse(format!("the attribute `{name}` of such a value")),
            },
        }
    }

    /// Whether a value has a `__path__`, and so is a package.
    pub(in crate::interpreter::model) fn is_package(&mut self, value: &Value) -> Result<bool> {
        self.package_path(value).map(|path| path.is_some())
    }

    /// A value's `__path__`, or `None` if asking for it raises an `AttributeError`.
    pub(in crate::interpreter::model) fn package_path(
        &mut self,
        value: &Value,
    ) -> Result<Option<PackagePath>> {
        match self.path_or_error(value) {
            Err(EvaluationError::Raise(raised))
                if self.is_instance_of(&raised.class, "AttributeError")? =>
            {
                Ok(None)
            }
            answer => answer,
        }
    }

    /// A value's `__path__`, or what the body of a lazily loaded module raises when it is asked for it.
    pub(in crate::interpreter::model) fn path_or_error(
        &mut self,
        value: &Value,
    ) -> Result<Option<PackagePath>> {
        match value {
            Value::Object(id) => match self.awake(id)? {
                Some(Object::Module(module)) if module.path.is_none() => {
                    match self.own_attribute(&module, "__path__")? {
                        None => Ok(None),
                        Some(_) => refuse("a `__path__` that a module's `__getattr__` gives"),
                    }
                }
                Some(Object::Module(module)) => Ok(module.path),
                _ => refuse("an entry of `sys.modules` that is no module"),
            },
            Value::None | Value::Int(_) | Value::Str(_) | Value::Bool(_) => Ok(None),
            _ => refuse("an entry of `sys.modules` that is no module"),
        }
    }
}
