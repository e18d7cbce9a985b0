//! The texts of Python values: `repr` and `str`.

use super::memory::Memory;
use super::module::{Module, Origin};
use super::object::{Exception, Object};
use super::quote::{quoted, quoted_bytes};
use super::stop::{Result, refuse};
use super::value::{Float, ProcessObject, Value};

/// `repr(value)`, with the ordering's directory as `$`.
pub(super) fn repr(memory: &mut Memory, value: &Value) -> Result<String> {
    Ok(match value {
        Value::None => "None".to_owned(),
        Value::Ellipsis => "Ellipsis".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => float(*value),
        Value::Str(text) => {
            if text.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric()) {
                return refuse("the `repr` of a text with characters that are not ASCII");
            }
            quoted(text)
        }
        Value::Bytes(bytes) => format!("b{}", quoted_bytes(bytes)),
        Value::Tuple(parts) => match &**parts {
            [one] => format!("({},)", repr(memory, one)?),
            parts => format!("({})", all(memory, parts)?),
        },
        Value::Object(id) => match memory.object(id).cloned() {
            Some(object) => object_repr(memory, &object)?,
            None => return refuse("an object that is gone"),
        },
        Value::Builtin(name) if is_function(name) => format!("<built-in function {name}>"),
        Value::Builtin(name) => format!("<class '{name}'>"),
        Value::Known(ProcessObject::Modules | ProcessObject::Path | ProcessObject::Environment)
        | Value::Library(_)
        | Value::Method(..)
        | Value::Bound(..)
        | Value::Descriptor(..)
        | Value::Loader(..)
        | Value::Elements(_) => return refuse("the `repr` of an object of the interpreter"),
    })
}

/// Whether a built-in is a function, and no type.
fn is_function(name: &str) -> bool {
    const FUNCTIONS: [&str; 17] = [
        "__import__",
        "all",
        "any",
        "callable",
        "delattr",
        "getattr",
        "globals",
        "hasattr",
        "isinstance",
        "issubclass",
        "len",
        "max",
        "min",
        "print",
        "repr",
        "setattr",
        "sum",
    ];
    FUNCTIONS.contains(&name) || name == "sorted"
}

fn object_repr(memory: &mut Memory, object: &Object) -> Result<String> {
    Ok(match object {
        Object::Module(module) => module_repr(module)?,
        Object::List(values) => format!("[{}]", all(memory, values)?),
        Object::Dict(items) => {
            let mut parts = Vec::new();
            for (key, value) in items {
                parts.push(format!("{}: {}", repr(memory, key)?, repr(memory, value)?));
            }
            format!("{{{}}}", parts.join(", "))
        }
        Object::Class(class) => format!("<class '{}.{}'>", class.module, class.name),
        Object::Set(values) => match &values[..] {
            [] => "set()".to_owned(),
            [one] => format!("{{{}}}", repr(memory, one)?),
            _ => return refuse("the order of a set"),
        },
        Object::Function(_)
        | Object::CachedFunction(_)
        | Object::Locals(_)
        | Object::Spec(_)
        | Object::Instance { .. } => {
            return refuse("the `repr` of an object, an address");
        }
        Object::Exception(exception) => exception_repr(memory, exception)?,
    })
}

fn exception_repr(memory: &mut Memory, exception: &Exception) -> Result<String> {
    let Value::Builtin(class) = exception.class else {
        return refuse("the `repr` of an exception of a class of its own");
    };
    Ok(match &exception.arguments[..] {
        [] => format!("{class}()"),
        arguments => format!("{class}({})", all(memory, arguments)?),
    })
}

/// `_module_repr_from_spec`
fn module_repr(module: &Module) -> Result<String> {
    if module.opaque {
        return refuse("the `repr` of a module of the standard library");
    }
    match &module.spec {
        Some(spec) if matches!(spec.origin, Origin::Source(_) | Origin::Bytecode(_)) => {
            let file = spec.location().map_or("", |file| file);
            Ok(format!("<module {} from {}>", quoted(&spec.name), quoted(file)))
        }
        Some(_) => refuse("the `repr` of a namespace package"),
        // A reload that found nothing leaves the file.
        None => Ok(match &module.file {
            Some(file) => format!("<module {} from {}>", quoted(&module.name), quoted(file)),
            None => format!("<module {}>", quoted(&module.name)),
        }),
    }
}

fn all(memory: &mut Memory, values: &[Value]) -> Result<String> {
    let mut parts = Vec::new();
    for value in values {
        parts.push(repr(memory, value)?);
    }
    Ok(parts.join(", "))
}

/// `str(value)`
pub(super) fn shown(memory: &mut Memory, value: &Value) -> Result<String> {
    match value {
        Value::Str(text) => Ok(text.to_string()),
        Value::Object(id) => {
            if let Some(Object::Exception(exception)) = memory.object(id) {
                return Ok(exception.message.to_string());
            }
            repr(memory, value)
        }
        _ => repr(memory, value),
    }
}

/// `str` of an exception with these arguments.
pub(super) fn message_of(memory: &mut Memory, class: &str, arguments: &[Value]) -> Result<String> {
    match arguments {
        [] => Ok(String::new()),
        [one] if class == "KeyError" => repr(memory, one),
        [one] => shown(memory, one),
        [number, text] if class == "OSError" => {
            Ok(format!("[Errno {}] {}", shown(memory, number)?, shown(memory, text)?))
        }
        _ if matches!(class, "OSError" | "SyntaxError") => refuse("an exception with so many arguments"),
        several => Ok(format!("({})", all(memory, several)?)),
    }
}

/// `float.__repr__`: the shortest digits that read back as the same float, with an exponent below 1e-4 and from 1e16 on.
fn float(value: Float) -> String {
    let value = value.get();
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let shown = format!("{value:e}");
        let (digits, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |rest| ("-", rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let shown = value.to_string();
    if shown.contains('.') { shown } else { format!("{shown}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_in_python() {
        for (value, wanted) in [
            (0.1, "0.1"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (1e16, "1e+16"),
            (1.5e-7, "1.5e-07"),
            (123_456_789.0, "123456789.0"),
            (0.0001, "0.0001"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(float(Float::new(value)), wanted);
        }
    }
}
