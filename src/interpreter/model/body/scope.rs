//! Names: where a body looks them up and binds them, in a module, in a class while its body runs, in a call.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::builtin_names::{BUILTINS, is_builtin};
use super::frame::BodyFrame;
use crate::interpreter::model::code::Code;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Locals, Object};
use crate::interpreter::model::stop::{Result, builtin_exception, raise, refuse};
use crate::interpreter::model::value::{Name, ObjectId, Value};

/// Where a body looks names up and binds them.
pub(super) struct Scope<'a> {
    pub(super) frame: &'a BodyFrame<'a>,
    /// The namespace of the class whose body runs.
    pub(super) class: Option<BTreeMap<Name, Value>>,
    /// The names of the call, or of the comprehension, that runs.
    pub(super) call: Option<CallNames<'a>>,
    /// The names of the call around this one, or around the class.
    pub(super) outer: Option<ObjectId>,
    /// Where the values go that a generator yields.
    pub(super) yields: Option<Yields<'a>>,
}

/// What is done with each value; whether more are wanted.
pub(super) type Consumer<'c> = dyn FnMut(&mut Machine<'_>, Value) -> Result<ControlFlow<()>> + 'c;

/// Where the values of a generator go.
pub(super) struct Yields<'c> {
    pub(super) consumer: &'c mut Consumer<'c>,
    /// The exception that its consumer handles.
    pub(super) handled: Option<Exception>,
}

/// The names of a call.
pub(super) struct CallNames<'a> {
    /// Names that are its own, bound or not.
    pub(super) own: BTreeSet<Name>,
    /// The function; a comprehension has that of the call around it.
    pub(super) code: Option<&'a Code>,
    /// Whether it is a function's, and not a comprehension's.
    pub(super) is_function: bool,
    pub(super) values: CallValues,
}

/// Where the values of a call's names are.
pub(super) enum CallValues {
    /// With the call: nothing outlives it.
    Here(BTreeMap<Name, Value>),
    /// In an object, which functions defined in the call hold.
    Shared(ObjectId),
}

impl<'a> Scope<'a> {
    /// That of a module's body.
    pub(super) fn of_module(frame: &'a BodyFrame<'a>) -> Self {
        Self { frame, class: None, call: None, outer: None, yields: None }
    }

    /// Whether the body declares the name `global`.
    fn is_global(&self, name: &str) -> bool {
        self.call.as_ref().and_then(|call| call.code).is_some_and(|code| code.globals.contains(name))
    }

    /// The names that what is defined here can reach.
    pub(super) fn reachable(&self) -> Result<Option<ObjectId>> {
        match &self.call {
            None => Ok(self.outer.clone()),
            Some(CallNames { values: CallValues::Shared(id), .. }) => Ok(Some(id.clone())),
            Some(_) => refuse("a function in a comprehension"),
        }
    }

    /// Whether Python would change the spelling of the name, as it does in classes.
    pub(super) fn may_be_private(&self, name: &str) -> Result<()> {
        if name.starts_with("__") && !name.ends_with("__") && (self.class.is_some() || self.call.is_some()) {
            return refuse(format!("`{name}`, a private name"));
        }
        Ok(())
    }
}

