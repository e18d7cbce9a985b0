//! Items of lists, tuples, dicts, sets, `sys.modules` and `os.environ`.

use std::collections::BTreeMap;

use ruff_python_ast::{Expr, ExprSubscript};

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::{Exception, Object, StepLine};
use crate::interpreter::model::stop::{EvaluationError, Result, raise, refuse};
use crate::interpreter::model::text::repr;
use crate::interpreter::model::value::{ProcessObject, Value};

impl Machine<'_> {
    /// Where a bound of a slice lies, or the default without one.
    fn bound(
        &mut self,
        scope: &mut Scope<'_>,
        bound: Option<&Expr>,
        default: usize,
        length: usize,
    ) -> Result<usize> {
        let Some(bound) = bound else { return Ok(default) };
        match self.evaluate(scope, bound)? {
            Value::Int(at) => Ok(within(at, length)),
            Value::None => Ok(default),
            _ => refuse("a slice by such a value"),
        }
    }

    /// The bounds of a slice of a sequence of this length.
    fn bounds(
        &mut self,
        scope: &mut Scope<'_>,
        node: &ExprSubscript,
        length: usize,
    ) -> Result<(usize, usize)> {
        let Expr::Slice(slice) = &*node.slice else { return refuse("such a slice") };
        if slice.step.is_some() {
            return refuse("a slice with a step");
        }
        let lower = self.bound(scope, slice.lower.as_deref(), 0, length)?;
        let upper = self.bound(scope, slice.upper.as_deref(), length, length)?;
        Ok((lower, upper))
    }

    /// `of[lower:upper] = more` or, with nothing, `del of[lower:upper]`, of a list.
    pub(super) fn replace_slice(
        &mut self,
        scope: &mut Scope<'_>,
        node: &ExprSubscript,
        more: Vec<Value>,
    ) -> Result<()> {
        let of = self.evaluate(scope, &node.value)?;
        let Some(Object::List(mut values)) = of.as_object().and_then(|id| self.memory.object(id)).cloned()
        else {
            return refuse("a change to a slice of such a value");
        };
        let (lower, upper) = self.bounds(scope, node, values.len())?;
        let old: Vec<Value> = values.splice(lower..upper.max(lower), more).collect();
        if let Value::Object(id) = &of {
            self.replace_object(id, Object::List(values));
        }
        old.iter().for_each(|old| self.memory.dropping(old));
        Ok(())
    }

    /// `of[lower:upper]`
    pub(super) fn slice(&mut self, scope: &mut Scope<'_>, node: &ExprSubscript) -> Result<Value> {
        let of = self.evaluate(scope, &node.value)?;
        let values = self.elements(&of)?;
        let (lower, upper) = self.bounds(scope, node, values.len())?;
        let part = values.get(lower..upper).unwrap_or_default().to_vec();
        match &of {
            Value::Str(text) => {
                let letters = text.chars().skip(lower).take(upper.saturating_sub(lower));
                Ok(Value::text(letters.collect::<String>()))
            }
            Value::Tuple(_) => Ok(Value::Tuple(part.into())),
            Value::Object(id) if matches!(self.memory.object(id), Some(Object::List(_))) => {
                Ok(self.make(scope, node, Object::List(part)))
            }
            _ => refuse("a slice of such a value"),
        }
    }

    /// `items[key] = value` in a dict that is being made.
    pub(super) fn put_item(
        &mut self,
        items: &mut Vec<(Value, Value)>,
        key: Value,
        value: Value,
    ) -> Result<()> {
        self.hashable(&key)?;
        match self.position(items, &key)? {
            Some(at) => items[at].1 = value,
            None => items.push((key, value)),
        }
        Ok(())
    }

    /// The items of a dict.
    pub(super) fn items_of(&mut self, value: &Value) -> Result<Vec<(Value, Value)>> {
        match value.as_object().and_then(|id| self.memory.object(id)) {
            Some(Object::Dict(items)) => Ok(items.clone()),
            _ => refuse("what is no dict"),
        }
    }

    /// A set of these values.
    pub(super) fn make_set(
        &mut self,
        scope: &Scope<'_>,
        node: &impl ruff_text_size::Ranged,
        values: Vec<Value>,
    ) -> Result<Value> {
        let mut members: Vec<Value> = Vec::new();
        for value in values {
            self.hashable(&value)?;
            if !self.is_among(&members, &value)? {
                members.push(value);
            }
        }
        members.sort();
        Ok(self.make(scope, node, Object::Set(members)))
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
        let exception = Exception {
            class: Value::Builtin("KeyError"),
            arguments: vec![key.clone()],
            message: message.into(),
            attributes: BTreeMap::new(),
            name: None,
            raised_on: StepLine::default(),
        };
        Err(EvaluationError::Raise(Box::new(exception)))
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

/// Where a bound of a slice lies in a sequence of this length.
fn within(at: i64, length: usize) -> usize {
    let from = |size: u64| usize::try_from(size).map_or(length, |size| size.min(length));
    if at < 0 { length - from(at.unsigned_abs()) } else { from(at.unsigned_abs()) }
}
