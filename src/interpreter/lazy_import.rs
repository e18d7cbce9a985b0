//! The import of a module through `LazyLoader`, as its documentation shows: Python code that both kinds of interpreters run.

/// The code, after a first line that binds `name` to the module's name.
pub(super) const LAZY_IMPORT: &str = "spec = importlib.util.find_spec(name)\n\
     loader = importlib.util.LazyLoader(spec.loader)\n\
     spec.loader = loader\n\
     module = importlib.util.module_from_spec(spec)\n\
     sys.modules[name] = module\n\
     loader.exec_module(module)\n";
