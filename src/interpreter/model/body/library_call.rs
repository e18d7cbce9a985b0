//! Calls of functions of the standard library that the model knows.

use ruff_text_size::TextRange;

use super::function::Arguments;
use super::logger::get_logger;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::Module;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::state::shown;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Descriptor, Name, Value};

impl Machine<'_> {
    /// Calls a function of the standard library that takes arguments by name; `None` if it is none of these.
    pub(super) fn call_with_names(&mut self, name: &str, arguments: &Arguments) -> Option<Result<Value>> {
        match name {
            "warnings.warn" => Some(self.warn(arguments)),
            "py_compile.compile" => Some(self.py_compile(arguments)),
            "pkgutil.iter_modules" => Some(self.iter_modules(arguments)),
            _ => None,
        }
    }

    pub(super) fn call_library(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        name: &Name,
        arguments: &[Value],
    ) -> Result<Value> {
        if let Some(function) = name.strip_prefix("importlib.util.") {
            return self.call_of_util((scope, place), function, arguments);
        }
        if let Some((module, function)) = name.rsplit_once('.')
            && matches!(module, "os.path" | "posixpath")
        {
            return self.call_of_os_path(function, arguments);
        }
        match (&**name, arguments) {
            ("importlib.invalidate_caches", []) => {
                self.invalidate_caches()?;
                Ok(Value::None)
            }
            ("importlib.import_module", [Value::Str(name)]) => self.import_module(name, None),
            ("importlib.import_module", [Value::Str(name), Value::Str(package)]) => {
                self.import_module(name, Some(package))
            }
            ("importlib.reload", [module]) => self.reload(module),
            ("abc.abstractmethod", [function]) => self.abstract_method(function),
            ("logging.getLogger", _) => get_logger(arguments),
            ("gettext.install", [Value::Str(_)]) => self.install_translation(),
            // What `gettext.install` binds: without a catalogue, a text stays as it is.
            ("gettext.gettext", [Value::Str(text)]) => Ok(Value::Str(text.clone())),
            ("contextlib.contextmanager", [function @ Value::Object(_)]) => {
                Ok(Value::Descriptor(Descriptor::Manager, function.clone().into()))
            }
            ("pkgutil.extend_path", _) => self.extend_path(arguments),
            ("os.getcwd", []) => Ok(Value::Str(shown(&self.working_directory()?))),
            ("os.chdir", [Value::Str(path)]) => self.change_directory(path).map(|()| Value::None),
            ("os.getenv", [Value::Str(name)]) => Ok(self.environment(name)?.map_or(Value::None, Value::Str)),
            ("os.getenv", [Value::Str(name), default]) => {
                Ok(self.environment(name)?.map_or_else(|| default.clone(), Value::Str))
            }
            ("types.ModuleType", [Value::Str(name)]) => {
                let module = Module::new(name);
                Ok(self.make(scope, &place, Object::Module(module.into())))
            }
            _ => refuse(format!("a call of `{name}`")),
        }
    }

    /// `gettext.install(domain)`, where no catalogue is installed: it looks for one under the language of the
    /// environment, which `locale` spells out, and binds `_` among the built-in names.
    pub(super) fn install_translation(&mut self) -> Result<Value> {
        for variable in ["LANGUAGE", "LC_ALL"] {
            let known = self.environment(&variable.into())?;
            if known.as_deref() != (variable == "LC_ALL").then_some("C.UTF-8") {
                return refuse("`gettext.install` in another language");
            }
        }
        self.find_and_load(&"locale".into())?;
        let Some(Value::Object(builtins)) = self.module_entry(&"builtins".into())? else {
            return refuse("`builtins` that is gone");
        };
        self.set_module_attribute(&builtins, "_", Value::Library("gettext.gettext".into()))?;
        Ok(Value::None)
    }

    /// `warnings.warn`: recorded if the step records warnings, and else not shown only if the default filters ignore it.
    pub(super) fn warn(&mut self, arguments: &Arguments) -> Result<Value> {
        let named = arguments.keywords.iter().find(|(name, _)| &**name == "category").map(|(_, value)| value);
        let category = match (&arguments.positional[..], named) {
            ([_], Some(category)) | ([_, category, ..], None) => category.clone(),
            ([_], None) => Value::Builtin("UserWarning"),
            _ => return refuse("such a call of `warnings.warn`"),
        };
        if !self.is_class(&category) || !self.is_instance_of(&category, "Warning")? {
            return refuse("a warning of such a category");
        }
        if let Some(warned) = &mut self.warned {
            warned.push(category);
            return Ok(Value::None);
        }
        let ignored = ["DeprecationWarning", "PendingDeprecationWarning", "ImportWarning", "ResourceWarning"];
        for class in ignored {
            if self.is_instance_of(&category, class)?
                && !self.executing.is_empty()
                && arguments.positional.len() < 3
            {
                return Ok(Value::None);
            }
        }
        refuse("a warning that is shown")
    }
}
