//! Classes: their names, their bases, and the attributes that they inherit.

use std::collections::BTreeMap;

use ruff_python_ast::StmtClassDef;

use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Class, Object};
use crate::interpreter::model::stop::{Result, builtin_bases, builtin_exception, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

impl Machine<'_> {
    pub(super) fn define_class(&mut self, scope: &mut Scope<'_>, node: &StmtClassDef) -> Result<()> {
        if node.type_params.is_some() || scope.class.is_some() {
            return refuse("a class with type parameters or inside another");
        }
        let decorators = self.decorators(scope, &node.decorator_list)?;
        let mut bases = Vec::new();
        if let Some(arguments) = &node.arguments {
            if !arguments.keywords.is_empty() || arguments.args.len() > 1 {
                return refuse("a class with several bases or keywords");
            }
            for base in &arguments.args {
                let base = self.evaluate(scope, base)?;
                if !self.is_class(&base) {
                    return refuse("a class whose base is not known");
                }
                bases.push(base);
            }
        }
        let module = match self.memory.module_object(scope.frame.module) {
            Some(module) => module.name.clone(),
            None => return refuse("a module that is gone"),
        };
        let mut inner =
            Scope { frame: scope.frame, class: Some(BTreeMap::new()), call: None, outer: scope.reachable()? };
        self.statements(&mut inner, &node.body)?;
        let namespace = inner.class.unwrap_or_default();
        let name = node.name.as_str().into();
        let site = scope.frame.site(node);
        let hook = match bases.first() {
            Some(Value::Object(base)) => self.class_attribute_if_own(&base.clone(), "__init_subclass__")?,
            _ => None,
        };
        let class = self.memory.make(&site, Object::Class(Class { name, module, bases, namespace }));
        let class = Value::Object(class);
        if let Some(hook) = hook {
            let hook = self.looked_up(hook, Some(&class), &class)?;
            self.call_function(&hook, Arguments::default())?;
        }
        let decorated = self.decorated(scope, decorators, class)?;
        self.bind(scope, &node.name, decorated)
    }

    /// An attribute of a class, its own or that of a base of a module body; `None` if only built-in bases may have it.
    pub(super) fn class_attribute_if_own(&mut self, id: &ObjectId, name: &str) -> Result<Option<Value>> {
        let Some(Object::Class(class)) = self.memory.object(id).cloned() else {
            return refuse("a class that is gone");
        };
        if let Some(found) = class.namespace.get(name) {
            return Ok(Some(found.clone()));
        }
        for base in &class.bases {
            if let Value::Object(base) = base {
                return self.class_attribute_if_own(base, name);
            }
        }
        Ok(None)
    }

    /// An attribute of a class, its own or inherited.
    pub(super) fn class_attribute(&mut self, id: &ObjectId, name: &str) -> Result<Option<Value>> {
        let Some(Object::Class(class)) = self.memory.object(id).cloned() else {
            return refuse("a class that is gone");
        };
        if let Some(found) = class.namespace.get(name) {
            return Ok(Some(found.clone()));
        }
        for base in &class.bases {
            match base {
                Value::Object(base) => return self.class_attribute(base, name),
                Value::Builtin("object") => {}
                _ => return refuse(format!("the attribute `{name}` of a built-in class")),
            }
        }
        if name.starts_with("__") || name == "mro" {
            return refuse(format!("the attribute `{name}` of a class"));
        }
        Ok(None)
    }

    /// The class's own name.
    pub(in crate::interpreter::model) fn class_name(&mut self, class: &Value) -> Result<Name> {
        match class {
            Value::Builtin(name) => Ok((*name).into()),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::Class(class)) => Ok(class.name.clone()),
                _ => refuse("what is no class"),
            },
            _ => refuse("what is no class"),
        }
    }

    /// Whether a value is a class whose bases are known.
    pub(super) fn is_class(&mut self, value: &Value) -> bool {
        match value {
            Value::Builtin(name) => *name == "object" || builtin_exception(name).is_some(),
            Value::Object(id) => matches!(self.memory.object(id), Some(Object::Class(_))),
            _ => false,
        }
    }

    /// The names of a class and its bases, its own first.
    pub(in crate::interpreter::model) fn base_names(&mut self, class: &Value) -> Result<Vec<Name>> {
        match class {
            Value::Builtin(name) => Ok(builtin_bases(name).into_iter().map(Name::from).collect()),
            Value::Object(id) => match self.memory.object(id).cloned() {
                Some(Object::Class(class)) => {
                    let mut names = vec![class.name];
                    for base in &class.bases {
                        names.extend(self.base_names(base)?);
                    }
                    if class.bases.is_empty() {
                        names.push("object".into());
                    }
                    Ok(names)
                }
                _ => refuse("what is no class"),
            },
            _ => refuse("what is no class"),
        }
    }

    /// Whether a class is the built-in class of this name or derived from it.
    pub(in crate::interpreter::model) fn is_instance_of(
        &mut self,
        class: &Value,
        name: &'static str,
    ) -> Result<bool> {
        self.is_subclass(class, &Value::Builtin(name))
    }

    /// `issubclass(class, wanted)`
    pub(super) fn is_subclass(&mut self, class: &Value, wanted: &Value) -> Result<bool> {
        if class == wanted || *wanted == Value::Builtin("object") {
            return Ok(true);
        }
        match class {
            Value::Builtin(name) => {
                Ok(matches!(wanted, Value::Builtin(wanted) if builtin_bases(name).contains(wanted)))
            }
            Value::Object(id) => {
                let Some(Object::Class(class)) = self.memory.object(id).cloned() else {
                    return refuse("what is no class");
                };
                for base in &class.bases {
                    if self.is_subclass(base, wanted)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => refuse("what is no class"),
        }
    }
}
