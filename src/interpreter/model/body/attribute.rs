//! Attributes: of modules, including those that the import system sets; of the interpreter's own objects; of
//! classes, instances and exceptions. Methods are in `method`.

use super::method::METHODS;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::{Module, PackagePath};
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, ProcessObject, Value};

/// Attributes of modules of the standard library whose values the model knows.
const KNOWN: [(&str, &str, ProcessObject); 3] = [
    ("sys", "modules", ProcessObject::Modules),
    ("sys", "path", ProcessObject::Path),
    ("os", "environ", ProcessObject::Environment),
];

/// Modules that the import system itself uses: the model does not know what a change to them would do.
const VITAL: [&str; 12] = [
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_imp",
    "_io",
    "builtins",
    "importlib",
    "io",
    "marshal",
    "os",
    "posix",
    "sys",
    "zipimport",
];

/// Names in packages of the standard library that are both a submodule and something else.
const HIDDEN: [&str; 2] = ["multiprocessing.process", "unittest.main"];

impl Machine<'_> {
    /// `value.name`, or `None` if there is no such attribute.
    pub(in crate::interpreter::model) fn attribute(
        &mut self,
        value: &Value,
        name: &str,
    ) -> Result<Option<Value>> {
        match value {
            Value::Object(id) => {
                let Some(object) = self.memory.object(id).cloned() else {
                    return refuse("an object that is gone");
                };
                self.object_attribute(value, id, &object, name)
            }
            Value::None if name == "__path__" || name == "__name__" || name == "__all__" => Ok(None),
            Value::Builtin(class) if name == "__name__" => Ok(Some(Value::text(class))),
            _ => self.method_attribute(value, name),
        }
    }

    /// `value.name`, or its `AttributeError`.
    pub(super) fn required_attribute(&mut self, value: &Value, name: &str) -> Result<Value> {
        if let Some(found) = self.attribute(value, name)? {
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
            Object::Module(module) => self.module_attribute(module, name),
            Object::Class(class) if name == "__name__" => Ok(Some(Value::Str(class.name.clone()))),
            Object::Class(_) => self.class_attribute(id, name),
            Object::Instance { class, attributes } => match attributes.get(name) {
                Some(found) => Ok(Some(found.clone())),
                None if name == "__class__" => Ok(Some(Value::Object(class.clone()))),
                None => match self.class_attribute(class, name)? {
                    Some(Value::Object(found))
                        if matches!(self.memory.object(&found), Some(Object::Function(_))) =>
                    {
                        refuse(format!("the method `{name}`"))
                    }
                    found => Ok(found),
                },
            },
            Object::Exception(exception) => match name {
                "args" => Ok(Some(Value::Tuple(exception.arguments.clone().into()))),
                "name" if self.is_instance_of(&exception.class, "ImportError")? => {
                    Ok(Some(exception.name.clone().map_or(Value::None, Value::Str)))
                }
                "msg" if self.is_instance_of(&exception.class, "ImportError")? => {
                    Ok(Some(Value::Str(exception.message.clone())))
                }
                "__class__" => Ok(Some(exception.class.clone())),
                _ => refuse(format!("the attribute `{name}` of an exception")),
            },
            Object::Function(function) if name == "__name__" => Ok(Some(Value::Str(function.clone()))),
            Object::Function(_) => refuse(format!("the attribute `{name}` of a function")),
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

    /// `module.name`
    fn module_attribute(&mut self, module: &Module, name: &str) -> Result<Option<Value>> {
        if let Some(value) = module.namespace.get(name) {
            return Ok(Some(value.clone()));
        }
        let text = |text: &Option<Name>| text.clone().map_or(Value::None, Value::Str);
        match name {
            "__name__" => return Ok(Some(Value::Str(module.name.clone()))),
            "__package__" => return Ok(Some(text(&module.package))),
            "__file__" if module.opaque => return refuse("the `__file__` of the standard library"),
            "__file__" if module.file.is_some() => return Ok(Some(text(&module.file))),
            "__file__" => {
                let namespace = module.spec.as_ref().is_some_and(|spec| spec.location().is_none());
                return Ok((namespace && self.version >= (3, 7)).then_some(Value::None));
            }
            "__path__" if module.path.is_none() => return Ok(None),
            "__all__" | "__version__" | "__author__" | "__license__" if !module.opaque => return Ok(None),
            _ if name.starts_with("__") && name.ends_with("__") => {
                return refuse(format!("the attribute `{name}` of a module"));
            }
            _ => {}
        }
        if module.opaque {
            return self.library_attribute(module, name);
        }
        if module.namespace.contains_key("__getattr__") && self.version >= (3, 7) {
            return refuse("a module's own `__getattr__`");
        }
        Ok(None)
    }

    /// An attribute of a module of the standard library.
    fn library_attribute(&mut self, module: &Module, name: &str) -> Result<Option<Value>> {
        let known = KNOWN.iter().find(|(of, attribute, _)| *of == &*module.name && *attribute == name);
        if let Some((_, _, known)) = known {
            return Ok(Some(Value::Known(*known)));
        }
        if (&*module.name, name) == ("sys", "version_info") {
            let (major, minor) = self.version;
            let [major, minor, micro] = [major, minor, self.micro].map(|number| Value::Int(number.into()));
            let parts = [major, minor, micro, Value::text("final"), Value::Int(0)];
            return Ok(Some(Value::Tuple(parts.into())));
        }
        let full: Name = format!("{}.{name}", module.name).into();
        if HIDDEN.contains(&&*full) {
            return refuse(format!("`{full}`, of which there are two"));
        }
        if module.path.as_ref() == Some(&PackagePath::Library) || &*full == "os.path" {
            if let Some(submodule) = self.module_entry(&full)? {
                return Ok(Some(submodule));
            }
            if self.library.get(&full).is_some() {
                return Ok(None);
            }
        }
        match self.library.get(&module.name).and_then(|entry| entry.attributes.as_ref()) {
            Some(attributes) if attributes.contains(name) => Ok(Some(Value::Library(full))),
            Some(_) if !name.starts_with('_') => Ok(None),
            _ => refuse(format!("the attribute `{name}` of `{}`", module.name)),
        }
    }

    /// Whether a value has a `__path__`, and so is a package.
    pub(in crate::interpreter::model) fn is_package(&mut self, value: &Value) -> Result<bool> {
        self.package_path(value).map(|path| path.is_some())
    }

    /// A value's `__path__`.
    pub(in crate::interpreter::model) fn package_path(
        &mut self,
        value: &Value,
    ) -> Result<Option<PackagePath>> {
        match value {
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::Module(module)) => Ok(module.path.clone()),
                _ => refuse("an entry of `sys.modules` that is no module"),
            },
            Value::None | Value::Int(_) | Value::Str(_) | Value::Bool(_) => Ok(None),
            _ => refuse("an entry of `sys.modules` that is no module"),
        }
    }

    /// `setattr(module, name, value)`
    pub(in crate::interpreter::model) fn set_module_attribute(
        &mut self,
        id: &ObjectId,
        name: &str,
        value: Value,
    ) -> Result<()> {
        Self::may_bind(name)?;
        let Some(module) = self.memory.module_object_mut(id) else { return refuse("a module that is gone") };
        let first = module.name.split('.').next().unwrap_or_default();
        if module.opaque && VITAL.contains(&first) {
            return refuse(format!("a change to `{}`, which the import system uses", module.name));
        }
        let old = module.namespace.insert(name.into(), value);
        self.memory.dropping(old.as_ref());
        Ok(())
    }

    /// Refuses names that the import system or the interpreter reads: module bodies may not bind them.
    pub(super) fn may_bind(name: &str) -> Result<()> {
        let special = name.starts_with("__") && name.ends_with("__");
        if special && !matches!(name, "__all__" | "__version__" | "__author__" | "__license__" | "__doc__") {
            return refuse(format!("a value for `{name}`"));
        }
        Ok(())
    }
}
