//! Comparison, arithmetic and truth of values.

use std::cmp::Ordering;

use ruff_python_ast::{CmpOp, Operator};

use super::number::{floats, integers, number};
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{ProcessObject, Value};

impl Machine<'_> {
    /// `bool(value)`
    pub(super) fn truth(&mut self, value: &Value) -> Result<bool> {
        Ok(match value {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Float(value) => value.get() != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Tuple(parts) => !parts.is_empty(),
            Value::Ellipsis
            | Value::Builtin(_)
            | Value::Method(..)
            | Value::Bound(..)
            | Value::Known(_)
            | Value::Descriptor(..)
            | Value::Loader(..) => true,
            Value::Elements(_) => return refuse("the truth of an iterator"),
            Value::Library(name) => return refuse(format!("the truth of `{name}`")),
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(values) | Object::Set(values)) => !values.is_empty(),
                Some(Object::Dict(items)) => !items.is_empty(),
                _ => true,
            },
        })
    }

    /// `left == right`
    pub(in crate::interpreter::model) fn equal(&mut self, left: &Value, right: &Value) -> Result<bool> {
        if let (Some(left), Some(right)) = (number(left), number(right)) {
            return Ok(left.partial_cmp(&right) == Some(Ordering::Equal));
        }
        match (left, right) {
            (Value::Tuple(left), Value::Tuple(right)) => self.all_equal(left, right),
            (Value::Object(left), Value::Object(right)) if left != right => {
                match (self.memory.object(left).cloned(), self.memory.object(right).cloned()) {
                    (Some(Object::List(left)), Some(Object::List(right))) => self.all_equal(&left, &right),
                    (Some(Object::Set(left)), Some(Object::Set(right))) => Ok(left == right),
                    (Some(Object::Dict(left)), Some(Object::Dict(right))) => self.equal_dicts(&left, &right),
                    _ => Ok(false),
                }
            }
            (Value::Elements(_), _) | (_, Value::Elements(_)) => refuse("a comparison with an iterator"),
            (Value::Library(left), Value::Library(right)) if left != right => {
                refuse("a comparison of objects of the standard library")
            }
            (Value::Library(name), _) | (_, Value::Library(name)) if left != right => {
                refuse(format!("a comparison of `{name}`"))
            }
            _ => Ok(left == right),
        }
    }

    fn all_equal(&mut self, left: &[Value], right: &[Value]) -> Result<bool> {
        if left.len() != right.len() {
            return Ok(false);
        }
        for (left, right) in left.iter().zip(right) {
            if left != right && !self.equal(left, right)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_dicts(&mut self, left: &[(Value, Value)], right: &[(Value, Value)]) -> Result<bool> {
        if left.len() != right.len() {
            return Ok(false);
        }
        for (key, value) in left {
            match self.position(right, key)? {
                Some(at) if self.equal(value, &right[at].1)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The index of a key in a dict's items.
    pub(super) fn position(&mut self, items: &[(Value, Value)], key: &Value) -> Result<Option<usize>> {
        for (at, (known, _)) in items.iter().enumerate() {
            if self.equal(known, key)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Lists, dicts and sets cannot be keys.
    pub(super) fn hashable(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Object(id) => match self.memory.object(id) {
                Some(Object::List(_) | Object::Dict(_) | Object::Set(_)) => refuse("a key that has no hash"),
                _ => Ok(()),
            },
            Value::Tuple(parts) => parts.iter().try_for_each(|part| self.hashable(part)),
            _ => Ok(()),
        }
    }

    pub(super) fn compare(&mut self, op: CmpOp, left: &Value, right: &Value) -> Result<bool> {
        match op {
            CmpOp::Eq => self.equal(left, right),
            CmpOp::NotEq => Ok(!self.equal(left, right)?),
            CmpOp::Is => self.identical(left, right),
            CmpOp::IsNot => Ok(!self.identical(left, right)?),
            CmpOp::In => self.contains(right, left),
            CmpOp::NotIn => Ok(!self.contains(right, left)?),
            CmpOp::Lt => Ok(self.order(left, right)? == Some(Ordering::Less)),
            CmpOp::Gt => Ok(self.order(left, right)? == Some(Ordering::Greater)),
            CmpOp::LtE => Ok(matches!(self.order(left, right)?, Some(Ordering::Less | Ordering::Equal))),
            CmpOp::GtE => Ok(matches!(self.order(left, right)?, Some(Ordering::Greater | Ordering::Equal))),
        }
    }

    /// `left is right`, of objects that have an identity.
    pub(in crate::interpreter::model) fn identical(&mut self, left: &Value, right: &Value) -> Result<bool> {
        if *left == Value::None || *right == Value::None {
            return Ok(left == right);
        }
        for value in [left, right] {
            if let Some(Object::Spec(_)) = value.as_object().and_then(|id| self.memory.object(id)) {
                return refuse("`is` with a spec");
            }
        }
        let certain = |value: &Value| {
            matches!(
                value,
                Value::None
                    | Value::Ellipsis
                    | Value::Bool(_)
                    | Value::Object(_)
                    | Value::Builtin(_)
                    | Value::Known(_)
            )
        };
        if certain(left) || certain(right) { Ok(left == right) } else { refuse("`is` between plain values") }
    }

    fn contains(&mut self, of: &Value, value: &Value) -> Result<bool> {
        match (of, value) {
            (Value::Known(ProcessObject::Modules), Value::Str(name)) => {
                Ok(self.module_entry(name)?.is_some())
            }
            (Value::Known(ProcessObject::Environment), Value::Str(name)) => {
                Ok(self.environment(name)?.is_some())
            }
            (Value::Str(text), Value::Str(_)) if text.contains('$') => {
                refuse("a text that may name the ordering's directory")
            }
            (Value::Str(text), Value::Str(part)) => Ok(text.contains(&**part)),
            (Value::Object(id), _) => match self.memory.object(id).cloned() {
                Some(Object::Dict(items)) => {
                    self.hashable(value)?;
                    Ok(self.position(&items, value)?.is_some())
                }
                Some(Object::List(values) | Object::Set(values)) => self.is_among(&values, value),
                _ => refuse("`in` such a value"),
            },
            (Value::Tuple(parts), _) => self.is_among(&parts.clone(), value),
            _ => refuse("`in` such a value"),
        }
    }

    pub(super) fn is_among(&mut self, values: &[Value], value: &Value) -> Result<bool> {
        for other in values {
            if other == value || self.equal(other, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The order of numbers, texts and tuples, or `None` if a NaN prevents it.
    pub(super) fn order(&mut self, left: &Value, right: &Value) -> Result<Option<Ordering>> {
        if let (Some(left), Some(right)) = (number(left), number(right)) {
            return Ok(left.partial_cmp(&right));
        }
        match (left, right) {
            (Value::Str(left), Value::Str(right)) => Ok(Some(left.cmp(right))),
            (Value::Tuple(left), Value::Tuple(right)) => {
                for (left, right) in left.iter().zip(right.iter()) {
                    if !self.equal(left, right)? {
                        return self.order(left, right);
                    }
                }
                Ok(Some(left.len().cmp(&right.len())))
            }
            _ => refuse("an order between such values"),
        }
    }

    pub(super) fn binary(
        &mut self,
        (scope, node): (&Scope<'_>, &impl ruff_text_size::Ranged),
        op: Operator,
        left: &Value,
        right: &Value,
    ) -> Result<Value> {
        match (op, left, right) {
            (Operator::Add, Value::Str(left), Value::Str(right)) => Ok(Value::text(format!("{left}{right}"))),
            (Operator::Mod, Value::Str(text), value) => self.percent(text, value),
            (Operator::Add, Value::Tuple(left), Value::Tuple(right)) => {
                Ok(Value::Tuple(left.iter().chain(right.iter()).cloned().collect()))
            }
            (Operator::Add, Value::Object(_), Value::Object(_)) => {
                match (self.sequence(left), self.sequence(right)) {
                    (Some(mut values), Some(more)) => {
                        values.extend(more);
                        Ok(self.make(scope, node, Object::List(values)))
                    }
                    _ => refuse("a sum of such values"),
                }
            }
            (Operator::BitAnd, Value::Bool(left), Value::Bool(right)) => Ok(Value::Bool(left & right)),
            (Operator::BitOr, Value::Bool(left), Value::Bool(right)) => Ok(Value::Bool(left | right)),
            (Operator::BitXor, Value::Bool(left), Value::Bool(right)) => Ok(Value::Bool(left ^ right)),
            (_, Value::Int(_) | Value::Bool(_), Value::Int(_) | Value::Bool(_)) => {
                let whole = |value: &Value| match value {
                    Value::Int(value) => *value,
                    other => (*other == Value::Bool(true)).into(),
                };
                integers(op, whole(left), whole(right))
            }
            _ => match (number(left), number(right)) {
                (Some(left), Some(right)) => floats(op, left.float(), right.float()),
                _ => refuse("an operator between such values"),
            },
        }
    }
}
