//! Methods of texts.

use ruff_text_size::TextRange;

use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::{Name, Value};

impl Machine<'_> {
    pub(super) fn text_method(
        &mut self,
        (scope, place): (&mut Scope<'_>, TextRange),
        text: &Name,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value> {
        if text.contains('$') && method != "endswith" {
            return refuse("a text that may name the ordering's directory");
        }
        if !text.is_ascii() {
            return refuse(format!("`{method}` of a text that is not ASCII"));
        }
        let parts = |parts: Vec<&str>| parts.into_iter().map(Value::text).collect::<Vec<_>>();
        let list = |machine: &mut Self, values: Vec<Value>| machine.make(scope, &place, Object::List(values));
        match (method, arguments) {
            ("split" | "rsplit", []) => Ok(list(self, parts(words(text)))),
            ("split", [Value::Str(by)]) if !by.is_empty() => {
                Ok(list(self, parts(text.split(&**by).collect())))
            }
            ("split", [Value::Str(by), Value::Int(1)]) if !by.is_empty() => {
                Ok(list(self, parts(text.splitn(2, &**by).collect())))
            }
            ("rsplit", [Value::Str(by), Value::Int(1)]) if !by.is_empty() => {
                let mut split: Vec<&str> = text.rsplitn(2, &**by).collect();
                split.reverse();
                Ok(list(self, parts(split)))
            }
            ("partition", [Value::Str(by)]) if !by.is_empty() => {
                let (before, after) =
                    text.split_once(&**by).map_or((&**text, None), |(before, after)| (before, Some(after)));
                let by = after.map_or("", |_| by);
                Ok(Value::Tuple(parts(vec![before, by, after.unwrap_or_default()]).into()))
            }
            ("rpartition", [Value::Str(by)]) if !by.is_empty() => {
                let (before, after) =
                    text.rsplit_once(&**by).map_or((None, &**text), |(before, after)| (Some(before), after));
                let by = before.map_or("", |_| by);
                Ok(Value::Tuple(parts(vec![before.unwrap_or_default(), by, after]).into()))
            }
            ("join", [of]) => {
                let mut texts = Vec::new();
                let elements = self.elements(of)?;
                for part in &elements {
                    texts.push(&**Self::text_of(part)?);
                }
                Ok(Value::text(texts.join(text)))
            }
            _ => plain_method(text, method, arguments),
        }
    }
}

/// Methods that make a text, a number or a truth value.
fn plain_method(text: &str, method: &str, arguments: &[Value]) -> Result<Value> {
    match (method, arguments) {
        ("upper", []) => Ok(Value::text(text.to_ascii_uppercase())),
        ("lower", []) => Ok(Value::text(text.to_ascii_lowercase())),
        ("capitalize", []) => {
            let lower = text.to_ascii_lowercase();
            let (first, rest) = lower.split_at(lower.len().min(1));
            Ok(Value::text(format!("{}{rest}", first.to_ascii_uppercase())))
        }
        ("startswith", [Value::Str(part)]) => Ok(Value::Bool(text.starts_with(&**part))),
        ("endswith", [Value::Str(part)]) => Ok(Value::Bool(text.ends_with(&**part))),
        ("startswith", [Value::Tuple(parts)]) => any_text(parts, |part| text.starts_with(part)),
        ("endswith", [Value::Tuple(parts)]) => any_text(parts, |part| text.ends_with(part)),
        ("replace", [Value::Str(from), Value::Str(to)]) if !from.is_empty() => {
            Ok(Value::text(text.replace(&**from, to)))
        }
        ("count", [Value::Str(part)]) if !part.is_empty() => {
            let count = text.matches(&**part).count();
            Ok(Value::Int(i64::try_from(count).expect("what is in memory is shorter")))
        }
        ("strip", []) => Ok(Value::text(text.trim_matches(is_space))),
        ("lstrip", []) => Ok(Value::text(text.trim_start_matches(is_space))),
        ("rstrip", []) => Ok(Value::text(text.trim_end_matches(is_space))),
        ("strip", [Value::Str(of)]) => Ok(Value::text(text.trim_matches(|letter| of.contains(letter)))),
        ("lstrip", [Value::Str(of)]) => {
            Ok(Value::text(text.trim_start_matches(|letter| of.contains(letter))))
        }
        ("rstrip", [Value::Str(of)]) => Ok(Value::text(text.trim_end_matches(|letter| of.contains(letter)))),
        ("isdigit", []) => {
            Ok(Value::Bool(!text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit())))
        }
        ("isidentifier", []) => {
            let first = text.bytes().next().is_some_and(|letter| !letter.is_ascii_digit());
            let all = text.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
            Ok(Value::Bool(first && all))
        }
        _ => refuse(format!("such a call of `{method}`")),
    }
}

/// White space of ASCII, as Python sees it.
fn is_space(letter: char) -> bool {
    matches!(letter, '\t'..='\r' | '\x1c'..=' ')
}

/// `text.split()`
fn words(text: &str) -> Vec<&str> {
    text.split(is_space).filter(|word| !word.is_empty()).collect()
}

fn any_text(parts: &[Value], holds: impl Fn(&str) -> bool) -> Result<Value> {
    let mut texts = Vec::new();
    for part in parts {
        match part {
            Value::Str(text) => texts.push(text),
            _ => return refuse("such an argument"),
        }
    }
    Ok(Value::Bool(texts.into_iter().any(|text| holds(text))))
}
