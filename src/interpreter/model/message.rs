//! CPython's messages for a name that a module does not have, version by version: `import_from` of
//! `Python/ceval.c` and `module_getattro` of `Objects/moduleobject.c`.

use super::machine::Machine;
use super::module::{Module, Origin};
use super::quote::quoted;
use super::state::shown;
use super::stop::{Result, refuse};
use super::value::{Name, ObjectId};

/// Whether CPython 3.13 suspects a module in a script's own directory of shadowing (`_PyModule_IsPossiblyShadowing`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shadowing {
    No,
    Perhaps,
    /// It has the name of a module of the standard library.
    Library,
}

impl Machine<'_> {
    /// The message of the `ImportError` for `from own import name`.
    pub(super) fn cannot_import(&mut self, id: &ObjectId, own: &Name, name: &str) -> Result<String> {
        let Some(module) = self.memory.module_object(id).cloned() else {
            return refuse("a module that is gone");
        };
        let (name, from) = (quoted(name), quoted(own));
        if self.version < (3, 7) {
            return Ok(format!("cannot import name {name}"));
        }
        let partial = self.version >= (3, 8) && module.is_initializing();
        self.shadowing(&module)?;
        Ok(match &module.file {
            Some(file) if partial => format!(
                "cannot import name {name} from partially initialized module {from} (most likely due to a circular \
                 import) ({file})"
            ),
            Some(file) => format!("cannot import name {name} from {from} ({file})"),
            None => format!("cannot import name {name} from {from} (unknown location)"),
        })
    }

    /// The message of the `AttributeError` for `module.name`.
    pub(super) fn no_attribute(&mut self, id: &ObjectId, name: &str) -> Result<String> {
        let Some(module) = self.memory.module_object(id).cloned() else {
            return refuse("a module that is gone");
        };
        let own = &module.name;
        let plain = format!("module '{own}' has no attribute '{name}'");
        if self.version < (3, 8) {
            return Ok(plain);
        }
        let shadowing = self.shadowing(&module)?;
        let file = module.file.as_deref().unwrap_or_default();
        let initializing = module.is_initializing();
        let unfinished =
            module.spec.as_ref().is_some_and(|spec| spec.uninitialized.iter().any(|child| **child == *name));
        Ok(match shadowing {
            Shadowing::Library => format!(
                "{plain} (consider renaming '{file}' since it has the same name as the standard library module named \
                 '{own}' and the import system gives it precedence)"
            ),
            Shadowing::Perhaps if initializing => format!(
                "{plain} (consider renaming '{file}' if it has the same name as a third-party module you intended to \
                 import)"
            ),
            _ if initializing => {
                let from = match &module.file {
                    Some(file) if self.version >= (3, 13) => format!(" from '{file}'"),
                    _ => String::new(),
                };
                format!(
                    "partially initialized module '{own}'{from} has no attribute '{name}' (most likely due to a \
                     circular import)"
                )
            }
            _ if unfinished && self.version >= (3, 11) => format!(
                "cannot access submodule '{name}' of module '{own}' (most likely due to a circular import)"
            ),
            _ => plain,
        })
    }

    /// Since 3.13: the first entry of `sys.path` at the start was empty, which means the working directory. The
    /// messages of releases after 3.13.0 for such modules are not known here.
    fn shadowing(&mut self, module: &Module) -> Result<Shadowing> {
        let origin = module.spec.as_ref().map(|spec| &spec.origin);
        let (Some(Origin::Source(file) | Origin::Bytecode(file)), true) = (origin, self.version >= (3, 13))
        else {
            return Ok(Shadowing::No);
        };
        let root = file.strip_suffix("/__init__.py").unwrap_or(file);
        let directory = root.rsplit_once('/').map(|(directory, _)| directory);
        if directory != Some(&*shown(&self.working_directory()?)) {
            return Ok(Shadowing::No);
        }
        if self.micro > 0 {
            return refuse("a name that is missing from a module in the working directory itself");
        }
        if !module.name.contains('.') && self.library.get(&module.name).is_some() {
            return Ok(Shadowing::Library);
        }
        Ok(Shadowing::Perhaps)
    }
}
