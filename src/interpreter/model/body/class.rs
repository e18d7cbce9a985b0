//! Classes: their names, their bases, and the attributes that they inherit.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Keyword, Stmt, StmtClassDef};
use ruff_text_size::Ranged;

use super::function::Arguments;
use super::library_class::{adds_nothing, is_known_base, is_of_metaclass};
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Class, Locals, Object};
use crate::interpreter::model::stop::{Result, builtin_bases, builtin_exception, builtin_type, refuse};
use crate::interpreter::model::value::{Descriptor, Name, ObjectId, Value};

/// The name of a class in its own functions.
pub(super) const CLASS_CELL: &str = "__class__";

impl Machine<'_> {
    pub(super) fn define_class(&mut self, scope: &mut Scope<'_>, node: &StmtClassDef) -> Result<()> {
        if node.type_params.is_some() || scope.class.is_some() {
            return refuse("a class with type parameters or inside another");
        }
        let decorators = self.decorators(scope, &node.decorator_list)?;
        let (bases, has_metaclass) = self.bases(scope, node)?;
        let module = match self.memory.module_object(scope.frame.module) {
            Some(module) => module.name.clone(),
            None => return refuse("a module that is gone"),
        };
        let outer = scope.reachable()?;
        let site = scope.frame.site(node);
        // What `super()` and `__class__` in its functions mean is known when the class is made.
        let cell = name_their_class(&node.body).then(|| {
            let locals =
                Locals { own: [CLASS_CELL.into()].into(), values: BTreeMap::new(), outer: outer.clone() };
            self.memory.make(&format!("{site}.class").into(), Object::Locals(locals))
        });
        let mut inner = Scope {
            frame: scope.frame,
            class: Some(BTreeMap::new()),
            call: None,
            outer: cell.clone().or(outer),
            yields: None,
        };
        self.statements(&mut inner, &node.body)?;
        let namespace = self.with_hooks(inner.class.unwrap_or_default());
        let name = node.name.as_str().into();
        let is_abstract = has_metaclass || self.are_abstract(&bases)?;
        let body = namespace.clone();
        let made = Class { name, module, bases, namespace, abstract_names: None };
        let id = self.memory.make(&site, Object::Class(made));
        let class = Value::Object(id.clone());
        self.may_have_such_bases(&class)?;
        if let Some(cell) = cell {
            self.bind_in(&cell, CLASS_CELL, class.clone());
        }
        let hook = self.behind(&class, &class, "__init_subclass__")?;
        self.call_value((scope, node.range()), &hook, Arguments::default())?;
        if is_abstract {
            let names = self.abstract_methods(&class, &body)?;
            if let Some(Object::Class(made)) = self.memory.object_mut(&id) {
                made.abstract_names = Some(names);
            }
        }
        let decorated = self.decorated(scope, decorators, class)?;
        self.bind(scope, &node.name, decorated)
    }

    /// The names of a class's body, of which Python makes class methods of those that it calls on classes.
    fn with_hooks(&self, mut namespace: BTreeMap<Name, Value>) -> BTreeMap<Name, Value> {
        for name in ["__init_subclass__", "__class_getitem__"] {
            let is_hook = name == "__init_subclass__" || self.version >= (3, 7);
            if let Some(hook) = namespace.get_mut(name)
                && matches!(hook, Value::Object(_) if is_hook)
            {
                *hook = Value::Descriptor(Descriptor::Class, hook.clone().into());
            }
        }
        namespace
    }

    /// The bases of a class, and whether its keywords name the metaclass of abstract classes.
    fn bases(&mut self, scope: &mut Scope<'_>, node: &StmtClassDef) -> Result<(Vec<Value>, bool)> {
        let Some(arguments) = &node.arguments else { return Ok((Vec::new(), false)) };
        let mut bases = Vec::new();
        for base in &arguments.args {
            let base = self.evaluate(scope, base)?;
            if !self.is_class(&base) {
                return refuse("a class whose base is not known");
            }
            bases.push(base);
        }
        Ok((bases, self.names_abstract_metaclass(scope, &arguments.keywords)?))
    }

    /// Whether the keywords of a class are `metaclass=abc.ABCMeta`.
    fn names_abstract_metaclass(&mut self, scope: &mut Scope<'_>, keywords: &[Keyword]) -> Result<bool> {
        match keywords {
            [] => Ok(false),
            [keyword] if keyword.arg.as_deref() == Some("metaclass") => {
                match self.evaluate(scope, &keyword.value)? {
                    Value::Library(name) if *name == *"abc.ABCMeta" => Ok(true),
                    _ => refuse("a class with such a metaclass"),
                }
            }
            _ => refuse("a class with keywords"),
        }
    }

    /// An attribute of a class, its own or that of a base of a module body; `None` if only built-in bases may have it.
    pub(super) fn class_attribute_if_own(&mut self, id: &ObjectId, name: &str) -> Result<Option<Value>> {
        let mut behind_a_built_in = false;
        for class in self.lookup_order(&Value::Object(id.clone()))? {
            match self.in_namespace(&class, name)? {
                Some(_) if behind_a_built_in => {
                    return refuse(format!("the attribute `{name}` behind that of a built-in class"));
                }
                Some(found) => return Ok(Some(found)),
                None => behind_a_built_in |= !adds_nothing(&class) || class == Value::Builtin("object"),
            }
        }
        Ok(None)
    }

    /// An attribute of a class, its own or inherited.
    pub(super) fn class_attribute(&mut self, id: &ObjectId, name: &str) -> Result<Option<Value>> {
        for class in self.lookup_order(&Value::Object(id.clone()))? {
            if let Some(found) = self.in_namespace(&class, name)? {
                return Ok(Some(found));
            }
            if !adds_nothing(&class) || is_of_metaclass(&class, name) {
                return refuse(format!("the attribute `{name}` of a built-in class"));
            }
        }
        if name.starts_with("__") || name == "mro" {
            return refuse(format!("the attribute `{name}` of a class"));
        }
        Ok(None)
    }

    /// What a class's own body bound to a name; built-in classes have none.
    pub(super) fn in_namespace(&mut self, class: &Value, name: &str) -> Result<Option<Value>> {
        let Value::Object(id) = class else { return Ok(None) };
        match self.memory.object(id) {
            Some(Object::Class(class)) => Ok(class.namespace.get(name).cloned()),
            _ => refuse("a class that is gone"),
        }
    }

    /// `class.__mro__`: the class, and all its bases in the order in which attributes are sought in them.
    pub(super) fn lookup_order(&mut self, class: &Value) -> Result<Vec<Value>> {
        let id = match class {
            Value::Builtin(name) => return Ok(builtin_bases(name).into_iter().map(Value::Builtin).collect()),
            Value::Library(name) if is_known_base(name) => {
                return Ok(vec![class.clone(), Value::Builtin("object")]);
            }
            Value::Object(id) => id,
            _ => return refuse("what is no class"),
        };
        let mut bases = match self.memory.object(id) {
            Some(Object::Class(class)) => class.bases.clone(),
            _ => return refuse("what is no class"),
        };
        if bases.is_empty() {
            bases.push(Value::Builtin("object"));
        }
        let mut orders = bases.iter().map(|base| self.lookup_order(base)).collect::<Result<Vec<_>>>()?;
        orders.push(bases);
        match merged(orders) {
            Some(order) => Ok([vec![class.clone()], order].concat()),
            None => refuse("a class with such bases"),
        }
    }

    /// Refuses a class whose built-in bases are not one class and what that inherits: Python may not be able to lay it out.
    fn may_have_such_bases(&mut self, class: &Value) -> Result<()> {
        let built_in = |class: &Value| match class {
            Value::Builtin(name) => Some(*name),
            _ => None,
        };
        let order: Vec<_> = self.lookup_order(class)?.iter().filter_map(built_in).collect();
        match order.first() {
            Some(first) if order == builtin_bases(first) => self.may_mix_bases(class),
            _ => refuse("a class with such bases"),
        }
    }

    /// The class's own name.
    pub(in crate::interpreter::model) fn class_name(&mut self, class: &Value) -> Result<Name> {
        match class {
            Value::Builtin(name) => Ok((*name).into()),
            Value::Library(name) => Ok(name.rsplit('.').next().unwrap_or(name).into()),
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
            Value::Builtin(name) => {
                *name == "object" || builtin_exception(name).is_some() || builtin_type(name).is_some()
            }
            Value::Library(name) => is_known_base(name),
            Value::Object(id) => matches!(self.memory.object(id), Some(Object::Class(_))),
            _ => false,
        }
    }

    /// The names of a class and its bases, its own first.
    pub(in crate::interpreter::model) fn base_names(&mut self, class: &Value) -> Result<Vec<Name>> {
        self.lookup_order(class)?.iter().map(|class| self.class_name(class)).collect()
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
        let order = self.lookup_order(class)?;
        let are_of_library = |class: &Value| matches!(class, Value::Library(_));
        if are_of_library(wanted) && !order.contains(wanted) && order.iter().any(are_of_library) {
            return refuse("whether a class of the standard library is derived from another");
        }
        Ok(order.contains(wanted))
    }
}

/// The merge of the C3 linearization: the first head that is in no tail comes next. `None` if no order fits.
fn merged(mut orders: Vec<Vec<Value>>) -> Option<Vec<Value>> {
    let mut merged = Vec::new();
    loop {
        orders.retain(|order| !order.is_empty());
        if orders.is_empty() {
            return Some(merged);
        }
        let in_no_tail = |head: &Value| orders.iter().all(|order| !order[1..].contains(head));
        let next = orders.iter().map(|order| &order[0]).find(|head| in_no_tail(head)).cloned()?;
        for order in &mut orders {
            if order[0] == next {
                order.remove(0);
            }
        }
        merged.push(next);
    }
}

/// Whether functions of a class name that class, as `super()` does.
fn name_their_class(body: &[Stmt]) -> bool {
    struct OwnClass(bool);
    impl<'a> Visitor<'a> for OwnClass {
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0 |=
                matches!(expression, Expr::Name(node) if matches!(node.id.as_str(), "super" | "__class__"));
            walk_expr(self, expression);
        }
    }
    let mut found = OwnClass(false);
    found.visit_body(body);
    found.0
}
