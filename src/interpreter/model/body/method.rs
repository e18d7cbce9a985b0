//! Methods of lists, dicts, texts, `sys.modules`, `sys.path` and `os.environ`.

use ruff_text_size::TextRange;

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::Entry;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::{ObjectId, ProcessObject, Value};

/// The methods that the model evaluates.
pub(super) const METHODS: [&str; 36] = [
    "add",
    "append",
    "capitalize",
    "clear",
    "copy",
    "count",
    "discard",
    "endswith",
    "extend",
    "format",
    "get",
    "index",
    "insert",
    "isdigit",
    "isidentifier",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "partition",
    "pop",
    "remove",
    "replace",
    "reverse",
    "rpartition",
    "rsplit",
    "rstrip",
    "setdefault",
    "split",
    "startswith",
    "strip",
    "update",
    "upper",
    "values",
    "sort",
];

/// Methods of texts.
const OF_TEXT: [&str; 20] = [
    "capitalize",
    "count",
    "endswith",
    "format",
    "index",
    "isdigit",
    "isidentifier",
    "join",
    "lower",
    "lstrip",
    "partition",
    "replace",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "startswith",
    "strip",
    "title",
    "upper",
];

/// Whether a plain value could have an attribute of this name that the model does not know.
pub(super) fn may_have(value: &Value, name: &str) -> bool {
    match value {
        Value::Str(_) => true,
        Value::Int(_) => matches!(
            name,
            "as_integer_ratio"
                | "bit_count"
                | "bit_length"
                | "conjugate"
                | "denominator"
                | "from_bytes"
                | "imag"
                | "is_integer"
                | "numerator"
                | "real"
                | "to_bytes"
        ),
        _ => false,
    }
}

impl Machine<'_> {
    /// Whether a value has this method.
    pub(super) fn has_method(&mut self, value: &Value, method: &str) -> bool {
        let of_dict = matches!(method, "clear" | "copy" | "get" | "pop" | "setdefault" | "update");
        let of_list = matches!(
            method,
            "append"
                | "clear"
                | "copy"
                | "count"
                | "extend"
                | "index"
                | "insert"
                | "pop"
                | "remove"
                | "reverse"
                | "sort"
        );
        match value {
            Value::Known(ProcessObject::Modules | ProcessObject::Environment) => of_dict,
            Value::Known(ProcessObject::Path) => of_list,
            Value::Str(_) => OF_TEXT.contains(&method),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(_)) => of_list,
                Some(Object::Dict(_)) => of_dict || matches!(method, "items" | "keys" | "values"),
                Some(Object::Set(_)) => {
                    matches!(method, "add" | "clear" | "copy" | "discard" | "remove" | "update")
                }
                _ => false,
            },
            _ => false,
        }
    }

    pub(super) fn call_method(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        of: &Value,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value> {
        match of {
            Value::Known(ProcessObject::Modules) => self.modules_method(method, arguments),
            Value::Known(ProcessObject::Environment) => self.environment_method(method, arguments),
            Value::Known(ProcessObject::Path) => self.path_method(method, arguments),
            Value::Str(text) => self.text_method((scope, place), text, method, arguments),
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::List(values)) => match self.list_method(id, values, method, arguments)? {
                    Some(value) => Ok(value),
                    None => self.copy(scope, place, id),
                },
                Some(Object::Dict(items)) => match self.dict_method(id, items, method, arguments)? {
                    Some(value) => Ok(value),
                    None => self.copy(scope, place, id),
                },
                Some(Object::Set(values)) => match self.set_method(id, values, method, arguments)? {
                    Some(value) => Ok(value),
                    None => self.copy(scope, place, id),
                },
                _ => refuse(format!("the method `{method}`")),
            },
            _ => refuse(format!("the method `{method}`")),
        }
    }

    fn copy(&mut self, scope: &Scope<'_>, place: TextRange, id: &ObjectId) -> Result<Value> {
        match self.memory.object(id).cloned() {
            Some(object) => Ok(self.make(scope, &place, object)),
            None => refuse("an object that is gone"),
        }
    }

    fn modules_method(&mut self, method: &str, arguments: &[Value]) -> Result<Value> {
        let [Value::Str(name), rest @ ..] = arguments else {
            return refuse(format!("`sys.modules.{method}`"));
        };
        let found = self.module_entry(name)?;
        match (method, rest, found) {
            ("get" | "pop", [_] | [], None) if method == "get" || !rest.is_empty() => {
                Ok(rest.first().cloned().unwrap_or(Value::None))
            }
            ("pop", [], None) => raise("KeyError", name),
            ("get", [_] | [], Some(found)) | ("setdefault", [_], Some(found)) => Ok(found),
            ("pop", [_] | [], Some(found)) => {
                self.remove_module(name)?;
                Ok(found)
            }
            ("setdefault", [value], None) => {
                self.may_replace_module(name)?;
                self.memory.set_module(name, value.clone());
                Ok(value.clone())
            }
            _ => refuse(format!("such a call of `sys.modules.{method}`")),
        }
    }

    fn environment_method(&mut self, method: &str, arguments: &[Value]) -> Result<Value> {
        let [Value::Str(name), rest @ ..] = arguments else {
            return refuse(format!("`os.environ.{method}`"));
        };
        let found = self.environment(name)?;
        match (method, rest, found) {
            ("get", [] | [_], None) => Ok(rest.first().cloned().unwrap_or(Value::None)),
            ("get", [] | [_], Some(found)) | ("setdefault", [Value::Str(_)], Some(found)) => {
                Ok(Value::Str(found))
            }
            ("pop", [], None) => raise("KeyError", name),
            ("pop", [default], None) => Ok(default.clone()),
            ("pop", [] | [_], Some(found)) => {
                self.set_environment(name, None)?;
                Ok(Value::Str(found))
            }
            ("setdefault", [Value::Str(value)], None) => {
                self.set_environment(name, Some(value.clone()))?;
                Ok(Value::Str(value.clone()))
            }
            _ => refuse(format!("such a call of `os.environ.{method}`")),
        }
    }

    fn path_method(&mut self, method: &str, arguments: &[Value]) -> Result<Value> {
        let directory = |value: &Value| match value {
            Value::Str(text) => Self::path_entry(text),
            _ => refuse("an entry of `sys.path` that is no text"),
        };
        match (method, arguments) {
            ("append", [path]) => {
                let entry = Entry::Directory(directory(path)?);
                self.memory.path_mut().push(entry);
            }
            ("insert", [Value::Int(0), path]) => {
                let entry = Entry::Directory(directory(path)?);
                self.memory.path_mut().insert(0, entry);
            }
            ("remove", [path]) => {
                let entry = Entry::Directory(directory(path)?);
                let path = self.memory.path_mut();
                let Some(at) = path.iter().position(|other| *other == entry) else {
                    return raise("ValueError", "list.remove(x): x not in list");
                };
                path.remove(at);
            }
            _ => return refuse(format!("such a call of `sys.path.{method}`")),
        }
        Ok(Value::None)
    }
}
