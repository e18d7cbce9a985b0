//! Repairs as Python source for the agent.

use super::literal::{below, write_sequence, write_string};
use crate::scenario::{PieceValue, Repair};

/// Python source that repairs one piece of state; `ROOT` is the ordering's directory.
pub(super) fn repairing(repair: &Repair) -> String {
    let mut source = String::from("import sys\n");
    match repair {
        Repair::ForgetListing(path) => {
            // Like the finder's own function, which a module may have replaced.
            write_lookup(&mut source, "finder = sys.path_importer_cache[", &below(path), "]\n");
            source.push_str("object.__getattribute__(finder, '__dict__')['_path_mtime'] = -1");
        }
        Repair::ForgetArchive(path) => {
            source.push_str("import zipimport\n");
            write_lookup(&mut source, "zipimport._zip_directory_cache.pop(", &below(path), ", None)\n");
            write_lookup(&mut source, "del sys.path_importer_cache[", &below(path), "]");
        }
        Repair::ForgetMetadata => {
            source.push_str("import importlib.metadata\nimportlib.metadata.FastPath.__new__.cache_clear()");
        }
        Repair::DropPathEntry(path) => {
            write_lookup(&mut source, "del sys.path_importer_cache[", &below(path), "]");
        }
        Repair::ForgetModule(name) => {
            source.push_str("del sys.modules[");
            write_string(&mut source, name);
            source.push(']');
        }
        Repair::SetPackagePath { package, portions } => {
            write_assignment(&mut source, package, "__path__", |source| {
                write_sequence(source, portions, |source, path| write_lookup(source, "", &below(path), ""));
            });
        }
        Repair::BindChild { package, child } => write_binding(&mut source, package, child),
        Repair::RestoreAttribute { module, attribute, literal: Some(literal) } => {
            write_assignment(&mut source, module, attribute, |source| source.push_str(literal));
        }
        Repair::RestoreAttribute { module, attribute, literal: None } => {
            write_module(&mut source, module);
            source.push_str("name = ");
            write_string(&mut source, attribute);
            source.push_str("\nif names is None:\n    delattr(module, name)\nelse:\n    del names[name]");
        }
        other => write_other(&mut source, other),
    }
    source
}

/// Repairs of what is not the import system's, and what only looks.
fn write_other(source: &mut String, repair: &Repair) {
    match repair {
        Repair::RestoreVariable { variable, value } => {
            write_variable(source, variable, value.as_deref());
        }
        Repair::RestoreDirectory(path) => {
            source.push_str("import os\n");
            write_lookup(source, "os.chdir(", &below(path), ")");
        }
        Repair::DropRelativeEntry(entry) => {
            write_item(source, "del sys.path_importer_cache[", entry, "]");
        }
        Repair::ForgetRelativeListing(entry) => {
            write_item(source, "finder = sys.path_importer_cache[", entry, "]\n");
            source.push_str("object.__getattribute__(finder, '__dict__')['_path_mtime'] = -1");
        }
        Repair::AliasModule { name, of } => {
            write_item(source, "sys.modules[", name, "] = ");
            write_item(source, "sys.modules[", of, "]");
        }
        Repair::RebindName { reader, attribute, module, name } => {
            write_module(source, module);
            match name {
                Some(name) => write_item(source, "now = names[", name, "]\n"),
                None => source.push_str("now = module\n"),
            }
            write_module(source, reader);
            write_item(
                source,
                "if names[",
                attribute,
                "] is now:\n    raise LookupError('it is that object')\n",
            );
            write_item(source, "names[", attribute, "] = now");
        }
        Repair::EmptyCache { module, path } => {
            write_item(source, "empty_cache(sys.modules[", module, "], ");
            write_item(source, "", path, ")");
        }
        Repair::RestorePiece { address, value } => {
            write_item(source, "restore(", address, "");
            if let PieceValue::Literal(literal) = value {
                write_item(source, ", ", literal, "");
            }
            source.push(')');
        }
        Repair::Remember => source.push_str("remember()"),
        Repair::WatchLocks { after } => {
            source.push_str(&format!("watch_held_locks({:?})", after.as_secs_f64()));
        }
        Repair::WatchImports => source.push_str("watch_imports()"),
        _ => source.push_str("raise NotImplementedError"),
    }
}

fn write_item(source: &mut String, before: &str, text: &str, after: &str) {
    source.push_str(before);
    write_string(source, text);
    source.push_str(after);
}

fn write_lookup(source: &mut String, before: &str, below: &str, after: &str) {
    source.push_str(before);
    source.push_str("ROOT + ");
    write_string(source, below);
    source.push_str(after);
}

/// Binds `module` and `names`: the module, and its own dictionary. Assigning to a lazily loaded module would load it,
/// and a module's class may run code on assignment. An object that is no module has no such dictionary.
fn write_module(source: &mut String, module: &str) {
    source.push_str("module = sys.modules[");
    write_string(source, module);
    source.push_str(
        "]\nnames = None\nif issubclass(type(module), type(sys)):\n    \
         names = type(sys).__dict__['__dict__'].__get__(module)\n",
    );
}

fn write_assignment(source: &mut String, module: &str, attribute: &str, value: impl FnOnce(&mut String)) {
    write_module(source, module);
    source.push_str("name = ");
    write_string(source, attribute);
    source.push_str("\nvalue = ");
    value(source);
    source.push_str("\nif names is None:\n    setattr(module, name, value)\nelse:\n    names[name] = value");
}

/// Binds a submodule in its package, unless it is bound there.
fn write_binding(source: &mut String, package: &str, child: &str) {
    write_item(source, "child = sys.modules[", &format!("{package}.{child}"), "]\n");
    write_module(source, package);
    write_item(
        source,
        "if names is not None and names.get(",
        child,
        ") is child:\n    raise LookupError('it is bound already')\n",
    );
    write_assignment(source, package, child, |source| source.push_str("child"));
}

fn write_variable(source: &mut String, variable: &str, value: Option<&str>) {
    source.push_str("import os\n");
    let Some(value) = value else {
        source.push_str("restore_variable(os.environ, ");
        write_string(source, variable);
        source.push(')');
        return;
    };
    source.push_str("os.environ[");
    write_string(source, variable);
    source.push_str("] = ");
    write_string(source, value);
}
