//! `importlib.util`: specs as objects, modules made from them, and `LazyLoader`; and `os.path`, which finds files.

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::{Module, Origin, PackagePath, Spec, split_name};
use crate::interpreter::model::object::{Object, SpecObject};
use crate::interpreter::model::quote::quoted;
use crate::interpreter::model::state::entry_of;
use crate::interpreter::model::stop::{EvaluationError, Result, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};
use crate::world::{EntryPath, Node};
use ruff_text_size::TextRange;

/// Functions of the standard library that the model evaluates, and that its tables do not list.
pub(super) const FUNCTIONS: [&str; 10] = [
    "contextlib.suppress",
    "gettext.install",
    "importlib.util.LazyLoader",
    "importlib.util.find_spec",
    "importlib.util.module_from_spec",
    "importlib.util.spec_from_file_location",
    "pkgutil.extend_path",
    "pkgutil.iter_modules",
    "py_compile.PycInvalidationMode",
    "py_compile.compile",
];

/// Functions of `os.path` that the model evaluates.
pub(super) const OF_PATH: [&str; 7] = ["abspath", "basename", "dirname", "exists", "isdir", "isfile", "join"];

impl Machine<'_> {
    /// A function of `importlib.util`.
    pub(super) fn call_of_util(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        name: &str,
        arguments: &[Value],
    ) -> Result<Value> {
        match (name, arguments) {
            ("find_spec", [Value::Str(wanted)]) => match self.spec_of(wanted)? {
                Some((spec, loaded)) => Ok(self.make_spec((scope, place), spec, loaded)),
                None => Ok(Value::None),
            },
            ("spec_from_file_location", [Value::Str(name), Value::Str(file)]) => {
                // Since 3.10 a relative path is made absolute.
                let absolute = if self.version >= (3, 10) { self.absolute(file)? } else { file.clone() };
                let file = &absolute;
                let Some(path) = entry_of(file).filter(is_source) else {
                    return refuse("such a call of `spec_from_file_location`");
                };
                let is_package = path.name() == "__init__.py" && split_name(name).1 != "__init__";
                let directory = file.rsplit_once('/').map_or("$", |(directory, _)| directory);
                let locations = is_package.then(|| PackagePath::List(vec![directory.into()]));
                let spec = Spec::new(name, Origin::Source(file.clone()), locations);
                Ok(self.make_spec((scope, place), spec, false))
            }
            ("module_from_spec", [spec]) => {
                let spec = self.spec_object(spec)?.spec;
                if spec.origin == Origin::Library {
                    return refuse("a module of the standard library made from its spec");
                }
                if spec.initializing {
                    return refuse("a second module with the spec of one that is being imported");
                }
                let mut module = Module::new(&spec.name);
                module.apply(spec, self.version);
                Ok(self.make(scope, &place, Object::Module(module.into())))
            }
            ("LazyLoader", [Value::Loader(spec, false)]) => Ok(Value::Loader(spec.clone(), true)),
            _ => refuse(format!("such a call of `importlib.util.{name}`")),
        }
    }

    fn make_spec(&mut self, (scope, place): (&mut Scope<'_>, TextRange), spec: Spec, loaded: bool) -> Value {
        self.make(scope, &place, Object::Spec(SpecObject { spec, lazy: false, loaded }.into()))
    }

    fn spec_object(&mut self, value: &Value) -> Result<SpecObject> {
        match value.as_object().and_then(|id| self.memory.object(id)) {
            Some(Object::Spec(spec)) => Ok((**spec).clone()),
            _ => refuse("what is no spec"),
        }
    }

    /// `importlib.util.find_spec(name)`, and whether that is the spec of a loaded module.
    fn spec_of(&mut self, name: &Name) -> Result<Option<(Spec, bool)>> {
        if name.is_empty() || name.starts_with('.') {
            return refuse("`find_spec` of such a name");
        }
        match self.module_entry(name)? {
            Some(Value::None) => return Ok(None),
            Some(module) => return self.spec_of_loaded(name, &module).map(|spec| Some((spec, true))),
            None => {}
        }
        Ok(self.spec_found(name)?.map(|spec| (spec, false)))
    }

    /// The spec of a module that is not loaded.
    pub(in crate::interpreter::model) fn spec_found(&mut self, name: &Name) -> Result<Option<Spec>> {
        let (parent, _) = split_name(name);
        if parent.is_empty() {
            return self.find_spec(name, None);
        }
        let importer = crate::interpreter::model::import::Importer { package: None, homeless: true };
        let parent_module = self.import_name(parent, &["__path__"], 0, &importer)?;
        match self.package_path(&parent_module)? {
            Some(path) => self.find_spec(name, Some(&path)),
            None if self.version >= (3, 7) => {
                let message = format!(
                    "__path__ attribute not found on {} while trying to find {}",
                    quoted(parent),
                    quoted(name)
                );
                Err(EvaluationError::import("ModuleNotFoundError", message, name))
            }
            None => refuse("`find_spec` below what is no package"),
        }
    }

    fn spec_of_loaded(&mut self, name: &Name, module: &Value) -> Result<Spec> {
        let Some(id) = self.as_module(module) else { return refuse("`find_spec` of what is no module") };
        self.awaken(&id)?;
        match self.memory.module_object(&id).and_then(|module| module.spec.clone()) {
            Some(spec) => Ok(spec),
            None if self.memory.module_object(&id).is_some_and(|module| module.opaque) => {
                refuse("the spec of a module that the interpreter started with")
            }
            None => raise("ValueError", format!("{name}.__spec__ is None")),
        }
    }

    /// `spec.loader = loader`
    pub(super) fn set_loader(&mut self, id: &ObjectId, name: &str, value: &Value) -> Result<()> {
        match (name, value, self.memory.object_mut(id)) {
            ("loader", Value::Loader(of, lazy), Some(Object::Spec(spec))) if of == id && !spec.loaded => {
                spec.lazy = *lazy;
                Ok(())
            }
            _ => refuse("an attribute of a spec"),
        }
    }

    /// `loader.exec_module(module)`, of the loader of this spec or of its `LazyLoader`.
    pub(super) fn load_by(&mut self, spec: &ObjectId, lazy: bool, arguments: &[Value]) -> Result<Value> {
        let [module] = arguments else { return refuse("such a call of `exec_module`") };
        let (Some(id), Some(Object::Spec(of))) = (self.as_module(module), self.memory.object(spec).cloned())
        else {
            return refuse("such a call of `exec_module`");
        };
        let of = of.spec;
        let known = self.memory.module_object(&id).and_then(|module| module.spec.clone());
        if of.origin == Origin::Library || known.is_none_or(|known| known.origin != of.origin) {
            return refuse("a loader that executes another module than its own");
        }
        if !lazy {
            return self.execute_module(&id, &of.origin).map(|()| Value::None);
        }
        if self.version >= (3, 13) {
            self.find_and_load(&"threading".into())?;
        }
        if let Some(Object::Spec(spec)) = self.memory.object_mut(spec) {
            spec.lazy = false;
        }
        match self.memory.module_object_mut(&id) {
            Some(module) if module.namespace.is_empty() => {
                module.lazy = true;
                Ok(Value::None)
            }
            _ => refuse("a lazy module that already holds something"),
        }
    }

    pub(in crate::interpreter::model) fn is_lazy(&mut self, id: &ObjectId) -> bool {
        self.memory.module_object(id).is_some_and(|module| module.lazy)
    }

    /// `import_ensure_initialized`, of an import statement: reads a module's `__spec__`. An `AttributeError` means that it has
    /// none; up to 3.12 any other exception does too.
    pub(in crate::interpreter::model) fn ensure_initialized(&mut self, module: &Value) -> Result<()> {
        match self.read_spec(module) {
            Err(EvaluationError::Raise(_)) if self.version < (3, 13) => Ok(()),
            done => done,
        }
    }

    /// `getattr(module, '__spec__', None)`
    pub(in crate::interpreter::model) fn read_spec(&mut self, module: &Value) -> Result<()> {
        let Value::Object(id) = module else { return Ok(()) };
        match self.awaken(id) {
            Err(EvaluationError::Raise(raised))
                if self.is_instance_of(&raised.class, "AttributeError")? =>
            {
                Ok(())
            }
            done => done,
        }
    }

    /// `_LazyModule.__getattribute__`: runs the body of a lazy module, if this is one.
    pub(in crate::interpreter::model) fn awaken(&mut self, id: &ObjectId) -> Result<()> {
        if !self.is_lazy(id) {
            return Ok(());
        }
        let Some(module) = self.memory.module_object_mut(id) else { return refuse("a module that is gone") };
        module.lazy = false;
        let updated = module.namespace.clone();
        let Some(spec) = module.spec.clone() else { return refuse("a lazy module without a spec") };
        self.execute_module(id, &spec.origin)?;
        if let Some(other) = self.memory.module(&spec.name).cloned()
            && other != Value::Object(id.clone())
        {
            let message = format!(
                "module object for {} substituted in sys.modules during a lazy load",
                quoted(&spec.name)
            );
            return raise("ValueError", message);
        }
        if let Some(module) = self.memory.module_object_mut(id) {
            module.namespace.extend(updated);
        }
        Ok(())
    }

    /// An object, after its body has run if it is a lazy module.
    pub(super) fn awake(&mut self, id: &ObjectId) -> Result<Option<Object>> {
        self.awaken(id)?;
        Ok(self.memory.object(id).cloned())
    }

    /// A function of `os.path` on a path of the ordering.
    pub(super) fn call_of_os_path(&mut self, name: &str, arguments: &[Value]) -> Result<Value> {
        let texts: Vec<&Name> = arguments.iter().map(Self::text_of).collect::<Result<_>>()?;
        match (name, &texts[..]) {
            ("join", [first, rest @ ..])
                if rest.iter().all(|part| !part.starts_with(['/', '$']) && !part.is_empty()) =>
            {
                let mut path = first.to_string();
                for part in rest {
                    if !path.is_empty() && !path.ends_with('/') {
                        path.push('/');
                    }
                    path.push_str(part);
                }
                Ok(Value::text(path))
            }
            ("dirname", [path]) => match path.rsplit_once('/') {
                Some((directory, _)) if !directory.is_empty() && !directory.ends_with('/') => {
                    Ok(Value::text(directory))
                }
                None if !path.starts_with('$') => Ok(Value::text("")),
                _ => refuse("`dirname` of such a path"),
            },
            ("basename", [path]) if path.contains('/') || !path.starts_with('$') => {
                Ok(Value::text(path.rsplit('/').next().unwrap_or_default()))
            }
            ("abspath", [path]) => self.absolute(path).map(Value::Str),
            ("exists" | "isfile" | "isdir", [path]) => {
                let path = self.entry_at(path)?;
                let found = self.memory.entry(&path).cloned();
                Ok(Value::Bool(match (name, found) {
                    ("exists", found) => found.is_some(),
                    ("isfile", found) => matches!(found, Some(Node::File { .. })),
                    (_, found) => found.is_some_and(|node| node.is_directory()),
                }))
            }
            _ => refuse(format!("such a call of `os.path.{name}`")),
        }
    }
}

/// Whether `SourceFileLoader` would load the file.
fn is_source(path: &EntryPath) -> bool {
    path.name().strip_suffix(".py").is_some()
}

/// An attribute of a spec.
pub(super) fn spec_attribute(id: &ObjectId, of: &SpecObject, name: &str) -> Result<Option<Value>> {
    let spec = &of.spec;
    match name {
        "name" => Ok(Some(Value::Str(spec.name.clone()))),
        "parent" => Ok(Some(Value::Str(spec.parent()))),
        "origin" | "loader" | "has_location" if spec.location().is_none() => {
            refuse(format!("`{name}` of such a spec"))
        }
        "origin" => Ok(spec.location().cloned().map(Value::Str)),
        "has_location" => Ok(Some(Value::Bool(true))),
        "loader" => Ok(Some(Value::Loader(id.clone(), of.lazy))),
        "submodule_search_locations" if spec.locations.is_none() => Ok(Some(Value::None)),
        _ => refuse(format!("the attribute `{name}` of a spec")),
    }
}
