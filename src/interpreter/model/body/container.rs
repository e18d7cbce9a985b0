//! Methods of lists, dicts and sets.

use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, raise, refuse};
use crate::interpreter::model::value::{ObjectId, Value};

impl Machine<'_> {
    /// Calls a method of a list. Returns `None` if a copy is wanted.
    pub(super) fn list_method(
        &mut self,
        id: &ObjectId,
        mut values: Vec<Value>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>> {
        let mut result = Value::None;
        match (method, arguments) {
            ("append", [value]) => values.push(value.clone()),
            ("extend", [more]) => values.extend(self.elements(more)?),
            ("reverse", []) => values.reverse(),
            ("insert", [Value::Int(at), value]) => {
                let length = i64::try_from(values.len()).expect("what is in memory is shorter");
                let at = if *at < 0 { (at + length).max(0) } else { (*at).min(length) };
                values.insert(usize::try_from(at).expect("it lies within the list"), value.clone());
            }
            ("remove", [value]) => {
                let mut found = None;
                for (at, other) in values.iter().enumerate() {
                    if other == value || self.equal(other, value)? {
                        found = Some(at);
                        break;
                    }
                }
                let Some(at) = found else { return raise("ValueError", "list.remove(x): x not in list") };
                let old = values.remove(at);
                self.memory.dropping(&old);
            }
            ("pop", []) => match values.pop() {
                Some(last) => {
                    self.memory.dropping(&last);
                    result = last;
                }
                None => return raise("IndexError", "pop from empty list"),
            },
            ("pop", [at]) if !values.is_empty() => {
                let at = Self::index(at, values.len(), "pop index out of range")?;
                result = values.remove(at);
                self.memory.dropping(&result);
            }
            ("clear", []) => values.drain(..).for_each(|old| self.memory.dropping(&old)),
            ("count", [value]) => {
                let mut count = 0;
                for other in &values {
                    count += i64::from(other == value || self.equal(other, value)?);
                }
                return Ok(Some(Value::Int(count)));
            }
            ("copy", []) => return Ok(None),
            _ => return refuse(format!("such a call of `{method}`")),
        }
        self.replace_object(id, Object::List(values));
        Ok(Some(result))
    }

    /// Calls a method of a dict. Returns `None` if a copy is wanted.
    pub(super) fn dict_method(
        &mut self,
        id: &ObjectId,
        mut items: Vec<(Value, Value)>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>> {
        if let [key, ..] = arguments
            && method != "update"
        {
            self.hashable(key)?;
        }
        let result = match (method, arguments) {
            ("items" | "keys" | "values", []) => return Ok(Some(view_of(items, method))),
            ("copy", []) => return Ok(None),
            ("clear", []) => {
                items.drain(..).for_each(|(_, old)| self.memory.dropping(&old));
                Value::None
            }
            ("get", [key] | [key, _]) => {
                let at = self.position(&items, key)?;
                return Ok(Some(match at {
                    Some(at) => items[at].1.clone(),
                    None => arguments.get(1).cloned().unwrap_or(Value::None),
                }));
            }
            ("pop", [key] | [key, _]) => match (self.position(&items, key)?, arguments.get(1)) {
                (Some(at), _) => {
                    let (_, old) = items.remove(at);
                    self.memory.dropping(&old);
                    old
                }
                (None, Some(default)) => return Ok(Some(default.clone())),
                (None, None) => return self.missing_key(key).map(Some),
            },
            ("setdefault", [key, value]) => {
                if let Some(at) = self.position(&items, key)? {
                    return Ok(Some(items[at].1.clone()));
                }
                items.push((key.clone(), value.clone()));
                value.clone()
            }
            ("update", [Value::Object(other)]) => {
                let Some(Object::Dict(more)) = self.memory.object(other).cloned() else {
                    return refuse("such a call of `update`");
                };
                for (key, value) in more {
                    match self.position(&items, &key)? {
                        Some(at) => {
                            let old = std::mem::replace(&mut items[at].1, value);
                            self.memory.dropping(&old);
                        }
                        None => items.push((key, value)),
                    }
                }
                Value::None
            }
            _ => return refuse(format!("such a call of `{method}`")),
        };
        self.replace_object(id, Object::Dict(items));
        Ok(Some(result))
    }

    /// Calls a method of a set. Returns `None` if a copy is wanted.
    pub(super) fn set_method(
        &mut self,
        id: &ObjectId,
        mut values: Vec<Value>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>> {
        match (method, arguments) {
            ("copy", []) => return Ok(None),
            ("clear", []) => values.drain(..).for_each(|old| self.memory.dropping(&old)),
            ("add", [value]) => self.add_to_set(&mut values, value)?,
            ("update", [more]) => {
                for value in self.elements_in_any_order(more)? {
                    self.add_to_set(&mut values, &value)?;
                }
            }
            ("discard" | "remove", [value]) => {
                self.hashable(value)?;
                let mut found = None;
                for (at, other) in values.iter().enumerate() {
                    if found.is_none() && (other == value || self.equal(other, value)?) {
                        found = Some(at);
                    }
                }
                match found {
                    Some(at) => {
                        let old = values.remove(at);
                        self.memory.dropping(&old);
                    }
                    None if method == "remove" => return self.missing_key(value).map(Some),
                    None => {}
                }
            }
            _ => return refuse(format!("such a call of `{method}`")),
        }
        self.replace_object(id, Object::Set(values));
        Ok(Some(Value::None))
    }

    fn add_to_set(&mut self, values: &mut Vec<Value>, value: &Value) -> Result<()> {
        self.hashable(value)?;
        if !self.is_among(values, value)? {
            values.push(value.clone());
            values.sort();
        }
        Ok(())
    }
}

/// What `items`, `keys` and `values` go over.
fn view_of(items: Vec<(Value, Value)>, method: &str) -> Value {
    let element = |(key, value): (Value, Value)| match method {
        "items" => Value::Tuple([key, value].into()),
        "keys" => key,
        _ => value,
    };
    Value::Elements(items.into_iter().map(element).collect())
}
