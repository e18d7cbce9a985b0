//! Built-in functions over elements: `range`, `enumerate`, `zip`, `sorted`, `sum` and their like.

use std::cmp::Ordering;

use ruff_text_size::TextRange;

use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::Value;

/// The most elements of a range.
const MOST: i64 = 5_000;

/// What `range` goes over.
fn range(start: i64, end: i64, step: i64) -> Result<Value> {
    let length = end.checked_sub(start).filter(|length| length.abs() <= MOST);
    if step == 0 || length.is_none() {
        return refuse("such a range");
    }
    let mut values = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        values.push(Value::Int(at));
        at += step;
    }
    Ok(Value::Elements(values.into()))
}

fn elements_of(values: impl Iterator<Item = Value>) -> Value {
    Value::Elements(values.collect())
}

impl Machine<'_> {
    /// Built-in functions over elements, which no order of evaluation distinguishes.
    pub(super) fn call_over_elements(&mut self, name: &'static str, arguments: &[Value]) -> Result<Value> {
        let whole = |at: usize| match arguments.get(at) {
            Some(Value::Int(value)) => Ok(*value),
            _ => refuse(format!("`{name}` of such values")),
        };
        match (name, arguments) {
            ("range", [_]) => range(0, whole(0)?, 1),
            ("range", [_, _]) => range(whole(0)?, whole(1)?, 1),
            ("range", [_, _, _]) => range(whole(0)?, whole(1)?, whole(2)?),
            ("enumerate", [of]) => {
                let values = self.elements(of)?.into_iter();
                Ok(elements_of(
                    values.zip(0..).map(|(value, at)| Value::Tuple([Value::Int(at), value].into())),
                ))
            }
            ("reversed", [of]) => Ok(elements_of(self.elements(of)?.into_iter().rev())),
            ("zip", [first, second]) => {
                let (first, second) = (self.elements(first)?, self.elements(second)?);
                let pairs = first.into_iter().zip(second);
                Ok(elements_of(pairs.map(|(first, second)| Value::Tuple([first, second].into()))))
            }
            ("any" | "all", [of]) => {
                for value in self.elements(of)? {
                    if self.truth(&value)? == (name == "any") {
                        return Ok(Value::Bool(name == "any"));
                    }
                }
                Ok(Value::Bool(name == "all"))
            }
            ("sum", [of]) => {
                let mut sum = 0;
                for value in self.elements_in_any_order(of)? {
                    let Value::Int(value) = value else { return refuse("`sum` of such values") };
                    match i64::checked_add(sum, value) {
                        Some(more) => sum = more,
                        None => return refuse("a number of more than 64 bits"),
                    }
                }
                Ok(Value::Int(sum))
            }
            ("min" | "max", [of]) => {
                let values = self.elements_in_any_order(of)?;
                self.extreme(name, values)
            }
            ("min" | "max", [_, _, ..]) => self.extreme(name, arguments.to_vec()),
            _ => refuse(format!("such a call of `{name}`")),
        }
    }

    /// The smallest or greatest value, the first of equal ones.
    pub(super) fn extreme(&mut self, name: &str, values: Vec<Value>) -> Result<Value> {
        let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
        let mut values = values.into_iter();
        let Some(mut found) = values.next() else { return refuse(format!("`{name}` of nothing")) };
        for value in values {
            if self.order(&value, &found)? == Some(wanted) {
                found = value;
            }
        }
        Ok(found)
    }

    pub(super) fn sorted(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        values: Vec<Value>,
        key: Option<&Value>,
        reverse: bool,
    ) -> Result<Value> {
        let mut sorted: Vec<(Value, Value)> = Vec::new();
        for value in values {
            let key = match key {
                Some(key) => {
                    let argument = Arguments::positional(vec![value.clone()]);
                    self.call_value((scope, place), key, argument)?
                }
                None => value.clone(),
            };
            let before = if reverse { Ordering::Greater } else { Ordering::Less };
            let mut at = sorted.len();
            while at > 0 && self.order(&key, &sorted[at - 1].0)? == Some(before) {
                at -= 1;
            }
            sorted.insert(at, (key, value));
        }
        let values = sorted.into_iter().map(|(_, value)| value).collect();
        Ok(self.make(scope, &place, Object::List(values)))
    }

    /// `dict(of)`
    pub(super) fn dict_of(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        of: &Value,
    ) -> Result<Value> {
        let mut items = Vec::new();
        if let Ok(known) = self.items_of(of) {
            items = known;
        } else {
            for pair in self.elements(of)? {
                let pair = self.elements(&pair)?;
                let [key, value] = &pair[..] else { return refuse("`dict` of such elements") };
                self.put_item(&mut items, key.clone(), value.clone())?;
            }
        }
        Ok(self.make(scope, &place, Object::Dict(items)))
    }
}
