//! Loading modules of the standard library: their bodies are not evaluated, but the modules that they import
//! are looked up as CPython would. `library` has the facts about each.

use super::library::Library;
use super::machine::Machine;
use super::module::{Module, Origin, split_name};
use super::object::Object;
use super::stop::{Result, refuse};
use super::value::{Name, Value};

impl Machine<'_> {
    /// A module of the standard library, loaded with everything that its body imports.
    pub(super) fn import_library(&mut self, name: &Name) -> Result<Value> {
        if let Some(module) = self.module_entry(name)? {
            return Ok(module);
        }
        let (parent, _) = split_name(name);
        if !parent.is_empty() {
            self.import_library(&parent.into())?;
            if let Some(module) = self.module_entry(name)? {
                return Ok(module);
            }
        }
        if parent.is_empty() && !self.is_in_library(name)? {
            return refuse(format!("the standard library with `{name}` taken from elsewhere"));
        }
        let spec = self.library_spec(name);
        let mut module = Module::new(name);
        module.apply(spec, self.version);
        let id = self.memory.make(name, Object::Module(module.into()));
        self.memory.set_module(name, Value::Object(id.clone()));
        let library = self.library;
        for request in library.get(name).map_or(&[][..], |entry| &entry.requests) {
            if request.exists {
                self.import_library(&request.name)?;
            } else if !request.name.contains('.')
                && self.module_entry(&request.name)?.is_none()
                && self.find_spec(&request.name, None)?.is_some()
            {
                return refuse(format!("the standard library with a module `{}`", request.name));
            }
        }
        for put in Library::put_there(self.version.1, name) {
            let put: Name = put.into();
            if self.memory.module(&put).is_none() {
                let mut module = Module::new(&put);
                module.opaque = true;
                let id = self.memory.make(&put, Object::Module(module.into()));
                self.memory.set_module(&put, Value::Object(id));
            }
        }
        Ok(Value::Object(id))
    }

    /// Looks up a top-level module of the standard library as CPython does, through every entry before it.
    fn is_in_library(&mut self, name: &Name) -> Result<bool> {
        let spec = self.find_spec(name, None)?;
        Ok(spec.is_some_and(|spec| spec.origin == Origin::Library))
    }
}
