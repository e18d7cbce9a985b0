//! `super()`: attributes of the classes that come behind one when an attribute is looked up.

use ruff_python_ast::{Expr, ExprAttribute};

use super::class::CLASS_CELL;
use super::function::Arguments;
use super::library_class::adds_nothing;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::Value;

/// Methods of `object` that do nothing, as the last of a chain of `super()`.
const OF_OBJECT: [&str; 2] = ["__init__", "__init_subclass__"];

/// Methods of `BaseException` that the model knows.
const OF_EXCEPTIONS: [&str; 2] = ["__init__", "__str__"];

impl Machine<'_> {
    /// What `super().name` is; `None` if the expression is something else.
    pub(super) fn attribute_of_super(
        &mut self,
        scope: &mut Scope<'_>,
        node: &ExprAttribute,
    ) -> Result<Option<Value>> {
        let Expr::Call(call) = &*node.value else { return Ok(None) };
        let is_named = matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "super");
        if !is_named || self.evaluate(scope, &call.func)? != Value::Builtin("super") {
            return Ok(None);
        }
        if !call.arguments.keywords.is_empty() {
            return refuse("`super` with keywords");
        }
        let (class, object) = match &*call.arguments.args {
            [] => self.class_and_first(scope)?,
            [class, object] => (self.evaluate(scope, class)?, self.evaluate(scope, object)?),
            _ => return refuse("such a call of `super`"),
        };
        self.behind(&class, &object, &node.attr).map(Some)
    }

    /// The class in which the function that runs is defined, and the value of its first parameter.
    fn class_and_first(&mut self, scope: &Scope<'_>) -> Result<(Value, Value)> {
        let code = scope.call.as_ref().filter(|call| call.is_function).and_then(|call| call.code);
        let first =
            code.and_then(|code| code.parameters.posonlyargs.iter().chain(&code.parameters.args).next());
        let Some(first) = first else { return refuse("`super()` without a first parameter") };
        let class = self.name(scope, CLASS_CELL)?;
        match self.name(scope, &first.parameter.name) {
            Ok(object) => Ok((class, object)),
            Err(_) => refuse("`super()` after its first parameter was deleted"),
        }
    }

    /// The attribute of `object` that a class behind `class` has.
    pub(super) fn behind(&mut self, class: &Value, object: &Value, name: &str) -> Result<Value> {
        let known = match object {
            Value::Object(id) => self.memory.object(id).cloned(),
            _ => None,
        };
        let (of, instance) = match known {
            Some(Object::Instance { class, .. }) => (Value::Object(class), Some(object)),
            Some(Object::Exception(exception)) => (exception.class, Some(object)),
            Some(Object::Class(_)) => (object.clone(), None),
            _ => return refuse("`super` of such an object"),
        };
        let order = self.lookup_order(&of)?;
        let Some(at) = order.iter().position(|other| other == class) else {
            return refuse("`super` of what is no instance of the class");
        };
        for class in &order[at + 1..] {
            if let Some(found) = self.in_namespace(class, name)? {
                return self.looked_up(found, instance, &of);
            }
            if let Some(method) = OF_EXCEPTIONS.iter().find(|method| **method == name)
                && self.is_exception(object)
                && matches!(class, Value::Builtin(_))
            {
                return Ok(Value::Method(object.clone().into(), method));
            }
            if !adds_nothing(class) && name != "__init_subclass__" {
                return refuse(format!("the attribute `{name}` of a built-in class"));
            }
        }
        match OF_OBJECT.iter().find(|method| **method == name) {
            Some(method) => Ok(Value::Method(object.clone().into(), method)),
            None if name.starts_with("__") => refuse(format!("the attribute `{name}` of `super`")),
            None => raise("AttributeError", format!("'super' object has no attribute '{name}'")),
        }
    }

    /// Calls a method of `object` that takes nothing and does nothing.
    pub(super) fn call_of_object(method: &str, arguments: &Arguments) -> Result<Value> {
        if arguments.positional.is_empty() && arguments.keywords.is_empty() {
            return Ok(Value::None);
        }
        refuse(format!("`object.{method}` with arguments"))
    }
}
