//! `pkgutil.iter_modules` for one directory, as in the `pkgutil` of CPython 3.6 to 3.13. It is a generator there: what it gives is
//! for those who use it up at once.

use std::collections::BTreeSet;

use super::function::Arguments;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::state::{Cached, Finder, is_relative};
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Name, Value};
use crate::world::{EntryPath, Node};

/// The first part of each `ModuleInfo`.
const FINDER: &str = "pkgutil.ModuleInfo.module_finder";

/// Whether a tuple is a `ModuleInfo`.
pub(super) fn is_module_info(parts: &[Value]) -> bool {
    matches!(parts, [Value::Library(finder), _, _] if **finder == *FINDER)
}

/// An attribute of a `ModuleInfo`.
pub(super) fn module_info_attribute(parts: &[Value], name: &str) -> Result<Value> {
    match (name, parts) {
        ("name", [_, name, _]) => Ok(name.clone()),
        ("ispkg", [_, _, is_package]) => Ok(is_package.clone()),
        _ => refuse(format!("the attribute `{name}` of what `iter_modules` gives")),
    }
}

impl Machine<'_> {
    /// `pkgutil.iter_modules(path, prefix)`
    pub(super) fn iter_modules(&mut self, arguments: &Arguments) -> Result<Value> {
        let (path, prefix) = match (&arguments.positional[..], &arguments.keywords[..]) {
            ([path], []) => (path, Name::from("")),
            ([path, Value::Str(prefix)], []) => (path, prefix.clone()),
            ([path], [(name, Value::Str(prefix))]) if **name == *"prefix" => (path, prefix.clone()),
            _ => return refuse("such a call of `iter_modules`"),
        };
        if matches!(path, Value::Str(_)) {
            return refuse("such a call of `iter_modules`");
        }
        // What a loop does between two directories could change the second.
        let directory = match &self.elements(path)?[..] {
            [Value::Str(directory)] if !is_relative(directory) => directory.clone(),
            [] => return Ok(Value::Elements([].into())),
            _ => return refuse("`iter_modules` of such directories"),
        };
        let at = self.entry_at(&directory)?;
        let is_directory = self.memory.entry(&at).is_some_and(Node::is_directory);
        if !self.keeps_finder(&directory, is_directory) || !is_directory {
            return Ok(Value::Elements([].into()));
        }
        self.find_and_load(&"inspect".into())?;
        let modules = self.modules_in(&at)?;
        let info = |(name, is_package): (Name, bool)| {
            let name = Value::text(format!("{prefix}{name}"));
            Value::Tuple([Value::Library(FINDER.into()), name, Value::Bool(is_package)].into())
        };
        Ok(Value::Elements(modules.into_iter().map(info).collect()))
    }

    /// `get_importer`: whether there is a finder. It keeps a new one of a directory, and nothing else.
    pub(super) fn keeps_finder(&mut self, directory: &Name, is_directory: bool) -> bool {
        match self.memory.finder(directory) {
            Cached::Finder(_) => true,
            Cached::NoFinder => false,
            Cached::Unknown => {
                if is_directory {
                    self.memory.set_finder(directory, Some(Finder::default()));
                }
                is_directory
            }
        }
    }

    /// `_iter_file_finder_modules`: names of modules, each with whether it is a package.
    fn modules_in(&mut self, directory: &EntryPath) -> Result<Vec<(Name, bool)>> {
        let mut found: Vec<(Name, bool)> = Vec::new();
        let mut yielded = BTreeSet::new();
        // Python sorts by characters, as these are.
        for file in self.memory.names_in(directory) {
            let path = directory.join(&file);
            let mut name = module_name(&file)?.map(Name::from);
            if name.as_deref() == Some("__init__") || name.as_ref().is_some_and(|name| yielded.contains(name))
            {
                continue;
            }
            let mut is_package = false;
            if name.as_ref().is_none_or(|name| name.is_empty())
                && !file.contains('.')
                && self.memory.entry(&path).is_some_and(Node::is_directory)
            {
                if !self.has_init(&path)? {
                    continue;
                }
                (name, is_package) = (Some(file.clone()), true);
            }
            if let Some(name) = name.filter(|name| !name.is_empty() && !name.contains('.')) {
                yielded.insert(name.clone());
                found.push((name, is_package));
            }
        }
        Ok(found)
    }

    fn has_init(&mut self, directory: &EntryPath) -> Result<bool> {
        for file in self.memory.names_in(directory) {
            if module_name(&file)? == Some("__init__") {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// `inspect.getmodulename(file)`
fn module_name(file: &str) -> Result<Option<&str>> {
    if file.strip_suffix(".so").is_some() {
        return refuse(format!("an extension module: {file}"));
    }
    Ok(file.strip_suffix(".pyc").or_else(|| file.strip_suffix(".py")))
}
