//! `runpy.run_module(name, run_name='__main__', alter_sys=True)`, of CPython 3.6 to 3.13: a second copy of a module, which is gone when
//! its body has run.

use super::body::BodyFrame;
use super::import::Importer;
use super::machine::Machine;
use super::module::{Module, Origin, split_name};
use super::object::{Exception, Object};
use super::quote::quoted;
use super::stop::{EvaluationError, Result, refuse};
use super::value::Name;

impl Machine<'_> {
    pub(super) fn run_module(&mut self, name: &Name) -> Result<()> {
        self.find_and_load(&"runpy".into())?;
        if name.ends_with(".py") {
            return refuse("running a module with the name of a file, of which a message speaks");
        }
        let (parent, _) = split_name(name);
        if !parent.is_empty() {
            let importer = Importer { package: None, homeless: true };
            match self.import_name(parent, &[], 0, &importer) {
                Err(EvaluationError::Raise(raised))
                    if self.is_instance_of(&raised.class, "ImportError")? =>
                {
                    return refuse("running a module whose package cannot be imported");
                }
                imported => imported?,
            };
        }
        if self.module_entry(name)?.is_some() {
            return refuse("running a module that is imported already, of which Python warns");
        }
        let found = match self.spec_found(name) {
            Err(EvaluationError::Raise(raised)) if self.is_wrapped(&raised)? => {
                let class = self.class_name(&raised.class)?;
                let message = format!(
                    "Error while finding module specification for {} ({class}: {})",
                    quoted(name),
                    raised.message
                );
                return Err(EvaluationError::exception("ImportError", message));
            }
            found => found?,
        };
        let Some(spec) = found else {
            let message = format!("No module named {name}");
            return Err(EvaluationError::exception("ImportError", message));
        };
        let Origin::Source(file) = spec.origin.clone() else {
            return refuse("running what is no source file");
        };
        if spec.locations.is_some() {
            return refuse("running a package");
        }
        let source = self.source_code(&file)?;
        let body = self.body(&source).map_err(|stop| stop.at(|| file.to_string()))?;
        let package = spec.parent();
        let mut module = Module::new(name);
        module.apply(spec, self.version);
        module.name = "__main__".into();
        let id = self.memory.make(&"program".into(), Object::Module(module.into()));
        self.run(&BodyFrame::of_module(
            &id,
            &file,
            &body,
            Importer { package: Some(package), homeless: false },
        ))
    }
    /// Whether `runpy` raises its own exception in the place of one that finding a spec raised.
    fn is_wrapped(&mut self, raised: &Exception) -> Result<bool> {
        for class in ["ImportError", "AttributeError", "TypeError", "ValueError"] {
            if self.is_instance_of(&raised.class, class)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
