//! Expected values: a TOML value as a Python value, and the attribute that a key names.

use std::ops::Range;

use toml::de::{DeInteger, DeValue};

use super::name;
use super::reader::{Field, Fields, Reader};
use crate::scenario::problem::Problem;
use crate::scenario::{Check, Literal};

/// One expected attribute: the place of its key, its path, and the value that it must equal.
type Expected = (Range<usize>, Vec<String>, Literal);

/// The check of `expect = { ... }`.
pub(super) fn expect(reader: &mut Reader, field: &Field<'_>) -> Option<Check> {
    let fields = reader.table(field)?;
    let mut expected = Vec::new();
    attributes(reader, &fields, &[], &mut expected);
    for (place, (span, path, _)) in expected.iter().enumerate() {
        if let Some((first, ..)) = expected[..place].iter().find(|(_, other, _)| other == path) {
            let problem =
                Problem::new(span.clone(), format!("the attribute `{}` is expected twice", path.join(".")));
            reader.note(problem.related(first.clone(), "first here"));
        }
    }
    let checks = expected.into_iter().map(|(_, path, value)| (path, value));
    Some(Check::Expect(checks.collect()))
}

/// Adds the expectations of `fields` for the attributes below `above`.
fn attributes(reader: &mut Reader, fields: &Fields<'_>, above: &[String], expected: &mut Vec<Expected>) {
    if fields.iter().next().is_none() {
        let problem = Problem::new(fields.span.clone(), "an empty table expects nothing");
        reader.note(problem.help("name an attribute and its value: expect = { a = 0 }"));
    }
    for (key, field) in fields.iter() {
        let path = match name::dotted(key, &field.key, "attribute") {
            Ok(path) => [above, &path].concat(),
            Err(problem) => {
                reader.note(problem);
                continue;
            }
        };
        if let Some(table) = field.value.as_table() {
            let fields = Fields::new(table, field.span.clone());
            attributes(reader, &fields, &path, expected);
        } else if let Some(value) = literal(reader, field) {
            expected.push((field.key.clone(), path, value));
        }
    }
}

/// The Python value of `field`.
fn literal(reader: &mut Reader, field: &Field<'_>) -> Option<Literal> {
    match field.value {
        DeValue::String(text) => Some(Literal::Str(text.as_ref().to_owned())),
        DeValue::Boolean(value) => Some(Literal::Bool(*value)),
        DeValue::Integer(number) => integer(reader, field, number),
        DeValue::Float(number) => float(reader, field, number.as_str()),
        DeValue::Datetime(_) => {
            let problem = Problem::new(
                field.span.clone(),
                format!("{} is a datetime, which no step compares", field.name),
            );
            reader.note(problem.help("expect a string, a number, a boolean or a list of them"));
            None
        }
        DeValue::Array(_) => {
            let entries = reader.array(field, "values")?;
            let values: Vec<_> = entries.iter().map(|entry| literal(reader, entry)).collect();
            values.into_iter().collect::<Option<_>>().map(Literal::List)
        }
        DeValue::Table(table) => {
            let fields = Fields::new(table, field.span.clone());
            let values: Vec<_> =
                fields.iter().map(|(key, field)| Some((key.to_owned(), literal(reader, field)?))).collect();
            values.into_iter().collect::<Option<_>>().map(Literal::Dict)
        }
    }
}

fn integer(reader: &mut Reader, field: &Field<'_>, number: &DeInteger<'_>) -> Option<Literal> {
    let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
    if value.is_none() {
        reader.note(Problem::new(
            field.span.clone(),
            format!("{} is an integer that does not fit in 64 bits", field.name),
        ));
    }
    value.map(Literal::Int)
}

fn float(reader: &mut Reader, field: &Field<'_>, written: &str) -> Option<Literal> {
    let value: Option<f64> = written.parse().ok();
    let fault = match value {
        None => "is not a number",
        Some(value) if value.is_nan() => "is nan, which equals nothing in Python, itself included",
        Some(value) if value.is_infinite() && !written.contains("inf") => "does not fit in a float",
        Some(value) => return Some(Literal::Float(value)),
    };
    reader.note(Problem::new(field.span.clone(), format!("{} {fault}", field.name)));
    None
}
