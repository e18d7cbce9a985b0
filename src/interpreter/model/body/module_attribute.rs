//! Attributes of modules: those that the import system sets, their own, and those of the standard library.

use super::builtin_names::is_known;
use super::function::Arguments;
use super::spec::{FUNCTIONS, OF_PATH};
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::{Entry, Module, PackagePath};
use crate::interpreter::model::stop::{EvaluationError, Result, refuse};
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
    /// `module.name`
    pub(super) fn module_attribute(&mut self, module: &Module, name: &str) -> Result<Option<Value>> {
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
            "__path__" => return self.entries_of_package(module),
            "__all__" | "__version__" | "__author__" | "__license__" if !module.opaque => return Ok(None),
            _ if name.starts_with("__") && name.ends_with("__") => {
                return refuse(format!("the attribute `{name}` of a module"));
            }
            _ => {}
        }
        if module.opaque {
            return self.library_attribute(module, name);
        }
        Ok(None)
    }

    /// The directories of a `__path__`, for those who go through them.
    fn entries_of_package(&mut self, module: &Module) -> Result<Option<Value>> {
        let Some(path) = &module.path else { return Ok(None) };
        let mut directories = Vec::new();
        for entry in self.entries_of(path)? {
            match entry {
                Entry::Directory(directory) => directories.push(Value::Str(directory)),
                Entry::Library => return refuse("the `__path__` of a package of the standard library"),
            }
        }
        Ok(Some(Value::Elements(directories.into())))
    }

    /// `module.__getattr__(name)`, since 3.7: `None` if the module has no such function, or that raises an `AttributeError`.
    pub(super) fn own_attribute(&mut self, module: &Module, name: &str) -> Result<Option<Value>> {
        match self.ask_own_attribute(module, name) {
            Err(EvaluationError::Raise(raised))
                if self.is_instance_of(&raised.class, "AttributeError")? =>
            {
                Ok(None)
            }
            answer => answer,
        }
    }

    /// `module.__getattr__(name)`, since 3.7: `None` if the module has no such function.
    pub(super) fn ask_own_attribute(&mut self, module: &Module, name: &str) -> Result<Option<Value>> {
        match module.namespace.get("__getattr__").filter(|_| self.version >= (3, 7)) {
            Some(function) => {
                let function = function.clone();
                self.call_function(&function, Arguments::positional(vec![Value::text(name)])).map(Some)
            }
            None => Ok(None),
        }
    }

    /// An attribute of a module of the standard library.
    pub(super) fn library_attribute(&mut self, module: &Module, name: &str) -> Result<Option<Value>> {
        let known = KNOWN.iter().find(|(of, attribute, _)| *of == &*module.name && *attribute == name);
        if let Some((_, _, known)) = known {
            return Ok(Some(Value::Known(*known)));
        }
        let full: Name = format!("{}.{name}", module.name).into();
        if (FUNCTIONS.contains(&&*full) && (self.version >= (3, 7) || name != "PycInvalidationMode"))
            || (matches!(&*module.name, "os.path" | "posixpath") && OF_PATH.contains(&name))
        {
            return Ok(Some(Value::Library(full)));
        }
        if (&*module.name, name) == ("sys", "version_info") {
            let (major, minor) = self.version;
            let [major, minor, micro] = [major, minor, self.micro].map(|number| Value::Int(number.into()));
            let parts = [major, minor, micro, Value::text("final"), Value::Int(0)];
            return Ok(Some(Value::Tuple(parts.into())));
        }
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

    /// `setattr(module, name, value)`
    pub(in crate::interpreter::model) fn set_module_attribute(
        &mut self,
        id: &ObjectId,
        name: &str,
        value: Value,
    ) -> Result<()> {
        if name == "__name__" {
            return self.rename_module(id, &value);
        }
        Self::may_bind(name)?;
        let Some(module) = self.memory.module_object_mut(id) else { return refuse("a module that is gone") };
        if &*module.name == "builtins" && module.opaque && !is_known(name) {
            let old = module.namespace.insert(name.into(), value);
            self.memory.dropping(old.as_ref());
            return Ok(());
        }
        let first = module.name.split('.').next().unwrap_or_default();
        if module.opaque && VITAL.contains(&first) {
            return refuse(format!("a change to `{}`, which the import system uses", module.name));
        }
        let old = module.namespace.insert(name.into(), value);
        self.memory.dropping(old.as_ref());
        Ok(())
    }

    /// `module.__name__ = value`
    pub(super) fn rename_module(&mut self, id: &ObjectId, value: &Value) -> Result<()> {
        match (value, self.memory.module_object_mut(id)) {
            (Value::Str(name), Some(module))
                if !module.opaque && module.spec.as_ref().is_some_and(|spec| spec.location().is_some()) =>
            {
                module.name = name.clone();
                Ok(())
            }
            _ => refuse("such a value for `__name__`"),
        }
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