impl Machine<'_> {
    /// The value of a name.
    pub(super) fn name(&mut self, scope: &Scope<'_>, name: &str) -> Result<Value> {
        scope.may_be_private(name)?;
        if let Some(value) = scope.class.as_ref().and_then(|namespace| namespace.get(name)) {
            return Ok(value.clone());
        }
        if !scope.is_global(name) {
            if let Some(call) = scope.call.as_ref().filter(|call| call.own.contains(name)) {
                return match self.value_in_call(call, name) {
                    Some(value) => Ok(value),
                    None => self.unbound(name),
                };
            }
            if let Some(value) = self.value_around(scope.outer.clone(), name)? {
                return Ok(value);
            }
        }
        self.global_name(scope, name)
    }

    fn value_in_call(&mut self, call: &CallNames<'_>, name: &str) -> Option<Value> {
        match &call.values {
            CallValues::Here(values) => values.get(name).cloned(),
            CallValues::Shared(id) => match self.memory.object(id) {
                Some(Object::Locals(locals)) => locals.values.get(name).cloned(),
                _ => None,
            },
        }
    }

    /// The value of a name in the calls around, the innermost first.
    fn value_around(&mut self, mut around: Option<ObjectId>, name: &str) -> Result<Option<Value>> {
        while let Some(id) = around {
            let Some(Object::Locals(locals)) = self.memory.object(&id).cloned() else {
                return refuse("a call that is gone");
            };
            if locals.own.contains(name) {
                return match locals.values.get(name) {
                    Some(value) => Ok(Some(value.clone())),
                    None => refuse(format!("`{name}`, which the function around it has not bound")),
                };
            }
            around = locals.outer;
        }
        Ok(None)
    }

    fn unbound(&self, name: &str) -> Result<Value> {
        let message = if self.version >= (3, 11) {
            format!("cannot access local variable '{name}' where it is not associated with a value")
        } else {
            format!("local variable '{name}' referenced before assignment")
        };
        raise("UnboundLocalError", message)
    }

    fn global_name(&mut self, scope: &Scope<'_>, name: &str) -> Result<Value> {
        let Some(module) = self.memory.module_object(scope.frame.module) else {
            return refuse("a module that is gone");
        };
        if let Some(value) = module.namespace.get(name) {
            return Ok(value.clone());
        }
        if matches!(name, "__name__" | "__file__" | "__package__" | "__path__") {
            let module = module.clone();
            if let Some(value) = self.module_attribute(&module, name)? {
                return Ok(value);
            }
            return raise("NameError", format!("name '{name}' is not defined"));
        }
        if let Some(class) = builtin_exception(name) {
            return Ok(Value::Builtin(class));
        }
        if let Some(builtin) = BUILTINS.iter().find(|builtin| **builtin == name) {
            return Ok(Value::Builtin(builtin));
        }
        if is_builtin(name) || name.starts_with("__") {
            return refuse(format!("`{name}`"));
        }
        if let Some(Value::Object(builtins)) = self.memory.module(&"builtins".into()).cloned()
            && let Some(value) =
                self.memory.module_object(&builtins).and_then(|module| module.namespace.get(name))
        {
            return Ok(value.clone());
        }
        raise("NameError", format!("name '{name}' is not defined"))
    }

    /// Binds a name in the scope.
    pub(super) fn bind(&mut self, scope: &mut Scope<'_>, name: &str, value: Value) -> Result<()> {
        scope.may_be_private(name)?;
        if let Some(namespace) = &mut scope.class {
            if name.starts_with("__") && !CLASS_NAMES.contains(&name) {
                return refuse(format!("`{name}` in a class"));
            }
            namespace.insert(name.into(), value);
            return Ok(());
        }
        if scope.is_global(name) || scope.call.is_none() {
            return self.bind_global(scope, name, value);
        }
        let Some(call) = &mut scope.call else { return Ok(()) };
        if !call.own.contains(name) {
            return self.bind_around(scope.outer.clone(), name, value);
        }
        match &mut call.values {
            CallValues::Here(values) => drop(values.insert(name.into(), value)),
            CallValues::Shared(id) => {
                let id = id.clone();
                self.bind_in(&id, name, value);
            }
        }
        Ok(())
    }

    fn bind_global(&mut self, scope: &Scope<'_>, name: &str, value: Value) -> Result<()> {
        if matches!(name, "__getattr__" | "__dir__") {
            let module = self.memory.module_object_mut(scope.frame.module);
            let old = module.and_then(|module| module.namespace.insert(name.into(), value));
            self.memory.dropping(old.as_ref());
            return Ok(());
        }
        self.set_module_attribute(scope.frame.module, name, value)
    }

    pub(super) fn bind_in(&mut self, id: &ObjectId, name: &str, value: Value) {
        let old = match self.memory.object_mut(id) {
            Some(Object::Locals(locals)) => locals.values.insert(name.into(), value),
            _ => None,
        };
        self.memory.dropping(old.as_ref());
    }

    /// Binds a name that the function declares `nonlocal`.
    fn bind_around(&mut self, mut around: Option<ObjectId>, name: &str, value: Value) -> Result<()> {
        while let Some(id) = around {
            let Some(Object::Locals(locals)) = self.memory.object(&id).cloned() else {
                return refuse("a call that is gone");
            };
            if locals.own.contains(name) {
                self.bind_in(&id, name, value);
                return Ok(());
            }
            around = locals.outer;
        }
        refuse(format!("`{name}`, which no function around binds"))
    }

    /// Unbinds a name in the scope; returns whether it was bound.
    pub(super) fn unbind(&mut self, scope: &mut Scope<'_>, name: &str) -> Result<bool> {
        if let Some(namespace) = &mut scope.class {
            return Ok(namespace.remove(name).is_some());
        }
        let global = scope.is_global(name);
        if let Some(call) = scope.call.as_mut().filter(|_| !global) {
            if !call.own.contains(name) {
                return refuse("deleting a name of a function around");
            }
            return Ok(match &mut call.values {
                CallValues::Here(values) => values.remove(name).is_some(),
                CallValues::Shared(id) => {
                    let id = id.clone();
                    let old = match self.memory.object_mut(&id) {
                        Some(Object::Locals(locals)) => locals.values.remove(name),
                        _ => None,
                    };
                    self.memory.dropping(old.as_ref());
                    old.is_some()
                }
            });
        }
        let module = self.memory.module_object_mut(scope.frame.module);
        let old = module.and_then(|module| module.namespace.remove(name));
        let was_bound = old.is_some();
        self.memory.dropping(old.as_ref());
        Ok(was_bound)
    }

    /// The names of a call that begins with these values.
    pub(super) fn names_of_call<'c>(
        &mut self,
        code: &'c Code,
        site: &Name,
        values: BTreeMap<Name, Value>,
        outer: Option<&ObjectId>,
    ) -> CallNames<'c> {
        let own = code.own.clone();
        let values = if code.has_inner {
            let locals = Locals { own: own.clone(), values, outer: outer.cloned() };
            CallValues::Shared(self.memory.make(site, Object::Locals(locals)))
        } else {
            CallValues::Here(values)
        };
        CallNames { own, code: Some(code), is_function: true, values }
    }
}

/// Names with two underscores that a class may bind: Python looks at them only where the model does.
const CLASS_NAMES: [&str; 10] = [
    "__call__",
    "__class_getitem__",
    "__doc__",
    "__enter__",
    "__exit__",
    "__init__",
    "__init_subclass__",
    "__repr__",
    "__str__",
    "__version__",
];
