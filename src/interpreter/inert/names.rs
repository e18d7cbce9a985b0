//! Names that a body may bind, read or import and stay inert.

/// Dunder names that Python reads as plain data.
pub(super) const PLAIN_DUNDERS: [&str; 9] = [
    "__all__",
    "__author__",
    "__debug__",
    "__doc__",
    "__file__",
    "__license__",
    "__name__",
    "__package__",
    "__version__",
];

/// Of those, the ones that a body may bind without the import system taking notice.
const BINDABLE_DUNDERS: [&str; 5] = ["__all__", "__author__", "__doc__", "__license__", "__version__"];

/// Modules whose import does more than define things: they run programs, read the working directory or are the agent.
const ACTIVE_MODULES: [&str; 10] = [
    "__main__",
    "antigravity",
    "idlelib",
    "pip",
    "site",
    "sitecustomize",
    "test",
    "turtle",
    "turtledemo",
    "usercustomize",
];

/// Attributes of `sys` that lead to what the import system remembers, times included.
const CACHES: [&str; 3] = ["meta_path", "path_hooks", "path_importer_cache"];

/// Built-in exceptions whose constructors do nothing but keep their arguments.
pub(super) const EXCEPTIONS: [&str; 22] = [
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "EnvironmentError",
    "Exception",
    "IOError",
    "ImportError",
    "IndexError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "ModuleNotFoundError",
    "NameError",
    "NotImplementedError",
    "OSError",
    "RuntimeError",
    "StopIteration",
    "SystemExit",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
];

pub(super) fn is_dunder(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

pub(super) fn may_bind(name: &str) -> bool {
    !is_dunder(name) || BINDABLE_DUNDERS.contains(&name)
}

pub(super) fn may_import(module: &str) -> bool {
    let first = module.split('.').next().unwrap_or(module);
    !ACTIVE_MODULES.contains(&first) && !module.split('.').any(|part| part == "__main__")
}

/// Names that may be read off a module: no private part of the import system, no star.
pub(super) fn is_plain_attribute(name: &str) -> bool {
    name != "*" && !CACHES.contains(&name) && (!name.starts_with('_') || PLAIN_DUNDERS.contains(&name))
}
