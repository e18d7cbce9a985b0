//! Texts made from values: f-strings, `%` and `str.format`.

use ruff_python_ast::{ConversionFlag, ExprFString, FStringPart, InterpolatedStringElement};

use super::function::Arguments;
use super::scope::Scope;
use crate::interpreter::model::machine::Machine;
use crate::interpreter::model::object::Object;
use crate::interpreter::model::stop::{Result, refuse};
use crate::interpreter::model::value::Value;

impl Machine<'_> {
    pub(super) fn f_string(&mut self, scope: &mut Scope<'_>, node: &ExprFString) -> Result<Value> {
        let mut text = String::new();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => text.push_str(literal),
                FStringPart::FString(string) => {
                    for element in &string.elements {
                        text.push_str(&self.element_of_f_string(scope, element)?);
                    }
                }
            }
        }
        Ok(Value::text(text))
    }

    fn element_of_f_string(
        &mut self,
        scope: &mut Scope<'_>,
        element: &InterpolatedStringElement,
    ) -> Result<String> {
        match element {
            InterpolatedStringElement::Literal(literal) => Ok(literal.value.to_string()),
            InterpolatedStringElement::Interpolation(node) => {
                if node.debug_text.is_some() || node.format_spec.is_some() {
                    return refuse("an f-string with a format of its own");
                }
                let value = self.evaluate(scope, &node.expression)?;
                match node.conversion {
                    ConversionFlag::None | ConversionFlag::Str => self.displayed(&value),
                    ConversionFlag::Repr => self.represented(&value),
                    ConversionFlag::Ascii => refuse("`!a` in an f-string"),
                }
            }
        }
    }

    /// `text % value`, with `%s`, `%r`, `%d` and `%%`.
    pub(super) fn percent(&mut self, text: &str, value: &Value) -> Result<Value> {
        let mut left = match value {
            Value::Tuple(parts) => parts.to_vec(),
            Value::Object(id) if matches!(self.memory.object(id), Some(Object::Dict(_))) => {
                return refuse("`%` with a dict");
            }
            other => vec![other.clone()],
        };
        left.reverse();
        let mut made = String::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                made.push(letter);
                continue;
            }
            match letters.next() {
                Some('%') => made.push('%'),
                Some(kind @ ('s' | 'r' | 'd')) => {
                    let Some(value) = left.pop() else { return refuse("`%` with too few values") };
                    made.push_str(&match (kind, &value) {
                        ('r', _) => self.represented(&value)?,
                        ('d', Value::Int(_)) | ('s', _) => self.displayed(&value)?,
                        _ => return refuse("`%d` with such a value"),
                    });
                }
                _ => return refuse("such a format"),
            }
        }
        if left.is_empty() { Ok(Value::text(made)) } else { refuse("`%` with too many values") }
    }

    /// `text.format(...)`, with `{}`, `{0}` and `{name}`.
    pub(super) fn format(&mut self, text: &str, arguments: &Arguments) -> Result<Value> {
        let mut made = String::new();
        let mut next = 0;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            made.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix(brace) {
                made.push_str(brace);
                rest = after;
                continue;
            }
            let (Some((field, after)), "{") = (after.split_once('}'), brace) else {
                return refuse("such a format");
            };
            let value = match field {
                "" => arguments.positional.get(next),
                _ => match field.parse::<usize>() {
                    Ok(at) => arguments.positional.get(at),
                    Err(_) => {
                        arguments.keywords.iter().find(|(name, _)| **name == *field).map(|(_, value)| value)
                    }
                },
            };
            next += usize::from(field.is_empty());
            let Some(value) = value else { return refuse("such a format") };
            made.push_str(&self.displayed(value)?);
            rest = after;
        }
        made.push_str(rest);
        Ok(Value::text(made))
    }
}
