//! Expressions of module bodies.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprAttribute, ExprBoolOp, ExprCompare, Number, UnaryOp};

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Float, Value};

impl Machine<'_> {
    pub(super) fn evaluate(&mut self, scope: &mut Scope<'_>, expression: &Expr) -> Result<Value> {
        match self.evaluate_elements(scope, expression)? {
            Value::Elements(_) => refuse("an iterator that is not used up at once"),
            value => Ok(value),
        }
    }

    /// The value of an expression that is used up at once, as by a loop.
    pub(super) fn evaluate_elements(&mut self, scope: &mut Scope<'_>, expression: &Expr) -> Result<Value> {
        self.has_room()?;
        match expression {
            _ if expression.is_literal_expr() => literal(expression),
            Expr::Name(node) => self.name(scope, &node.id),
            Expr::Attribute(node) => self.dotted(scope, node),
            Expr::Subscript(node) if node.slice.is_slice_expr() => self.slice(scope, node),
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
            Expr::BoolOp(node) => self.bool_op(scope, node),
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
            Expr::Lambda(node) => {
                let parameters = node.parameters.as_deref().cloned().unwrap_or_default();
                self.make_function(scope, node, "<lambda>", &parameters)
            }
            Expr::Call(_) | Expr::Generator(_) => {
                let iterated = self.iterated(scope, expression)?;
                self.used_up(iterated)
            }
            Expr::Yield(node) => self.yield_expression(scope, node),
            Expr::FString(node) => self.f_string(scope, node),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) => self.comprehension(scope, expression),
            Expr::Named(node) if self.version >= (3, 8) && may_be_named(scope) => {
                let value = self.evaluate(scope, &node.value)?;
                self.store(scope, &node.target, value.clone())?;
                Ok(value)
            }
            _ => refuse("such an expression"),
        }
    }

    /// `value.name`
    fn dotted(&mut self, scope: &mut Scope<'_>, node: &ExprAttribute) -> Result<Value> {
        scope.may_be_private(&node.attr)?;
        if let Some(found) = self.attribute_of_super(scope, node)? {
            return Ok(found);
        }
        let of = self.evaluate(scope, &node.value)?;
        self.required_attribute(&of, &node.attr)
    }

    fn bool_op(&mut self, scope: &mut Scope<'_>, node: &ExprBoolOp) -> Result<Value> {
        let mut value = Value::None;
        for part in &node.values {
            value = self.evaluate(scope, part)?;
            if self.truth(&value)? == (node.op == BoolOp::Or) {
                break;
            }
        }
        Ok(value)
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
            if let Expr::Starred(starred) = part {
                let of = self.evaluate_elements(scope, &starred.value)?;
                values.extend(self.elements(&of)?);
                continue;
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
                let values = self.all(scope, &node.elts)?;
                self.make_set(scope, node, values)
            }
            Expr::Dict(node) => {
                let mut items: Vec<(Value, Value)> = Vec::new();
                for item in &node.items {
                    let value = match &item.key {
                        Some(key) => {
                            let key = self.evaluate(scope, key)?;
                            let value = self.evaluate(scope, &item.value)?;
                            self.put_item(&mut items, key, value)?;
                            continue;
                        }
                        None => self.evaluate(scope, &item.value)?,
                    };
                    for (key, value) in self.items_of(&value)? {
                        self.put_item(&mut items, key, value)?;
                    }
                }
                Ok(self.make(scope, node, Object::Dict(items)))
            }
            _ => refuse("such an expression"),
        }
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
}

/// Whether `:=` binds in this scope: in a comprehension it binds around it.
fn may_be_named(scope: &Scope<'_>) -> bool {
    scope.class.is_none() && scope.call.as_ref().is_none_or(|call| call.is_function)
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
