//! Packages that set or add to their `__path__`: by a list, its methods, and `pkgutil.extend_path`, which looks for further portions
//! in the entries of `sys.path`. The list has no other name: the import system and nobody else reads it.

use ruff_python_ast::{Expr, ExprCall, StmtAssign};

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::module::{Entry, PackagePath, split_name};
use crate::interpreter::model::state::{entry_of, is_relative};
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};
use crate::world::Node;

impl Machine<'_> {
    /// `__path__ = ...` in a module's body, or `module.__path__ = ...`; returns whether the statement is one of these.
    pub(super) fn assigned_path(&mut self, scope: &mut Scope<'_>, node: &StmtAssign) -> Result<bool> {
        let [target] = &node.targets[..] else { return Ok(false) };
        let in_body = scope.class.is_none() && scope.call.is_none();
        let of = match target {
            Expr::Name(name) if in_body && name.id.as_str() == "__path__" => None,
            Expr::Attribute(target) if target.attr.as_str() == "__path__" => Some(&target.value),
            _ => return Ok(false),
        };
        let value = match &*node.value {
            Expr::List(list) => Value::Elements(self.all(scope, &list.elts)?.into()),
            value => self.evaluate_elements(scope, value)?,
        };
        let module = match of {
            None => scope.frame.module.clone(),
            Some(of) => {
                let of = self.evaluate(scope, of)?;
                match self.as_module(&of) {
                    Some(module) => module,
                    None => return refuse("a `__path__` of what is no module"),
                }
            }
        };
        let Value::Elements(portions) = value else { return refuse("such a value for `__path__`") };
        self.set_path(&module, &portions)?;
        Ok(true)
    }

    /// A method of the list: `__path__.append(...)` in a package's body, or `package.__path__.append(...)`; `None` if the call is
    /// something else.
    pub(super) fn call_on_path(&mut self, scope: &mut Scope<'_>, node: &ExprCall) -> Result<Option<Value>> {
        let Expr::Attribute(method) = &*node.func else { return Ok(None) };
        let in_body = scope.class.is_none() && scope.call.is_none();
        let id = match &*method.value {
            Expr::Name(name) if in_body && name.id.as_str() == "__path__" => scope.frame.module.clone(),
            Expr::Attribute(of) if of.attr.as_str() == "__path__" => {
                let of = self.evaluate(scope, &of.value)?;
                match self.as_module(&of) {
                    Some(module) => module,
                    None => return refuse("a `__path__` of what is no module"),
                }
            }
            _ => return Ok(None),
        };
        let path = self.memory.module_object(&id).and_then(|module| module.path.clone());
        let Some(PackagePath::List(directories)) = path else {
            return refuse("a method of a `__path__` that is no list");
        };
        let mut portions: Vec<Value> = directories.iter().cloned().map(Value::Str).collect();
        match (method.attr.as_str(), &*node.arguments.args) {
            ("append", [portion]) => portions.push(self.evaluate(scope, portion)?),
            ("insert", [at, portion]) if self.evaluate(scope, at)? == Value::Int(0) => {
                portions.insert(0, self.evaluate(scope, portion)?);
            }
            ("extend", [more]) => {
                let more = self.evaluate_elements(scope, more)?;
                portions.extend(self.elements(&more)?);
            }
            _ => return refuse("such a method of a `__path__`"),
        }
        if !node.arguments.keywords.is_empty() {
            return refuse("a call with keywords");
        }
        self.set_path(&id, &portions)?;
        Ok(Some(Value::None))
    }

    fn set_path(&mut self, id: &ObjectId, portions: &[Value]) -> Result<()> {
        let directory = |portion: &Value| match portion {
            Value::Str(path) if entry_of(path).is_some() => Ok(path.clone()),
            _ => refuse("an entry of a `__path__` that is no absolute path"),
        };
        let directories = portions.iter().map(directory).collect::<Result<Vec<Name>>>()?;
        match self.memory.module_object_mut(id) {
            Some(module) if !module.opaque => {
                module.path = Some(PackagePath::List(directories));
                Ok(())
            }
            _ => refuse("a `__path__` for a package of the standard library"),
        }
    }

    /// `pkgutil.extend_path(path, name)`: the path, and a portion for each further entry that has a package of that name.
    pub(super) fn extend_path(&mut self, arguments: &[Value]) -> Result<Value> {
        let [path, Value::Str(name)] = arguments else { return refuse("such a call of `extend_path`") };
        let mut portions = self.elements(path)?;
        let (parent, last) = split_name(name);
        if self.library.get(last).is_some() {
            return refuse("`extend_path` for a name of the standard library");
        }
        for entry in self.entries_above(parent)? {
            let Entry::Directory(directory) = entry else { continue };
            for portion in self.portions_in(&directory, name)? {
                let portion = Value::Str(portion);
                if !portions.contains(&portion) {
                    portions.push(portion);
                }
            }
        }
        Ok(Value::Elements(portions.into()))
    }

    /// Where a package of a parent is sought: `sys.path`, or the parent's `__path__`.
    fn entries_above(&mut self, parent: &str) -> Result<Vec<Entry>> {
        if parent.is_empty() {
            return Ok(self.memory.path().to_vec());
        }
        let parent = self.module_entry(&parent.into())?;
        let module = parent.and_then(|parent| self.as_module(&parent));
        match module.and_then(|id| self.memory.module_object(&id)).map(|module| module.path.clone()) {
            Some(Some(path)) => self.entries_of(&path),
            _ => refuse("`extend_path` below what is no package"),
        }
    }

    fn portions_in(&mut self, directory: &Name, name: &Name) -> Result<Vec<Name>> {
        if is_relative(directory) || directory.is_empty() {
            return refuse("`extend_path` with relative entries of `sys.path`");
        }
        let at = self.entry_at(directory)?;
        if self.memory.entry(&at.join(&format!("{name}.pkg"))).is_some() {
            return refuse("a `.pkg` file");
        }
        let is_directory = self.memory.entry(&at).is_some_and(Node::is_directory);
        if !self.keeps_finder(directory, is_directory) {
            return Ok(Vec::new());
        }
        let found = self.find_in_directory(&split_name(name).1.into(), directory)?;
        match found.and_then(|spec| spec.locations) {
            Some(PackagePath::List(portions)) => Ok(portions),
            _ => Ok(Vec::new()),
        }
    }
}
