//! Calls in module bodies: of classes and exceptions. Built-in functions are in `builtin`, those of the standard library
//! in `library_call`, functions of module bodies in `function`.

use std::collections::BTreeMap;

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::TextRange;

use super::builtin::uses_elements_up;
use super::cached::DECORATORS;
use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Object};
use crate::interpreter::model::stop::{Result, builtin_exception, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

/// What a call calls.
pub(super) enum Callee {
    Function(Value, Arguments),
    /// `any` or `all`, which ended at the element that decides.
    Known(Value),
}

fn not_callable(class: &str) -> Result<Value> {
    raise("TypeError", format!("'{class}' object is not callable"))
}

impl Machine<'_> {
    /// What a call calls, and with what.
    pub(super) fn callee(&mut self, scope: &mut Scope<'_>, node: &ExprCall) -> Result<Callee> {
        let function = self.evaluate(scope, &node.func)?;
        if let (Value::Builtin(name @ ("any" | "all")), [of @ (Expr::Generator(_) | Expr::Call(_))]) =
            (&function, &*node.arguments.args)
        {
            return self.decided(scope, of, *name == "any").map(Callee::Known);
        }
        let positional = match (&*node.arguments.args, uses_elements_up(&function)) {
            ([Expr::Starred(_)], _) | (_, false) => self.all(scope, &node.arguments.args)?,
            (arguments, true) => {
                arguments.iter().map(|part| self.used_up_by(&function, scope, part)).collect::<Result<_>>()?
            }
        };
        let keywords = self.keywords(scope, node)?;
        Ok(Callee::Function(function, Arguments { positional, keywords }))
    }

    /// Calls a value; objects that the call makes are made at the place given.
    pub(super) fn call_value(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        function: &Value,
        arguments: Arguments,
    ) -> Result<Value> {
        if let Value::Builtin(name) = function
            && builtin_exception(name).is_some()
        {
            let exception = self.construct_exception(name, arguments.positional, &arguments.keywords)?;
            return Ok(self.make(scope, &place, Object::Exception(exception)));
        }
        match function {
            Value::Bound(..) => return self.call_function(function, arguments),
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Function(_) | Object::CachedFunction(_)) => {
                    return self.call_function(function, arguments);
                }
                Some(Object::Class(_)) => return self.call_class((scope, place), id, arguments),
                Some(Object::Instance { .. }) => return self.call_instance(function, arguments),
                Some(Object::Module(module)) if !module.opaque => return not_callable("module"),
                Some(Object::List(_)) => return not_callable("list"),
                Some(Object::Dict(_)) => return not_callable("dict"),
                _ => return refuse("such a call"),
            },
            Value::Method(_, method @ ("__init__" | "__init_subclass__")) => {
                return Self::call_of_object(method, &arguments);
            }
            Value::Method(of, "cache_clear") => return self.clear_cache(of, &arguments),
            Value::Method(most, "lru_cache") => return self.cached_up_to((scope, place), most, &arguments),
            Value::Library(name) if DECORATORS.contains(&&**name) => {
                return self.caching((scope, place), name, &arguments);
            }
            Value::Method(of, "format") => {
                let Value::Str(text) = &**of else { return refuse("such a call of `format`") };
                return self.format(text, &arguments);
            }
            Value::Builtin(name) => return self.call_builtin((scope, place), name, &arguments),
            Value::None => return not_callable("NoneType"),
            Value::Int(_) => return not_callable("int"),
            Value::Str(_) => return not_callable("str"),
            _ => {}
        }
        if matches!(function, Value::Library(name) if **name == *"warnings.warn") {
            return self.warn(&arguments);
        }
        if matches!(function, Value::Library(name) if **name == *"pkgutil.iter_modules") {
            return self.iter_modules(&arguments);
        }
        if !arguments.keywords.is_empty() {
            return refuse("a call with keywords");
        }
        match function {
            Value::Library(name) => self.call_library((scope, place), name, &arguments.positional),
            Value::Method(of, "exec_module") => match &**of {
                Value::Loader(spec, lazy) => self.load_by(spec, *lazy, &arguments.positional),
                _ => refuse("such a call"),
            },
            Value::Method(of, method) => self.call_method((scope, place), of, method, &arguments.positional),
            _ => refuse("such a call"),
        }
    }

    fn call_class(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        id: &ObjectId,
        arguments: Arguments,
    ) -> Result<Value> {
        let class = Value::Object(id.clone());
        if self.is_exception_class(&class)? {
            if !arguments.keywords.is_empty() {
                return refuse("an exception with keywords");
            }
            let exception = self.own_exception(&class, arguments.positional)?;
            return Ok(self.make(scope, &place, Object::Exception(exception)));
        }
        let made = Object::Instance { class: id.clone(), attributes: BTreeMap::new() };
        let made = self.make(scope, &place, made);
        self.instantiate(id, made, arguments)
    }

    /// Calls an instance by the `__call__` of its class.
    fn call_instance(&mut self, instance: &Value, arguments: Arguments) -> Result<Value> {
        let class = match instance.as_object().and_then(|id| self.memory.object(id)) {
            Some(Object::Instance { class, .. }) => class.clone(),
            _ => return refuse("such a call"),
        };
        let Some(found) = self.class_attribute_if_own(&class, "__call__")? else {
            return refuse("a call of an instance");
        };
        let function = self.looked_up(found, Some(instance), &Value::Object(class))?;
        self.call_function(&function, arguments)
    }

    /// The arguments that `**value` gives.
    fn keywords_in(&mut self, value: &Value) -> Result<Vec<(Name, Value)>> {
        let named = |(key, value)| match key {
            Value::Str(name) => Ok((name, value)),
            _ => refuse("`**` with such a dict"),
        };
        self.items_of(value)?.into_iter().map(named).collect()
    }

    fn keywords(&mut self, scope: &mut Scope<'_>, node: &ExprCall) -> Result<Vec<(Name, Value)>> {
        let mut keywords = Vec::new();
        for keyword in &node.arguments.keywords {
            let value = self.evaluate(scope, &keyword.value)?;
            match &keyword.arg {
                Some(name) => keywords.push((name.as_str().into(), value)),
                None => keywords.extend(self.keywords_in(&value)?),
            }
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
        let Value::Object(id) = class else { return refuse("what is no class") };
        if self.class_attribute_if_own(id, "__init__")?.is_some() {
            return refuse("an exception class with a constructor of its own");
        }
        let order = self.lookup_order(class)?;
        if order.contains(&Value::Builtin("OSError")) {
            return refuse("a class derived from OSError");
        }
        let built_in = |class: &Value| match class {
            Value::Builtin(name) => Some(*name),
            _ => None,
        };
        let base = order.iter().find_map(built_in).unwrap_or("Exception");
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

    /// The text of a value that must be a text.
    pub(super) fn text_of(value: &Value) -> Result<&Name> {
        match value {
            Value::Str(text) => Ok(text),
            _ => refuse("such an argument"),
        }
    }
}
