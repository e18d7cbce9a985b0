//! Repairs one piece of state. Diagnosis uses this to confirm a cause.

use super::machine::Machine;
use super::module::{Entry, PackagePath};
use super::object::Object;
use super::show::LIBRARY;
use super::state::{Cached, Finder, shown};
use super::stop::{Result, raise, refuse};
use super::value::{Name, ObjectId, Value};
use crate::scenario::{PieceValue, Repair};
use crate::world::EntryPath;

impl Machine<'_> {
    pub(super) fn repair(&mut self, repair: &Repair) -> Result<()> {
        match repair {
            Repair::ForgetListing(path) => {
                if !self.has_cached_finder(path)? {
                    return raise("AttributeError", "'NoneType' object has no attribute 'invalidate_caches'");
                }
                self.memory.set_finder(&shown(path), Some(Finder::default()));
                Ok(())
            }
            Repair::DropPathEntry(path) => {
                self.has_cached_finder(path)?;
                self.memory.finders_mut().remove(&shown(path));
                Ok(())
            }
            Repair::ForgetModule(name) => {
                let name: Name = name.as_str().into();
                self.required_module(&name)?;
                self.remove_module(&name).map(drop)
            }
            Repair::SetPackagePath { package, portions } => {
                let id = self.module_of(package)?;
                let directories = portions.iter().map(shown).collect();
                let Some(module) = self.memory.module_object_mut(&id) else {
                    return refuse("a module that is gone");
                };
                module.path = Some(PackagePath::List(directories));
                Ok(())
            }
            Repair::BindChild { package, child } => {
                let id = self.module_of(package)?;
                let module = self.required_module(&format!("{package}.{child}").into())?;
                if self.held_name(&id, child).as_ref() == Some(&module) {
                    return raise("LookupError", "it is bound already");
                }
                self.set_module_attribute(&id, child, module)
            }
            Repair::RestoreAttribute { module, attribute, literal } => {
                let id = self.module_of(module)?;
                let value = match literal {
                    Some(literal) => self.literal_of(literal)?,
                    None => return self.remove_attribute(&id, attribute),
                };
                self.set_module_attribute(&id, attribute, value)
            }
            Repair::RestoreVariable { variable, value } => {
                let name: Name = variable.as_str().into();
                if value.is_none() && self.environment(&name)?.is_none() {
                    return raise("KeyError", variable);
                }
                self.set_environment(&name, value.as_deref().map(Name::from))
            }
            other => self.repair_other(other),
        }
    }

    /// Repairs of what is not a package's or a finder's, and what only looks.
    fn repair_other(&mut self, repair: &Repair) -> Result<()> {
        match repair {
            Repair::RestoreDirectory(path) => self.change_directory(&shown(path)),
            Repair::DropRelativeEntry(entry) => {
                self.relative_finder(entry)?;
                self.memory.finders_mut().remove(entry.as_str());
                Ok(())
            }
            Repair::ForgetRelativeListing(entry) => {
                let Some(finder) = self.relative_finder(entry)? else {
                    return refuse("a finder that is not there");
                };
                self.memory.set_finder(&entry.as_str().into(), Some(Finder { recorded: None, ..finder }));
                Ok(())
            }
            Repair::AliasModule { name, of } => {
                let module = self.required_module(&of.as_str().into())?;
                self.memory.set_module(&name.as_str().into(), module);
                Ok(())
            }
            // It notes the first always, and its state is kept with each step; nothing of it waits.
            Repair::WatchImports | Repair::WatchLocks { .. } => Ok(()),
            Repair::Remember => self.remember(),
            Repair::RebindName { reader, attribute, module, name } => {
                self.rebind((reader, attribute), (module, name.as_deref()))
            }
            Repair::EmptyCache { module, path } => {
                let id = self.module_of(module)?;
                let function = self.held_name(&id, path);
                self.empty_cache(function.as_ref())
            }
            Repair::RestorePiece { address, value } => self.restore_piece(address, value),
            Repair::ForgetArchive(_) => refuse("zip archives"),
            Repair::ForgetMetadata => refuse("importlib.metadata"),
            _ => refuse("this repair"),
        }
    }

    /// Of the pieces that the model can put back, none holds anything yet.
    fn remember(&mut self) -> Result<()> {
        let names = self.built_in_names()?;
        let Some(module) = self.memory.module_object(&names) else { return refuse("a module that is gone") };
        if module.namespace.is_empty() { Ok(()) } else { refuse("names that stood in `builtins` before") }
    }

    /// Gives an attribute of one module the object that another module has, or that module.
    fn rebind(
        &mut self,
        (reader, attribute): (&str, &str),
        (module, name): (&str, Option<&str>),
    ) -> Result<()> {
        let (reader, module) = (self.module_of(reader)?, self.module_of(module)?);
        let now = match name {
            Some(name) => self.held_name(&module, name),
            None => Some(Value::Object(module)),
        };
        let (Some(held), Some(now)) = (self.held_name(&reader, attribute), now) else {
            return raise("KeyError", attribute);
        };
        if self.identical(&held, &now)? {
            return raise("LookupError", "it is that object");
        }
        self.set_module_attribute(&reader, attribute, now)
    }

    fn held_name(&mut self, module: &ObjectId, name: &str) -> Option<Value> {
        self.memory.module_object(module)?.namespace.get(name).cloned()
    }

    fn restore_piece(&mut self, address: &str, value: &PieceValue) -> Result<()> {
        let literal = match value {
            PieceValue::Literal(literal) => Some(literal.as_str()),
            PieceValue::Absent | PieceValue::AsLoaded | PieceValue::Remembered => None,
        };
        if let ("sys.path", Some(literal)) = (address, literal) {
            return self.restore_path(literal);
        }
        let Some(name) = address.strip_prefix("builtins.") else {
            return self.restore_of_class(address, literal, *value == PieceValue::Absent);
        };
        let names = self.built_in_names()?;
        match literal {
            None => self.remove_attribute(&names, name),
            Some(literal) => {
                let value = self.literal_of(literal)?;
                self.set_module_attribute(&names, name, value)
            }
        }
    }

    /// Gives an attribute of a class a value, or takes it away.
    fn restore_of_class(&mut self, address: &str, literal: Option<&str>, absent: bool) -> Result<()> {
        let Some((module, rest)) = self.memory.state().module_before(address) else {
            return refuse(format!("putting back {address}"));
        };
        let Some((class, attribute)) = rest.split_once('.') else {
            return refuse(format!("putting back {address}"));
        };
        let id = self.module_of(&module)?;
        let Some(Value::Object(class)) = self.held_name(&id, class) else {
            return raise("LookupError", address);
        };
        let value = match literal {
            Some(literal) => Some(self.literal_of(literal)?),
            None if absent => None,
            None => return refuse(format!("putting back {address}")),
        };
        let Some(Object::Class(class)) = self.memory.object_mut(&class) else {
            return raise("LookupError", address);
        };
        let old = match value {
            Some(value) => class.namespace.insert(attribute.into(), value),
            None => class.namespace.remove(attribute),
        };
        self.memory.dropping(old.as_ref());
        Ok(())
    }

    fn restore_path(&mut self, literal: &str) -> Result<()> {
        let Value::Object(list) = self.literal_of(literal)? else { return refuse("such a `sys.path`") };
        let Some(Object::List(entries)) = self.memory.object(&list).cloned() else {
            return refuse("such a `sys.path`");
        };
        let entry = |value: &Value| match value {
            Value::Str(text) if **text == *LIBRARY => Ok(Entry::Library),
            Value::Str(text) => Ok(Entry::Directory(text.clone())),
            _ => refuse("such an entry of `sys.path`"),
        };
        *self.memory.path_mut() = entries.iter().map(entry).collect::<Result<_>>()?;
        Ok(())
    }

    fn built_in_names(&mut self) -> Result<ObjectId> {
        self.module_of("builtins")
    }

    /// Whether the entry of `sys.path_importer_cache` for a directory is a finder.
    fn has_cached_finder(&mut self, path: &EntryPath) -> Result<bool> {
        match self.memory.finder(&shown(path)) {
            Cached::Finder(_) => Ok(true),
            Cached::NoFinder => Ok(false),
            Cached::Unknown => raise("KeyError", shown(path)),
        }
    }

    /// The finder of a relative entry, or `None` if the cache says that there is none.
    fn relative_finder(&mut self, entry: &str) -> Result<Option<Finder>> {
        match self.memory.finder(&entry.into()) {
            Cached::Finder(finder) => Ok(Some(finder.clone())),
            Cached::NoFinder => Ok(None),
            Cached::Unknown => raise("KeyError", entry),
        }
    }

    fn required_module(&mut self, name: &Name) -> Result<Value> {
        match self.module_entry(name)? {
            Some(module) => Ok(module),
            None => raise("KeyError", name),
        }
    }

    fn module_of(&mut self, name: &str) -> Result<ObjectId> {
        let module = self.required_module(&name.into())?;
        match self.as_module(&module) {
            Some(id) => Ok(id),
            None => refuse(format!("`{name}`, which is no module")),
        }
    }

    fn remove_attribute(&mut self, id: &ObjectId, name: &str) -> Result<()> {
        let old = self.memory.module_object_mut(id).and_then(|module| module.namespace.remove(name));
        if old.is_none() {
            return raise("AttributeError", name);
        }
        self.memory.dropping(old.as_ref());
        Ok(())
    }

    /// The value of a Python literal.
    fn literal_of(&mut self, literal: &str) -> Result<Value> {
        let mut module = super::module::Module::new(&"literal".into());
        module.package = None;
        let id = self.memory.make(&"literal".into(), Object::Module(module.into()));
        let body = self.body(&format!("value = {literal}\n").into_bytes().into())?;
        let importer = super::import::Importer { package: None, homeless: true };
        self.run(&super::body::BodyFrame::of_module(&id, "a literal", &body, importer))?;
        let found = self.memory.module_object(&id).and_then(|module| module.namespace.get("value").cloned());
        match found {
            Some(value) => Ok(value),
            None => refuse("such a literal"),
        }
    }
}
