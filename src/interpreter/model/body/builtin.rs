//! Calls of built-in functions and types.

use ruff_text_size::TextRange;

use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Descriptor, Value};

/// Whether a call of this value uses up its arguments before it returns.
pub(super) fn uses_elements_up(function: &Value) -> bool {
    const NAMES: [&str; 14] = [
        "all",
        "any",
        "dict",
        "enumerate",
        "list",
        "max",
        "min",
        "reversed",
        "set",
        "sorted",
        "sum",
        "tuple",
        "zip",
        "len",
    ];
    match function {
        Value::Builtin(name) => NAMES.contains(name),
        Value::Library(name) => matches!(&**name, "pkgutil.extend_path" | "pkgutil.iter_modules"),
        Value::Method(_, method) => matches!(*method, "extend" | "join" | "update"),
        _ => false,
    }
}

impl Machine<'_> {
    pub(super) fn call_builtin(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        name: &'static str,
        arguments: &Arguments,
    ) -> Result<Value> {
        if !arguments.keywords.is_empty() {
            return self.call_with_keywords((scope, place), name, arguments);
        }
        let arguments = &arguments.positional[..];
        match (name, arguments) {
            ("len", [of]) => self.length(of),
            ("repr", [value]) => Ok(Value::text(self.represented(value)?)),
            ("str", [value]) => Ok(Value::text(self.displayed(value)?)),
            ("str", []) => Ok(Value::text("")),
            ("bool", [value]) => Ok(Value::Bool(self.truth(value)?)),
            ("int", [Value::Int(value)]) => Ok(Value::Int(*value)),
            ("int", [Value::Bool(value)]) => Ok(Value::Int((*value).into())),
            ("int", [Value::Str(text)]) => match text.parse() {
                Ok(value) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Value::Int(value)),
                _ => refuse("`int` of such a text"),
            },
            ("list", []) => Ok(self.make(scope, &place, Object::List(Vec::new()))),
            ("dict", []) => Ok(self.make(scope, &place, Object::Dict(Vec::new()))),
            ("set", []) => self.make_set(scope, &place, Vec::new()),
            ("list", [of]) => {
                let values = self.elements(of)?;
                Ok(self.make(scope, &place, Object::List(values)))
            }
            ("tuple", [of]) => Ok(Value::Tuple(self.elements(of)?.into())),
            ("set", [of]) => {
                let values = self.elements_in_any_order(of)?;
                self.make_set(scope, &place, values)
            }
            ("dict", [of]) => self.dict_of((scope, place), of),
            ("object", []) => refuse("a bare object"),
            ("print", _) => self.print(arguments),
            ("isinstance", [value, class]) => Ok(Value::Bool(self.instance_check(value, class)?)),
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
            ("sorted", [of]) => {
                let values = self.elements_in_any_order(of)?;
                self.sorted((scope, place), values, None, false)
            }
            _ => self.call_on_classes(name, arguments),
        }
    }

    fn call_with_keywords(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        name: &'static str,
        arguments: &Arguments,
    ) -> Result<Value> {
        match (name, &arguments.positional[..]) {
            ("dict", []) => {
                let items = arguments.keywords.iter();
                let items = items.map(|(name, value)| (Value::Str(name.clone()), value.clone())).collect();
                Ok(self.make(scope, &place, Object::Dict(items)))
            }
            ("sorted", [of]) => {
                let (mut key, mut reverse) = (None, false);
                for (name, value) in &arguments.keywords {
                    match &**name {
                        "key" if *value != Value::None => key = Some(value),
                        "reverse" => reverse = self.truth(value)?,
                        _ => return refuse("such a call of `sorted`"),
                    }
                }
                let values = self.elements(of)?;
                self.sorted((scope, place), values, key, reverse)
            }
            _ => refuse(format!("a call of `{name}` with keywords")),
        }
    }

    fn is_callable(&mut self, value: &Value) -> Result<Value> {
        Ok(Value::Bool(match value {
            Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::Tuple(_)
            | Value::Ellipsis => false,
            Value::Builtin(_) | Value::Bound(..) | Value::Method(..) => true,
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Function(_) | Object::CachedFunction(_) | Object::Class(_)) => true,
                Some(Object::Instance { class, .. }) => {
                    self.class_attribute_if_own(&class, "__call__")?.is_some()
                }
                _ => false,
            },
            _ => return refuse("`callable` of such a value"),
        }))
    }

    /// Built-in functions and types about attributes and classes.
    fn call_on_classes(&mut self, name: &'static str, arguments: &[Value]) -> Result<Value> {
        match (name, arguments) {
            ("delattr", [of, Value::Str(name)]) => self.delete_attribute(of, name).map(|()| Value::None),
            ("issubclass", [class, wanted]) if self.is_class(class) && self.is_class(wanted) => {
                Ok(Value::Bool(self.is_subclass(class, wanted)?))
            }
            ("callable", [value]) => self.is_callable(value),
            ("type", [value]) => self.class_of(value),
            ("staticmethod", [function]) => {
                Ok(Value::Descriptor(Descriptor::Static, function.clone().into()))
            }
            ("classmethod", [function]) => Ok(Value::Descriptor(Descriptor::Class, function.clone().into())),
            ("property", [function]) => Ok(Value::Descriptor(Descriptor::Property, function.clone().into())),
            _ => self.call_over_elements(name, arguments),
        }
    }

    /// `type(value)`
    pub(super) fn class_of(&mut self, value: &Value) -> Result<Value> {
        Ok(Value::Builtin(match value {
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Tuple(_) => "tuple",
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Instance { class, .. }) => return Ok(Value::Object(class)),
                Some(Object::Exception(exception)) => return Ok(exception.class),
                Some(Object::List(_)) => "list",
                Some(Object::Dict(_)) => "dict",
                Some(Object::Set(_)) => "set",
                _ => return refuse("`type` of such a value"),
            },
            _ => return refuse("`type` of such a value"),
        }))
    }

    fn length(&mut self, of: &Value) -> Result<Value> {
        let length = match of {
            Value::Str(text) if text.contains('$') => {
                return refuse("a text that may name the ordering's directory");
            }
            Value::Str(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(values) | Object::Set(values)) => values.len(),
                Some(Object::Dict(items)) => items.len(),
                _ => return refuse("`len` of such a value"),
            },
            Value::Tuple(parts) | Value::Elements(parts) => parts.len(),
            _ => return refuse("`len` of such a value"),
        };
        Ok(Value::Int(i64::try_from(length).expect("what is in memory is shorter")))
    }

    fn print(&mut self, arguments: &[Value]) -> Result<Value> {
        let mut words = Vec::new();
        for argument in arguments {
            words.push(self.displayed(argument)?);
        }
        self.output.push_str(&words.join(" "));
        self.output.push('\n');
        Ok(Value::None)
    }
}
