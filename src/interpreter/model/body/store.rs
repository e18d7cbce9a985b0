//! Binding, changing and deleting: names, attributes of modules, items of lists, dicts, `sys.modules` and `os.environ`.

use ruff_python_ast::{Expr, Operator, StmtAugAssign};

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::quote::quoted;
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::text::repr;
use crate::interpreter::model::value::{Descriptor, Name, ObjectId, ProcessObject, Value};

impl Machine<'_> {
    /// `target = value`
    pub(super) fn store(&mut self, scope: &mut Scope<'_>, target: &Expr, value: Value) -> Result<()> {
        match target {
            Expr::Name(name) => self.bind(scope, &name.id, value),
            Expr::Attribute(node) => {
                scope.may_be_private(&node.attr)?;
                let of = self.evaluate(scope, &node.value)?;
                self.set_attribute(&of, &node.attr, value)
            }
            Expr::Subscript(node) if node.slice.is_slice_expr() => {
                let more = self.elements(&value)?;
                self.replace_slice(scope, node, more)
            }
            Expr::Subscript(node) => {
                let of = self.evaluate(scope, &node.value)?;
                let key = self.evaluate(scope, &node.slice)?;
                self.set_item(&of, &key, value)
            }
            Expr::Tuple(node) => self.unpack(scope, &node.elts, &value),
            Expr::List(node) => self.unpack(scope, &node.elts, &value),
            _ => refuse("such an assignment"),
        }
    }

    fn unpack(&mut self, scope: &mut Scope<'_>, targets: &[Expr], value: &Value) -> Result<()> {
        let parts = self.elements(value)?;
        if targets.iter().any(Expr::is_starred_expr) {
            return refuse("a starred target");
        }
        let (wanted, found) = (targets.len(), parts.len());
        if found < wanted {
            return raise(
                "ValueError",
                format!("not enough values to unpack (expected {wanted}, got {found})"),
            );
        }
        if found > wanted {
            return refuse("unpacking too many values, whose message differs by version");
        }
        for (target, part) in targets.iter().zip(parts) {
            self.store(scope, target, part)?;
        }
        Ok(())
    }

    /// The elements of a list or tuple.
    pub(super) fn sequence(&mut self, value: &Value) -> Option<Vec<Value>> {
        match value {
            Value::Tuple(parts) => Some(parts.to_vec()),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(values)) => Some(values.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The names in an `__all__`.
    pub(in crate::interpreter::model) fn names_of(&mut self, all: &Value) -> Result<Vec<Name>> {
        let Some(values) = self.sequence(all) else {
            return refuse("an `__all__` that is neither a list nor a tuple");
        };
        let names: Option<Vec<Name>> = values.iter().map(|value| value.as_text().cloned()).collect();
        match names {
            Some(names) => Ok(names),
            None => refuse("an `__all__` that holds more than texts"),
        }
    }

    pub(super) fn set_attribute(&mut self, of: &Value, name: &str, value: Value) -> Result<()> {
        let Value::Object(id) = of else { return refuse("an attribute of such a value") };
        if name.starts_with("__") && name != "__name__" {
            Self::may_bind(name)?;
        }
        match self.memory.object(id) {
            Some(Object::Module(_)) => self.set_module_attribute(id, name, value),
            Some(Object::Spec(_)) => self.set_loader(id, name, &value),
            Some(Object::Exception(_)) => self.set_exception_attribute(id, name, value),
            Some(Object::Class(_) | Object::Instance { .. }) if name != "__name__" => {
                if self.is_property(id, name)? {
                    return refuse("a value for a property");
                }
                let old = match self.memory.object_mut(id) {
                    Some(Object::Class(class)) => class.namespace.insert(name.into(), value),
                    Some(Object::Instance { attributes, .. }) => attributes.insert(name.into(), value),
                    _ => None,
                };
                self.memory.dropping(old.as_ref());
                Ok(())
            }
            _ => refuse("an attribute of such a value"),
        }
    }

    /// Whether the class of an instance has a property of this name.
    fn is_property(&mut self, id: &ObjectId, name: &str) -> Result<bool> {
        let Some(Object::Instance { class, .. }) = self.memory.object(id).cloned() else { return Ok(false) };
        let found = self.class_attribute_if_own(&class, name)?;
        Ok(matches!(found, Some(Value::Descriptor(Descriptor::Property, _))))
    }

    pub(super) fn set_item(&mut self, of: &Value, key: &Value, value: Value) -> Result<()> {
        match (of, key) {
            (Value::Known(ProcessObject::Modules), Value::Str(name)) => {
                self.may_replace_module(name)?;
                self.memory.set_module(name, value);
                Ok(())
            }
            (Value::Known(ProcessObject::Environment), Value::Str(name)) => match value {
                Value::Str(value) => self.set_environment(name, Some(value)),
                _ => refuse("an environment variable that is not a text"),
            },
            (Value::Object(id), _) => match self.memory.object(id).cloned() {
                Some(Object::Dict(mut items)) => {
                    self.hashable(key)?;
                    let at = self.position(&items, key)?;
                    let old = if let Some(at) = at {
                        Some(std::mem::replace(&mut items[at].1, value))
                    } else {
                        items.push((key.clone(), value));
                        None
                    };
                    self.replace_object(id, Object::Dict(items));
                    self.memory.dropping(old.as_ref());
                    Ok(())
                }
                Some(Object::List(mut values)) => {
                    let at = Self::index(key, values.len(), "list assignment index out of range")?;
                    let old = std::mem::replace(&mut values[at], value);
                    self.replace_object(id, Object::List(values));
                    self.memory.dropping(&old);
                    Ok(())
                }
                _ => refuse("an item of such a value"),
            },
            _ => refuse("an item of such a value"),
        }
    }

    /// Refuses to replace modules that the interpreter itself needs.
    pub(super) fn may_replace_module(&mut self, name: &str) -> Result<()> {
        if self.library.is_started(name) || self.library.get(name).is_some() {
            return refuse(format!("another module in the place of `{name}`, of the standard library"));
        }
        Ok(())
    }

    /// Sets or unsets an environment variable. The model does not know the variables of the agent's own environment.
    pub(in crate::interpreter::model) fn set_environment(
        &mut self,
        name: &Name,
        value: Option<Name>,
    ) -> Result<()> {
        let started = Self::is_started_variable(name)?;
        self.memory.set_variable(name, value, started);
        Ok(())
    }

    /// Whether the variable is set when the interpreter starts, to the same value everywhere.
    fn is_started_variable(name: &str) -> Result<bool> {
        match name {
            "PATH" | "HOME" => refuse(format!("the environment variable {name}")),
            _ => Ok(matches!(name, "LC_ALL" | "PYTHONHASHSEED")),
        }
    }

    /// `os.environ.get(name)`
    pub(in crate::interpreter::model) fn environment(&mut self, name: &Name) -> Result<Option<Name>> {
        Self::is_started_variable(name)?;
        let started = match &**name {
            "LC_ALL" => Some("C.UTF-8"),
            "PYTHONHASHSEED" => Some("0"),
            _ => None,
        };
        Ok(self.memory.variable(name, started))
    }

    /// Replaces the content of an object.
    pub(super) fn replace_object(&mut self, id: &ObjectId, object: Object) {
        if let Some(place) = self.memory.object_mut(id) {
            *place = object;
        }
    }

    pub(super) fn delete(&mut self, scope: &mut Scope<'_>, target: &Expr) -> Result<()> {
        match target {
            Expr::Name(name) => {
                if self.unbind(scope, &name.id)? {
                    Ok(())
                } else {
                    raise("NameError", format!("name '{}' is not defined", name.id))
                }
            }
            Expr::Attribute(node) => {
                scope.may_be_private(&node.attr)?;
                let of = self.evaluate(scope, &node.value)?;
                self.delete_attribute(&of, &node.attr)
            }
            Expr::Subscript(node) if node.slice.is_slice_expr() => {
                self.replace_slice(scope, node, Vec::new())
            }
            Expr::Subscript(node) => {
                let of = self.evaluate(scope, &node.value)?;
                let key = self.evaluate(scope, &node.slice)?;
                self.delete_item(&of, &key)
            }
            _ => refuse("such a deletion"),
        }
    }

    pub(super) fn delete_attribute(&mut self, of: &Value, name: &str) -> Result<()> {
        let Some(id) = self.as_module(of) else { return refuse("deleting such an attribute") };
        self.awaken(&id)?;
        Self::may_bind(name)?;
        let module = self.memory.module_object_mut(&id);
        let old = module.and_then(|module| if module.opaque { None } else { module.namespace.remove(name) });
        if old.is_none() {
            return refuse("deleting an attribute that is not there");
        }
        self.memory.dropping(old.as_ref());
        Ok(())
    }

    fn delete_item(&mut self, of: &Value, key: &Value) -> Result<()> {
        match (of, key) {
            (Value::Known(ProcessObject::Modules), Value::Str(name)) => {
                if self.module_entry(name)?.is_none() {
                    return raise("KeyError", name);
                }
                self.remove_module(name).map(drop)
            }
            (Value::Known(ProcessObject::Environment), Value::Str(name)) => {
                if self.environment(name)?.is_none() {
                    return raise("KeyError", name);
                }
                self.set_environment(name, None)
            }
            (Value::Object(id), _) => match self.memory.object(id).cloned() {
                Some(Object::Dict(mut items)) => {
                    if let Some(at) = self.position(&items, key)? {
                        let (_, old) = items.remove(at);
                        self.replace_object(id, Object::Dict(items));
                        self.memory.dropping(&old);
                        Ok(())
                    } else {
                        let shown = repr(self.memory, key)?;
                        let bare = key.as_text().is_some_and(|text| quoted(text) == shown);
                        if bare {
                            raise("KeyError", key.as_text().map_or("", |text| text))
                        } else {
                            refuse("a missing key")
                        }
                    }
                }
                _ => refuse("deleting an item of such a value"),
            },
            _ => refuse("deleting an item of such a value"),
        }
    }

    /// `target op= value`, of numbers, texts and tuples by name, and of lists in place.
    pub(super) fn augment(&mut self, scope: &mut Scope<'_>, node: &StmtAugAssign) -> Result<()> {
        if !matches!(&*node.target, Expr::Name(_) | Expr::Attribute(_)) {
            return refuse("such an augmented assignment");
        }
        let old = self.evaluate(scope, &node.target)?;
        let value = self.evaluate(scope, &node.value)?;
        if let Value::Object(id) = &old {
            let Some(Object::List(mut values)) = self.memory.object(id).cloned() else {
                return refuse("an augmented assignment to such a value");
            };
            let Some(more) = self.sequence(&value).filter(|_| node.op == Operator::Add) else {
                return refuse("an augmented assignment to a list");
            };
            values.extend(more);
            self.replace_object(id, Object::List(values));
            return self.store(scope, &node.target, old);
        }
        let result = self.binary((scope, node), node.op, &old, &value)?;
        self.store(scope, &node.target, result)
    }
}
