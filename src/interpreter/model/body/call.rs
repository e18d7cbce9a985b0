//! Calls in module bodies: to built-in functions and types, to functions of the standard library that the model
//! knows, and to classes without a constructor of their own.

use std::collections::BTreeMap;

use ruff_python_ast::ExprCall;

use super::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::Module;
use crate::interpreter::model::object::{Exception, Object};
use crate::interpreter::model::stop::{Result, builtin_exception, raise, refuse};
use crate::interpreter::model::text::{repr, shown};
use crate::interpreter::model::value::{Name, Value};

impl Machine<'_> {
    pub(super) fn call(&mut self, scope: &mut Scope<'_>, node: &ExprCall) -> Result<Value> {
        let function = self.evaluate(scope, &node.func)?;
        let arguments = self.all(scope, &node.arguments.args)?;
        let keywords = self.keywords(scope, node)?;
        if let Value::Builtin(name) = &function
            && builtin_exception(name).is_some()
        {
            let exception = self.construct_exception(name, arguments, &keywords)?;
            return Ok(self.make(scope, node, Object::Exception(exception)));
        }
        if !keywords.is_empty() {
            return refuse("a call with keywords");
        }
        match &function {
            Value::Builtin(name) => self.call_builtin(scope, node, name, &arguments),
            Value::Library(name) => self.call_library(scope, node, name, &arguments),
            Value::Method(of, method) => self.call_method((scope, node), of, method, &arguments),
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Class(_)) if self.is_exception_class(&function)? => {
                    let exception = self.own_exception(&function, arguments)?;
                    Ok(self.make(scope, node, Object::Exception(exception)))
                }
                Some(Object::Class(_)) if arguments.is_empty() => {
                    let instance = Object::Instance { class: id.clone(), attributes: BTreeMap::new() };
                    Ok(self.make(scope, node, instance))
                }
                Some(Object::Function(name)) => refuse(format!("a call of the function `{name}`")),
                _ => refuse("such a call"),
            },
            _ => refuse("such a call"),
        }
    }

    fn keywords(&mut self, scope: &mut Scope<'_>, node: &ExprCall) -> Result<Vec<(Name, Value)>> {
        let mut keywords = Vec::new();
        for keyword in &node.arguments.keywords {
            let Some(name) = &keyword.arg else { return refuse("`**` in a call") };
            keywords.push((name.as_str().into(), self.evaluate(scope, &keyword.value)?));
        }
        Ok(keywords)
    }

    /// The exception that raising this value raises, or `None` if it is not an exception.
    pub(super) fn instantiate_exception(&mut self, value: &Value) -> Result<Option<Exception>> {
        match value {
            Value::Builtin(name) if builtin_exception(name).is_some() => {
                self.exception_of(name, Vec::new()).map(Some)
            }
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Exception(exception)) => Ok(Some(exception)),
                Some(Object::Class(_)) if self.is_exception_class(value)? => {
                    self.own_exception(value, Vec::new()).map(Some)
                }
                _ => Ok(None),
            },
            Value::Library(name) => refuse(format!("raising `{name}`")),
            _ => Ok(None),
        }
    }

    fn is_exception_class(&mut self, class: &Value) -> Result<bool> {
        self.is_subclass(class, &Value::Builtin("BaseException"))
    }

    /// An exception of a class defined in a module body. It displays as its built-in base does.
    fn own_exception(&mut self, class: &Value, arguments: Vec<Value>) -> Result<Exception> {
        let names = self.base_names(class)?;
        let base = names.iter().find_map(|name| builtin_exception(name)).unwrap_or("Exception");
        if base == "OSError"
            || builtin_exception("OSError").is_some_and(|os| names.iter().any(|name| **name == *os))
        {
            return refuse("a class derived from OSError");
        }
        let exception = self.exception_of(base, arguments)?;
        Ok(Exception { class: class.clone(), ..exception })
    }

    fn construct_exception(
        &mut self,
        class: &'static str,
        arguments: Vec<Value>,
        keywords: &[(Name, Value)],
    ) -> Result<Exception> {
        let mut exception = self.exception_of(class, arguments)?;
        if class == "OSError" && exception.arguments.len() > 1 {
            return refuse("an OSError with a number, whose class depends on it");
        }
        for (name, value) in keywords {
            match (&**name, value) {
                ("name", Value::Str(value)) if matches!(class, "ImportError" | "ModuleNotFoundError") => {
                    exception.name = Some(value.clone());
                }
                _ => return refuse("an exception with keywords"),
            }
        }
        Ok(exception)
    }

    /// Whether an `except` clause with `wanted` catches an exception of this class.
    pub(super) fn matches(&mut self, class: &Value, wanted: &Value) -> Result<bool> {
        match wanted {
            Value::Tuple(parts) => {
                for part in parts.iter() {
                    if self.matches(class, part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ if self.is_class(wanted) => {
                if !self.is_exception_class(wanted)? {
                    return raise(
                        "TypeError",
                        "catching classes that do not inherit from BaseException is not allowed",
                    );
                }
                self.is_subclass(class, wanted)
            }
            _ => refuse("such an `except` clause"),
        }
    }

    fn call_builtin(
        &mut self,
        scope: &mut Scope<'_>,
        node: &ExprCall,
        name: &'static str,
        arguments: &[Value],
    ) -> Result<Value> {
        match (name, arguments) {
            ("len", [of]) => self.length(of),
            ("repr", [value]) => Ok(Value::text(repr(self.memory, value)?)),
            ("str", [value]) => Ok(Value::text(shown(self.memory, value)?)),
            ("str", []) => Ok(Value::text("")),
            ("bool", [value]) => Ok(Value::Bool(self.truth(value)?)),
            ("int", [Value::Int(value)]) => Ok(Value::Int(*value)),
            ("int", [Value::Bool(value)]) => Ok(Value::Int((*value).into())),
            ("int", [Value::Str(text)]) => match text.parse() {
                Ok(value) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Value::Int(value)),
                _ => refuse("`int` of such a text"),
            },
            ("list", []) => Ok(self.make(scope, node, Object::List(Vec::new()))),
            ("dict", []) => Ok(self.make(scope, node, Object::Dict(Vec::new()))),
            ("list" | "tuple", [of]) => match self.sequence(of) {
                Some(values) if name == "tuple" => Ok(Value::Tuple(values.into())),
                Some(values) => Ok(self.make(scope, node, Object::List(values))),
                None => refuse(format!("`{name}` of such a value")),
            },
            ("object", []) => refuse("a bare object"),
            ("print", _) => self.print(arguments),
            ("isinstance", [value, class]) => self.instance_check(value, class),
            ("hasattr", [of, Value::Str(name)]) => Ok(Value::Bool(self.attribute(of, name)?.is_some())),
            ("getattr", [of, Value::Str(name)]) => self.required_attribute(of, name),
            ("getattr", [of, Value::Str(name), default]) => {
                Ok(self.attribute(of, name)?.unwrap_or_else(|| default.clone()))
            }
            ("setattr", [of, Value::Str(name), value]) => {
                self.set_attribute(of, name, value.clone())?;
                Ok(Value::None)
            }
            ("__import__", [Value::Str(name)]) => {
                let importer = scope.frame.importer.clone();
                self.import_name(name, &[], 0, &importer)
            }
            ("sorted", [of]) => self.sorted(scope, node, of),
            _ => refuse(format!("such a call of `{name}`")),
        }
    }

    fn length(&mut self, of: &Value) -> Result<Value> {
        let length = match of {
            Value::Str(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(values) | Object::Set(values)) => values.len(),
                Some(Object::Dict(items)) => items.len(),
                _ => return refuse("`len` of such a value"),
            },
            Value::Tuple(parts) => parts.len(),
            _ => return refuse("`len` of such a value"),
        };
        Ok(Value::Int(i64::try_from(length).expect("what is in memory is shorter")))
    }

    fn sorted(&mut self, scope: &Scope<'_>, node: &ExprCall, of: &Value) -> Result<Value> {
        let Some(values) = self.sequence(of) else { return refuse("`sorted` of such a value") };
        let mut sorted: Vec<Value> = Vec::new();
        for value in values {
            let mut at = sorted.len();
            while at > 0 && self.order(&value, &sorted[at - 1])? == Some(std::cmp::Ordering::Less) {
                at -= 1;
            }
            sorted.insert(at, value);
        }
        Ok(self.make(scope, node, Object::List(sorted)))
    }

    fn print(&mut self, arguments: &[Value]) -> Result<Value> {
        let mut words = Vec::new();
        for argument in arguments {
            words.push(shown(self.memory, argument)?);
        }
        self.output.push_str(&words.join(" "));
        self.output.push('\n');
        Ok(Value::None)
    }

    fn instance_check(&mut self, value: &Value, class: &Value) -> Result<Value> {
        let of = match value {
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Instance { class, .. }) => Value::Object(class),
                Some(Object::Exception(exception)) => exception.class,
                _ => return refuse("`isinstance` of such a value"),
            },
            _ => return refuse("`isinstance` of such a value"),
        };
        if !self.is_class(class) {
            return refuse("`isinstance` with such a class");
        }
        Ok(Value::Bool(self.is_subclass(&of, class)?))
    }

    fn call_library(
        &mut self,
        scope: &mut Scope<'_>,
        node: &ExprCall,
        name: &Name,
        arguments: &[Value],
    ) -> Result<Value> {
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
            ("os.getcwd", []) => Ok(Value::text("$")),
            ("os.getenv", [Value::Str(name)]) => Ok(self.environment(name)?.map_or(Value::None, Value::Str)),
            ("os.getenv", [Value::Str(name), default]) => {
                Ok(self.environment(name)?.map_or_else(|| default.clone(), Value::Str))
            }
            ("types.ModuleType", [Value::Str(name)]) => {
                let module = Module::new(name);
                Ok(self.make(scope, node, Object::Module(module.into())))
            }
            _ => refuse(format!("a call of `{name}`")),
        }
    }

    /// The text of a value that must be a text.
    pub(super) fn text_of(value: &Value) -> Result<&Name> {
        match value {
            Value::Str(text) => Ok(text),
            _ => refuse("such an argument"),
        }
    }
}
