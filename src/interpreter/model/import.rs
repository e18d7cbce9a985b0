//! Importing: `_find_and_load` and what surrounds it in `Lib/importlib/_bootstrap.py`, `PyImport_ImportModuleLevelObject` of
//! `Python/import.c`, and the `IMPORT_FROM` of `Python/ceval.c`, of CPython 3.6 to 3.13.

use super::machine::Machine;
use super::module::{Module, Origin, split_name};
use super::object::Object;
use super::quote::quoted;
use super::stop::{EvaluationError, Result, raise, refuse};
use super::value::{Name, ObjectId, Value};
use crate::interpreter::HalfRead;

/// The number of nested imports at which CPython would reach its recursion limit.
const DEPTH: usize = 60;

/// The context of an import statement.
#[derive(Debug, Clone)]
pub(super) struct Importer {
    /// `__package__`, or `None` if it is None or missing.
    pub(super) package: Option<Name>,
    /// Whether both `__package__` and `__spec__` are missing, as in code that a step executes.
    pub(super) homeless: bool,
}

impl Machine<'_> {
    /// `import name` or, with `names`, the first half of `from name import names`: the value of `IMPORT_NAME`
    /// (`PyImport_ImportModuleLevelObject`).
    pub(super) fn import_name(
        &mut self,
        name: &str,
        names: &[&str],
        level: u32,
        importer: &Importer,
    ) -> Result<Value> {
        if name.is_empty() && level == 0 {
            return raise("ValueError", "Empty module name");
        }
        let absolute: Name = if level == 0 { name.into() } else { self.resolve(name, level, importer)? };
        let module = self.find_and_load(&absolute)?;
        if !names.is_empty() {
            if self.is_package(&module)? {
                self.handle_fromlist(&module, names, false)?;
            }
            return Ok(module);
        }
        let Some((first, _)) = name.split_once('.') else { return Ok(module) };
        if level == 0 {
            return self.find_and_load(&first.into());
        }
        let front: Name = absolute[..absolute.len() - (name.len() - first.len())].into();
        match self.module_entry(&front)? {
            Some(module) => Ok(module),
            None => raise("KeyError", format!("{} not in sys.modules as expected", quoted(&front))),
        }
    }

    /// `resolve_name`: the absolute name for a relative one.
    pub(super) fn resolve(&self, name: &str, level: u32, importer: &Importer) -> Result<Name> {
        let package = match &importer.package {
            Some(package) if !package.is_empty() => package,
            None if self.version < (3, 7) => return refuse("a relative import in a step's own code"),
            None if !importer.homeless => return refuse("a relative import where `__package__` is None"),
            _ => return raise("ImportError", "attempted relative import with no known parent package"),
        };
        let mut base: &str = package;
        for _ in 1..level {
            if let Some((above, _)) = base.rsplit_once('.') {
                base = above;
            } else {
                let class = if self.version >= (3, 9) { "ImportError" } else { "ValueError" };
                return raise(class, "attempted relative import beyond top-level package");
            }
        }
        Ok(if name.is_empty() { base.into() } else { format!("{base}.{name}").into() })
    }

    /// `_find_and_load`
    pub(super) fn find_and_load(&mut self, name: &Name) -> Result<Value> {
        match self.module_entry(name)? {
            Some(Value::None) => {
                let message = format!("import of {name} halted; None in sys.modules");
                Err(EvaluationError::import("ModuleNotFoundError", message, name))
            }
            Some(module) => {
                self.note_reader(name, &module);
                self.ensure_initialized(&module)?;
                Ok(module)
            }
            None => {
                self.has_room()?;
                self.depth += 1;
                if self.depth > DEPTH {
                    return refuse("imports nested so deep");
                }
                let module = self.find_and_load_unlocked(name);
                self.depth -= 1;
                module
            }
        }
    }

    /// Notes who reads a module while that is being imported.
    pub(super) fn note_reader(&mut self, name: &Name, module: &Value) {
        let Some(reader) = self.executing.last().filter(|reader| *reader != name).cloned() else { return };
        let object = module.as_object().and_then(|id| self.memory.state().objects.get(id));
        let is_half = |object: &Object| matches!(object, Object::Module(module) if module.is_initializing());
        if object.is_some_and(|object| is_half(object)) {
            let (module, reader) = (name.to_string(), reader.to_string());
            self.memory.note_half_read(HalfRead { module, reader });
        }
    }

    /// `_find_and_load_unlocked`
    fn find_and_load_unlocked(&mut self, name: &Name) -> Result<Value> {
        let (parent, child) = split_name(name);
        let (parent, child): (Name, Name) = (parent.into(), child.into());
        let mut path = None;
        let mut parent_object = None;
        if !parent.is_empty() {
            if self.module_entry(&parent)?.is_none() {
                self.import_name(&parent, &[], 0, &Importer { package: None, homeless: true })?;
            }
            if let Some(module) = self.module_entry(name)? {
                return Ok(module); // "crazy side-effects"
            }
            let Some(module) = self.module_entry(&parent)? else { return raise("KeyError", &parent) };
            path = self.package_path(&module)?;
            if path.is_none() {
                let message =
                    format!("No module named {}; {} is not a package", quoted(name), quoted(&parent));
                return Err(EvaluationError::import("ModuleNotFoundError", message, name));
            }
            parent_object = self.as_module(&module);
        }
        let Some(spec) = self.find_spec(name, path.as_ref())? else {
            return Err(EvaluationError::import(
                "ModuleNotFoundError",
                format!("No module named {}", quoted(name)),
                name,
            ));
        };
        if self.version >= (3, 11) {
            self.mark_uninitialized(parent_object.as_ref(), Some(&child));
        }
        let loaded = self.load_unlocked(spec);
        if self.version >= (3, 11) {
            self.mark_uninitialized(parent_object.as_ref(), None);
        }
        let module = loaded?;
        if !parent.is_empty() {
            let Some(parent_module) = self.module_entry(&parent)? else { return raise("KeyError", &parent) };
            self.bind_child(&parent_module, &child, &module)?;
        }
        Ok(module)
    }

    /// `parent_spec._uninitialized_submodules`: appends a name, or removes the last one.
    fn mark_uninitialized(&mut self, parent: Option<&ObjectId>, child: Option<&Name>) {
        let Some(id) = parent else { return };
        let spec = self.memory.module_object_mut(id).and_then(|module| module.spec.as_mut());
        match (spec, child) {
            (Some(spec), Some(child)) => spec.uninitialized.push(child.clone()),
            (Some(spec), None) => {
                spec.uninitialized.pop();
            }
            (None, _) => {}
        }
    }

    /// `setattr(parent_module, child, module)`
    fn bind_child(&mut self, parent: &Value, child: &Name, module: &Value) -> Result<()> {
        if self.is_of_library(parent) && self.is_of_library(module) {
            return Ok(()); // its own submodules are found without being bound
        }
        match self.as_module(parent) {
            Some(id) => self.set_module_attribute(&id, child, module.clone()),
            None if *parent == Value::None && self.version < (3, 9) => {
                raise("AttributeError", format!("'NoneType' object has no attribute '{child}'"))
            }
            None if *parent == Value::None => Ok(()), // an ImportWarning, which nobody sees
            None => refuse("a submodule of what is no module"),
        }
    }

    /// `_load_unlocked`
    fn load_unlocked(&mut self, mut spec: super::module::Spec) -> Result<Value> {
        let name = spec.name.clone();
        if spec.origin == Origin::Library {
            return self.import_library(&name);
        }
        spec.initializing = true;
        let origin = spec.origin.clone();
        let mut module = Module::new(&name);
        module.apply(spec, self.version);
        let id = self.memory.make(&name, Object::Module(module.into()));
        self.memory.set_module(&name, Value::Object(id.clone()));
        self.executing.push(name.clone());
        let done = self.execute_module(&id, &origin);
        self.executing.pop();
        if matches!(done, Err(EvaluationError::Refuse(_))) {
            return done.map(|()| Value::None);
        }
        if done.is_err() {
            self.memory.take_module(&name);
        }
        // CPython resets `_initializing` last, but nothing in between reads it.
        if let Some(spec) = self.memory.module_object_mut(&id).and_then(|module| module.spec.as_mut()) {
            spec.initializing = false;
        }
        done?;
        match self.memory.module(&name) {
            Some(module) => Ok(module.clone()),
            None => raise("KeyError", &name),
        }
    }

    /// `_handle_fromlist`
    fn handle_fromlist(&mut self, module: &Value, names: &[&str], recursive: bool) -> Result<()> {
        for &name in names {
            if name == "*" {
                if !recursive && let Some(all) = self.attribute(module, "__all__")? {
                    let all = self.names_of(&all)?;
                    let all: Vec<&str> = all.iter().map(|name| &**name).collect();
                    self.handle_fromlist(module, &all, true)?;
                }
                continue;
            }
            if self.attribute(module, name)?.is_some() {
                continue;
            }
            let Some(Value::Str(own)) = self.attribute(module, "__name__")? else {
                return refuse("a package without a `__name__`");
            };
            let full: Name = format!("{own}.{name}").into();
            match self.gcd_import(&full).and_then(|_| self.first_of(&full)) {
                Ok(()) => {}
                Err(EvaluationError::Raise(raised)) => {
                    let missing = self.is_instance_of(&raised.class, "ModuleNotFoundError")?
                        && raised.name.as_ref() == Some(&full)
                        && self.module_entry(&full)? != Some(Value::None);
                    if !missing {
                        return Err(EvaluationError::Raise(raised));
                    }
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    /// What `__import__("a.b")` does when `a.b` is there: it asks for `a` once more, of which the body of `a.b` may have left nothing.
    fn first_of(&mut self, full: &Name) -> Result<()> {
        let first: Name = full.split('.').next().unwrap_or(full).into();
        match self.module_entry(&first)? {
            Some(module) if module != Value::None => Ok(()),
            _ => self.find_and_load(&first).map(drop),
        }
    }

    /// `import_from`: the value of `IMPORT_FROM`, with the fallback to `sys.modules` (since 3.5; for `import a.b as c` too,
    /// since 3.7).
    pub(super) fn import_from(&mut self, module: &Value, name: &str) -> Result<Value> {
        match self.attribute(module, name)? {
            Some(Value::Elements(_)) => return refuse(format!("`{name}` as a value")),
            Some(value) => return Ok(value),
            None => {}
        }
        let Some(Value::Str(own)) = self.attribute(module, "__name__")? else {
            return refuse("`from` what has no `__name__`");
        };
        let full: Name = format!("{own}.{name}").into();
        if let Some(value) = self.module_entry(&full)? {
            return Ok(value);
        }
        let Some(id) = self.as_module(module) else { return refuse("`from` what is no module") };
        if self.memory.module_object(&id).is_some_and(|module| module.opaque) {
            return refuse(format!(
                "the missing name `{name}` of `{own}`, whose file the message would show"
            ));
        }
        let message = self.cannot_import(&id, &own, name)?;
        Err(EvaluationError::import("ImportError", message, &own))
    }
}
