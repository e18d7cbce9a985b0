//! `importlib.import_module` and the `_gcd_import` behind it: imports that Python code asks for. Those of statements are
//! in `import`.

use super::import::Importer;
use super::machine::Machine;
use super::quote::quoted;
use super::stop::{Result, raise, refuse};
use super::value::{Name, Value};

impl Machine<'_> {
    /// `importlib.import_module(name, package)`, with `_gcd_import`.
    pub(super) fn import_module(&mut self, name: &Name, package: Option<&Name>) -> Result<Value> {
        let bare = name.trim_start_matches('.');
        if bare.len() == name.len() {
            if name.is_empty() {
                return raise("ValueError", "Empty module name");
            }
            return self.gcd_import(name);
        }
        let Some(package) = package.filter(|package| !package.is_empty()) else {
            let message = "the 'package' argument is required to perform a relative import for ";
            return raise("TypeError", format!("{message}{}", quoted(name)));
        };
        let Ok(level) = u32::try_from(name.len() - bare.len()) else { return refuse("so many dots") };
        let importer = Importer { package: Some(package.clone()), homeless: false };
        self.gcd_import(&self.resolve(bare, level, &importer)?)
    }

    /// `_gcd_import`: since 3.11 it reads the spec of a module in `sys.modules`, up to 3.10 nothing.
    pub(super) fn gcd_import(&mut self, name: &Name) -> Result<Value> {
        match self.module_entry(name)? {
            Some(module) if self.as_module(&module).is_some_and(|id| self.is_lazy(&id)) => {
                if self.version >= (3, 11) {
                    self.note_reader(name, &module);
                    self.read_spec(&module)?;
                }
                Ok(module)
            }
            _ => self.find_and_load(name),
        }
    }
}
