//! Expressions of module bodies.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCompare, Number, UnaryOp};

use super::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, builtin_exception, raise, refuse};
use crate::interpreter::model::text::repr;
use crate::interpreter::model::value::{Float, ProcessObject, Value};

/// Built-in functions and types that can be called or named.
const BUILTINS: [&str; 16] = [
    "__import__",
    "bool",
    "dict",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "len",
    "list",
    "object",
    "print",
    "repr",
    "setattr",
    "sorted",
    "str",
    "tuple",
];

impl Machine<'_> {
    pub(super) fn evaluate(&mut self, scope: &mut Scope<'_>, expression: &Expr) -> Result<Value> {
        match expression {
            _ if expression.is_literal_expr() => literal(expression),
            Expr::Name(node) => self.name(scope, &node.id),
            Expr::Attribute(node) => {
                let of = self.evaluate(scope, &node.value)?;
                self.required_attribute(&of, &node.attr)
            }
            Expr::Subscript(node) => {
                let of = self.evaluate(scope, &node.value)?;
                let key = self.evaluate(scope, &node.slice)?;
                self.item(&of, &key)
            }
            Expr::Tuple(node) => Ok(Value::Tuple(self.all(scope, &node.elts)?.into())),
            Expr::List(node) => {
                let values = self.all(scope, &node.elts)?;
                Ok(self.make(scope, node, Object::List(values)))
            }
            Expr::Set(_) | Expr::Dict(_) => self.display(scope, expression),
            Expr::BoolOp(node) => {
                let mut value = Value::None;
                for part in &node.values {
                    value = self.evaluate(scope, part)?;
                    if self.truth(&value)? == (node.op == BoolOp::Or) {
                        break;
                    }
                }
                Ok(value)
            }
            Expr::UnaryOp(node) => {
                let value = self.evaluate(scope, &node.operand)?;
                self.unary(node.op, &value)
            }
            Expr::BinOp(node) => {
                let left = self.evaluate(scope, &node.left)?;
                let right = self.evaluate(scope, &node.right)?;
                self.binary((scope, node), node.op, &left, &right)
            }
            Expr::Compare(node) => self.comparison(scope, node),
            Expr::If(node) => {
                let test = self.evaluate(scope, &node.test)?;
                let chosen = if self.truth(&test)? { &node.body } else { &node.orelse };
                self.evaluate(scope, chosen)
            }
            Expr::Lambda(node) if node.parameters.is_none() => {
                Ok(self.make(scope, node, Object::Function("<lambda>".into())))
            }
            Expr::Call(node) => self.call(scope, node),
            Expr::FString(_) => refuse("an f-string"),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                refuse("a comprehension")
            }
            _ => refuse("such an expression"),
        }
    }

    fn unary(&mut self, op: UnaryOp, value: &Value) -> Result<Value> {
        match (op, value) {
            (UnaryOp::Not, _) => Ok(Value::Bool(!self.truth(value)?)),
            (UnaryOp::USub, Value::Int(number)) => match number.checked_neg() {
                Some(number) => Ok(Value::Int(number)),
                None => refuse("a number of more than 64 bits"),
            },
            (UnaryOp::USub, Value::Float(number)) => Ok(Value::Float(Float::new(-number.get()))),
            (UnaryOp::UAdd, Value::Int(_) | Value::Float(_)) => Ok(value.clone()),
            _ => refuse("such an operator"),
        }
    }

    pub(super) fn all(&mut self, scope: &mut Scope<'_>, parts: &[Expr]) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            if part.is_starred_expr() {
                return refuse("a starred expression");
            }
            values.push(self.evaluate(scope, part)?);
        }
        Ok(values)
    }

    /// Makes a new object in this expression.
    pub(super) fn make(
        &mut self,
        scope: &Scope<'_>,
        node: &impl ruff_text_size::Ranged,
        object: Object,
    ) -> Value {
        let site = scope.frame.site(node);
        Value::Object(self.memory.make(&site, object))
    }

    fn display(&mut self, scope: &mut Scope<'_>, expression: &Expr) -> Result<Value> {
        match expression {
            Expr::Set(node) => {
                let mut values: Vec<Value> = Vec::new();
                for value in self.all(scope, &node.elts)? {
                    self.hashable(&value)?;
                    let mut known = false;
                    for other in &values {
                        known = known || self.equal(other, &value)?;
                    }
                    if !known {
                        values.push(value);
                    }
                }
                values.sort();
                Ok(self.make(scope, node, Object::Set(values)))
            }
            Expr::Dict(node) => {
                let mut items: Vec<(Value, Value)> = Vec::new();
                for item in &node.items {
                    let Some(key) = &item.key else { return refuse("`**` in a dict") };
                    let key = self.evaluate(scope, key)?;
                    let value = self.evaluate(scope, &item.value)?;
                    self.hashable(&key)?;
                    match self.position(&items, &key)? {
                        Some(at) => items[at].1 = value,
                        None => items.push((key, value)),
                    }
                }
                Ok(self.make(scope, node, Object::Dict(items)))
            }
            _ => refuse("such an expression"),
        }
    }

    fn name(&mut self, scope: &Scope<'_>, name: &str) -> Result<Value> {
        if let Some(value) = scope.class.as_ref().and_then(|namespace| namespace.get(name)) {
            return Ok(value.clone());
        }
        let Some(module) = self.memory.module_object(scope.frame.module) else {
            return refuse("a module that is gone");
        };
        if let Some(value) = module.namespace.get(name) {
            return Ok(value.clone());
        }
        if matches!(name, "__name__" | "__file__" | "__package__") {
            let module = Value::Object(scope.frame.module.clone());
            return self.required_attribute(&module, name);
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
        raise("NameError", format!("name '{name}' is not defined"))
    }

    fn comparison(&mut self, scope: &mut Scope<'_>, node: &ExprCompare) -> Result<Value> {
        let mut left = self.evaluate(scope, &node.left)?;
        for (at, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let literal = |part: &Expr| {
                part.is_string_literal_expr()
                    || part.is_number_literal_expr()
                    || part.is_bytes_literal_expr()
                    || part.is_tuple_expr()
            };
            let previous = if at == 0 { &*node.left } else { &node.comparators[at - 1] };
            if matches!(op, CmpOp::Is | CmpOp::IsNot) && (literal(right) || literal(previous)) {
                return refuse("`is` with a literal");
            }
            let right = self.evaluate(scope, right)?;
            if !self.compare(*op, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    pub(super) fn item(&mut self, of: &Value, key: &Value) -> Result<Value> {
        match (of, key) {
            (Value::Known(ProcessObject::Modules), Value::Str(name)) => match self.module_entry(name)? {
                Some(value) => Ok(value),
                None => raise("KeyError", name),
            },
            (Value::Known(ProcessObject::Environment), Value::Str(name)) => match self.environment(name)? {
                Some(value) => Ok(Value::Str(value)),
                None => raise("KeyError", name),
            },
            (Value::Tuple(parts), _) => {
                let at = Self::index(key, parts.len(), "tuple index out of range")?;
                Ok(parts[at].clone())
            }
            (Value::Object(id), _) => match self.memory.object(id).cloned() {
                Some(Object::List(values)) => {
                    let at = Self::index(key, values.len(), "list index out of range")?;
                    Ok(values[at].clone())
                }
                Some(Object::Dict(items)) => {
                    self.hashable(key)?;
                    match self.position(&items, key)? {
                        Some(at) => Ok(items[at].1.clone()),
                        None => self.missing_key(key),
                    }
                }
                _ => refuse("an item of such a value"),
            },
            _ => refuse("an item of such a value"),
        }
    }

    /// The `KeyError` for a key of a dict.
    pub(super) fn missing_key(&mut self, key: &Value) -> Result<Value> {
        let message = repr(self.memory, key)?;
        let exception = crate::interpreter::model::object::Exception {
            class: Value::Builtin("KeyError"),
            arguments: vec![key.clone()],
            message: message.into(),
            name: None,
        };
        Err(crate::interpreter::model::stop::EvaluationError::Raise(Box::new(exception)))
    }

    /// A sequence index in range.
    pub(super) fn index(key: &Value, length: usize, message: &str) -> Result<usize> {
        let Value::Int(at) = key else { return refuse("an index that is no number") };
        let length = i64::try_from(length).expect("what is in memory is shorter");
        let at = if *at < 0 { at + length } else { *at };
        match usize::try_from(at) {
            Ok(index) if at < length => Ok(index),
            _ => raise("IndexError", message),
        }
    }
}

/// The value of a literal.
fn literal(expression: &Expr) -> Result<Value> {
    Ok(match expression {
        Expr::NoneLiteral(_) => Value::None,
        Expr::EllipsisLiteral(_) => Value::Ellipsis,
        Expr::BooleanLiteral(node) => Value::Bool(node.value),
        Expr::StringLiteral(node) => Value::text(node.value.to_str()),
        Expr::BytesLiteral(node) => Value::Bytes(node.value.bytes().collect()),
        Expr::NumberLiteral(node) => match &node.value {
            Number::Int(value) => match value.as_i64() {
                Some(value) => Value::Int(value),
                None => return refuse("a number of more than 64 bits"),
            },
            Number::Float(value) => Value::Float(Float::new(*value)),
            Number::Complex { .. } => return refuse("a complex number"),
        },
        _ => return refuse("such a literal"),
    })
}

/// Whether a name is built in, in some version, so that it raises no `NameError`.
fn is_builtin(name: &str) -> bool {
    const NAMES: &str = " abs aiter all anext any ascii bin breakpoint bytearray bytes callable chr classmethod compile \
        complex copyright credits delattr dir divmod enumerate eval exec exit filter float format frozenset globals hash \
        help hex id input issubclass iter license locals map max memoryview min next object oct open ord pow property \
        quit range reversed round set slice staticmethod sum super type vars zip NotImplemented Ellipsis ";
    NAMES.contains(&format!(" {name} "))
        || name.ends_with("Error")
        || name.ends_with("Warning")
        || name.ends_with("Exception")
        || matches!(name, "StopAsyncIteration" | "BaseExceptionGroup" | "ExceptionGroup")
}
