//! One interpreter at one step: its memory, the rules of its version, and the output of the step. The modules
//! beside this one implement its actions, each after a part of CPython.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::library::Library;
use super::memory::Memory;
use super::module::Module;
use super::object::{Exception, Object};
use super::parsed::Body;
use super::stack::StackMark;
use super::stop::{Result, refuse};
use super::value::{Name, ObjectId, Value};

/// Parsed sources, by content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bodies(Arc<Mutex<Parsed>>);

/// Bodies by their sources.
type Parsed = HashMap<Arc<[u8]>, Arc<Body>>;

/// What stays the same from step to step.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Major and minor version.
    pub(super) version: (u32, u32),
    /// The micro version.
    pub(super) micro: u32,
    /// The standard library of that version.
    pub(super) library: &'static Library,
    /// Whether bytecode is written.
    pub(super) bytecode: bool,
    /// Sources parsed so far.
    pub(super) bodies: Bodies,
}

/// An interpreter in a step.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    pub(super) memory: &'a mut Memory,
    pub(super) version: (u32, u32),
    pub(super) micro: u32,
    pub(super) library: &'static Library,
    pub(super) bytecode: bool,
    bodies: &'a Bodies,
    /// The output of the step.
    pub(super) output: String,
    /// Modules that are being reloaded.
    pub(super) reloading: Vec<Name>,
    /// Modules whose bodies are being executed, the innermost last.
    pub(super) executing: Vec<Name>,
    /// How deep calls, of the import system and of functions, are nested.
    pub(super) depth: usize,
    /// The exception that is being handled.
    pub(super) handled: Option<Exception>,
    /// Exceptions whose own constructors run, the innermost last.
    pub(super) constructing: Vec<ObjectId>,
    /// The categories of the warnings issued, if the step records them.
    pub(super) warned: Option<Vec<Value>>,
    /// Statements and rounds of loops that the step has run.
    pub(super) ran: usize,
    /// Whether the order of the names in `sys.modules` does not matter now.
    pub(super) names_in_any_order: bool,
    /// Where the thread's stack stood when the step began.
    stack: StackMark,
}

impl<'a> Machine<'a> {
    pub(super) fn new(memory: &'a mut Memory, rules: &'a Rules) -> Self {
        Self {
            memory,
            version: rules.version,
            micro: rules.micro,
            library: rules.library,
            bytecode: rules.bytecode,
            bodies: &rules.bodies,
            output: String::new(),
            reloading: Vec::new(),
            executing: Vec::new(),
            depth: 0,
            handled: None,
            constructing: Vec::new(),
            warned: None,
            ran: 0,
            names_in_any_order: false,
            stack: StackMark::here(),
        }
    }

    /// Refuses what is nested so deep that this thread's stack might not hold it.
    pub(super) fn has_room(&self) -> Result<()> {
        if self.stack.is_far() { refuse("code nested so deep") } else { Ok(()) }
    }

    /// The body of a module with this source.
    pub(super) fn body(&self, source: &Arc<[u8]>) -> Result<Arc<Body>> {
        let mut bodies = self.bodies.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(body) = bodies.get(source) {
            return Ok(body.clone());
        }
        let body = Arc::new(Body::parse(source, self.version)?);
        bodies.insert(source.clone(), body.clone());
        Ok(body)
    }

    /// `sys.modules.get(name)`, or `None` if there is no entry.
    pub(super) fn module_entry(&mut self, name: &Name) -> Result<Option<Value>> {
        if matches!(&**name, "__main__" | "__mp_main__") {
            return refuse("`__main__` as a module");
        }
        if let Some(value) = self.memory.module(name) {
            return Ok(Some(value.clone()));
        }
        if !self.library.is_started(name) {
            return Ok(None);
        }
        let mut module = Module::new(name);
        module.opaque = true;
        let id = self.memory.make(name, Object::Module(module.into()));
        self.memory.set_module(name, Value::Object(id.clone()));
        Ok(Some(Value::Object(id)))
    }

    /// `del sys.modules[name]`; returns whether there was an entry.
    pub(super) fn remove_module(&mut self, name: &Name) -> Result<bool> {
        if self.library.is_started(name) {
            return refuse(format!("forgetting `{name}`, which the interpreter itself needs"));
        }
        let opaque = match self.memory.module(name).cloned() {
            Some(Value::Object(id)) => self.memory.module_object(&id).is_some_and(|module| module.opaque),
            _ => false,
        };
        if opaque {
            return refuse(format!("forgetting `{name}`, a module of the standard library"));
        }
        Ok(self.memory.take_module(name).is_some())
    }

    /// The module object behind a value.
    pub(super) fn as_module(&mut self, value: &Value) -> Option<ObjectId> {
        let id = value.as_object()?;
        self.memory.module_object(id).is_some().then(|| id.clone())
    }

    /// Whether a value is a module of the standard library.
    pub(super) fn is_of_library(&mut self, value: &Value) -> bool {
        let id = self.as_module(value);
        id.is_some_and(|id| self.memory.module_object(&id).is_some_and(|module| module.opaque))
    }
}
