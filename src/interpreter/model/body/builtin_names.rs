//! The names of what is built into Python, as far as the model knows it and beyond.

use crate::interpreter::model::stop::builtin_exception;

/// Built-in functions and types that can be called or named.
pub(super) const BUILTINS: [&str; 38] = [
    "__import__",
    "all",
    "any",
    "bool",
    "bytes",
    "callable",
    "classmethod",
    "delattr",
    "dict",
    "enumerate",
    "float",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "int",
    "isinstance",
    "issubclass",
    "len",
    "list",
    "max",
    "min",
    "object",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "set",
    "setattr",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "zip",
];

/// Whether a name is built in, and so could not be given a meaning by setting it.
pub(super) fn is_known(name: &str) -> bool {
    is_builtin(name)
        || BUILTINS.contains(&name)
        || builtin_exception(name).is_some()
        || name.starts_with("__")
}

/// Whether a name is built in, in some version, so that it raises no `NameError`.
pub(super) fn is_builtin(name: &str) -> bool {
    const NAMES: &str = " abs aiter all anext any ascii bin breakpoint bytearray bytes callable chr classmethod compile \
        complex copyright credits delattr dir divmod enumerate eval exec exit filter float format frozenset globals hash \
        help hex id input issubclass iter license locals map max memoryview min next object oct open ord pow property \
        quit range reversed round set slice staticmethod sum super type vars zip NotImplemented Ellipsis ";
    NAMES.contains(&format!(" {name} "))
        || name.ends_with("Error")
        || name.ends_with("Warning")
        || name.ends_with("Exception")
        || matches!(name, "StopAsyncIteration" | "BaseExceptionGroup" | "ExceptionGroup")
}
