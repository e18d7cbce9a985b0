//! `py_compile.compile` where code calls it, of CPython 3.6 to 3.13. `loader` writes the bytecode.

use super::function::Arguments;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Name, Value};
use crate::scenario::Invalidation;

/// The class of the ways to tell whether bytecode is still that of its source.
const MODES: &str = "py_compile.PycInvalidationMode";

/// An attribute of `PycInvalidationMode`: one of the ways.
pub(super) fn mode_attribute(class: &Value, name: &str) -> Option<Value> {
    let is_mode = matches!(name, "TIMESTAMP" | "CHECKED_HASH" | "UNCHECKED_HASH");
    let is_class = matches!(class, Value::Library(class) if **class == *MODES);
    (is_class && is_mode).then(|| Value::Library(format!("{MODES}.{name}").into()))
}

impl Machine<'_> {
    /// `py_compile.compile(file, doraise=..., invalidation_mode=..., quiet=...)`
    pub(super) fn py_compile(&mut self, arguments: &Arguments) -> Result<Value> {
        let [Value::Str(file)] = &arguments.positional[..] else {
            return refuse("such a call of `py_compile.compile`");
        };
        let mut mode = None;
        for (name, value) in &arguments.keywords {
            match (&**name, value) {
                ("cfile" | "dfile" | "invalidation_mode", Value::None) | ("doraise", Value::Bool(_)) => {}
                ("quiet", Value::Int(_)) if self.version >= (3, 8) => {}
                ("invalidation_mode", value) => mode = Some(mode_of(value)?),
                _ => return refuse(format!("`py_compile.compile` with such a `{name}`")),
            }
        }
        let Some(mode) = mode else {
            if self.version >= (3, 7) && self.environment(&"SOURCE_DATE_EPOCH".into())?.is_some() {
                return refuse("`py_compile.compile` under SOURCE_DATE_EPOCH");
            }
            return self.compile_called(file, Invalidation::Timestamp);
        };
        self.compile_called(file, mode)
    }

    fn compile_called(&mut self, file: &Name, mode: Invalidation) -> Result<Value> {
        let (source, target) = (self.entry_at(file)?, self.cached_beside(file)?);
        self.compile_named(&source, file, mode)?;
        Ok(Value::Str(target))
    }

    /// `importlib.util.cache_from_source(file)`
    fn cached_beside(&self, file: &str) -> Result<Name> {
        let (directory, name) = match file.rsplit_once('/') {
            Some((directory, name)) => (format!("{directory}/"), name),
            None => (String::new(), file),
        };
        let Some(stem) = name.strip_suffix(".py") else {
            return refuse("the compilation of what is no source");
        };
        let (major, minor) = self.version;
        Ok(format!("{directory}__pycache__/{stem}.cpython-{major}{minor}.pyc").into())
    }
}

fn mode_of(value: &Value) -> Result<Invalidation> {
    let mode = match value {
        Value::Library(name) => name.strip_prefix(MODES).unwrap_or_default(),
        _ => "",
    };
    match mode {
        ".TIMESTAMP" => Ok(Invalidation::Timestamp),
        ".CHECKED_HASH" => Ok(Invalidation::CheckedHash),
        ".UNCHECKED_HASH" => Ok(Invalidation::UncheckedHash),
        _ => refuse("such an `invalidation_mode`"),
    }
}
