//! Calls in module bodies: what is called, with what, and classes. Built-in functions are in `builtin`, those of the standard
//! library in `library_call`, functions of module bodies in `function`, exceptions in `exception`.

use std::collections::BTreeMap;

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::TextRange;

use super::builtin::uses_elements_up;
use super::cached::DECORATORS;
use super::function::Arguments;
use super::logger::is_logger;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, builtin_exception, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

/// What a call calls.
pub(super) enum Callee {
    Function(Value, Arguments),
    /// `any` or `all`, which ended at the element that decides; a call that is done by what it is written as.
    Known(Value),
}

fn not_callable(class: &str) -> Result<Value> {
    raise("TypeError", format!("'{class}' object is not callable"))
}

impl Machine<'_> {
    /// What a call calls, and with what.
    pub(super) fn callee(&mut self, scope: &mut Scope<'_>, node: &ExprCall) -> Result<Callee> {
        if let Some(done) = self.call_on_path(scope, node)? {
            return Ok(Callee::Known(done));
        }
        if let Some(done) = self.added_null_handler(scope, node)? {
            return Ok(Callee::Known(done));
        }
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
            Value::Method(of, method @ ("__init__" | "__str__")) if self.is_exception(of) => {
                return self.call_of_exception(of, method, arguments);
            }
            Value::Method(_, method @ ("__init__" | "__init_subclass__")) => {
                return Self::call_of_object(method, &arguments);
            }
            Value::Method(of, method) if is_logger(of) => return Self::call_logger(method, &arguments),
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
        if let Value::Library(name) = function
            && let Some(done) = self.call_with_names(name, &arguments)
        {
            return done;
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
        if self.is_exception_class(&Value::Object(id.clone()))? {
            let site = scope.frame.site(&place);
            return self.construct_own(id, arguments, &site);
        }
        self.may_have_instances(id, &arguments)?;
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

    /// The text of a value that must be a text.
    pub(super) fn text_of(value: &Value) -> Result<&Name> {
        match value {
            Value::Str(text) => Ok(text),
            _ => refuse("such an argument"),
        }
    }
}
