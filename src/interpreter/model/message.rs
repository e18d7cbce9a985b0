//! What CPython says of a name that a module does not have, version by version: `import_from` of `Python/ceval.c` and
//! `module_getattro` of `Objects/moduleobject.c`.

use super::machine::Machine;
use super::module::{Module, Origin};
use super::text::quoted;
use super::value::{Name, ObjectId};

/// What CPython 3.13 suspects of a module that stands where a script's own directory is (`_PyModule_IsPossiblyShadowing`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shadowing {
    No,
    Perhaps,
    /// It has the name of a module of the standard library.
    Library,
}

impl Machine<'_> {
    /// The message of the `ImportError` for `from own import name`.
    pub(super) fn cannot_import(&mut self, id: &ObjectId, own: &Name, name: &str) -> String {
        let Some(module) = self.memory.module_object(id).cloned() else { return String::new() };
        let (name, from) = (quoted(name), quoted(own));
        if self.version < (3, 7) {
            return format!("cannot import name {name}");
        }
        let partial = self.version >= (3, 8) && module.is_initializing();
        let shadowing = self.shadowing(&module);
        let file = module.file.as_deref().unwrap_or_default();
        match (&module.file, shadowing) {
            (Some(_), Shadowing::Library) => format!(
                "cannot import name {name} from {from} (consider renaming {} since it has the same name as the \
                 standard library module named {from} and the import system gives it precedence)",
                quoted(file)
            ),
            (Some(_), Shadowing::Perhaps) if partial => format!(
                "cannot import name {name} from {from} (consider renaming {} if it has the same name as a library \
                 you intended to import)",
                quoted(file)
            ),
            (Some(_), _) if partial => format!(
                "cannot import name {name} from partially initialized module {from} (most likely due to a circular \
                 import) ({file})"
            ),
            (Some(_), _) => format!("cannot import name {name} from {from} ({file})"),
            (None, _) => format!("cannot import name {name} from {from} (unknown location)"),
        }
    }

    /// The message of the `AttributeError` for `module.name`.
    pub(super) fn no_attribute(&mut self, id: &ObjectId, name: &str) -> String {
        let Some(module) = self.memory.module_object(id).cloned() else { return String::new() };
        let own = &module.name;
        let plain = format!("module '{own}' has no attribute '{name}'");
        if self.version < (3, 8) {
            return plain;
        }
        let shadowing = self.shadowing(&module);
        let file = module.file.as_deref().unwrap_or_default();
        if shadowing == Shadowing::Library {
            return format!(
                "{plain} (consider renaming '{file}' since it has the same name as the standard library module \
                 named '{own}' and the import system gives it precedence)"
            );
        }
        if module.is_initializing() {
            if shadowing == Shadowing::Perhaps {
                return format!(
                    "{plain} (consider renaming '{file}' if it has the same name as a library you intended to import)"
                );
            }
            let from = match &module.file {
                Some(file) if self.version >= (3, 13) => format!(" from '{file}'"),
                _ => String::new(),
            };
            return format!(
                "partially initialized module '{own}'{from} has no attribute '{name}' (most likely due to a circular \
                 import)"
            );
        }
        let unfinished =
            module.spec.as_ref().is_some_and(|spec| spec.uninitialized.iter().any(|child| **child == *name));
        if unfinished && self.version >= (3, 11) {
            return format!(
                "cannot access submodule '{name}' of module '{own}' (most likely due to a circular import)"
            );
        }
        plain
    }

    /// Since 3.13: the first entry of `sys.path` at the start was empty, which stands for the working directory.
    fn shadowing(&self, module: &Module) -> Shadowing {
        let origin = module.spec.as_ref().map(|spec| &spec.origin);
        let (Some(Origin::Source(file) | Origin::Bytecode(file)), true) = (origin, self.version >= (3, 13))
        else {
            return Shadowing::No;
        };
        let root = file.strip_suffix("/__init__.py").unwrap_or(file);
        if root.rsplit_once('/').is_none_or(|(directory, _)| directory != "$") {
            return Shadowing::No;
        }
        if !module.name.contains('.') && self.library.get(&module.name).is_some() {
            return Shadowing::Library;
        }
        Shadowing::Perhaps
    }
}
