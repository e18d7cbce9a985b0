//! Values, texts and paths as source of Python that the agent evaluates.

use std::fmt::Write;

use crate::scenario::Literal;
use crate::world::EntryPath;

/// A directory of the ordering, as what follows the ordering's own directory.
pub(super) fn below(path: &EntryPath) -> String {
    if path.is_root() { String::new() } else { format!("/{path}") }
}

pub(super) fn write_sequence<T>(
    source: &mut String,
    items: &[T],
    mut write_item: impl FnMut(&mut String, &T),
) {
    source.push('[');
    for item in items {
        write_item(source, item);
        source.push(',');
    }
    source.push(']');
}

/// A value, as the agent evaluates it.
pub(super) fn write_literal(source: &mut String, value: &Literal) {
    match value {
        Literal::Bool(true) => source.push_str("True"),
        Literal::Bool(false) => source.push_str("False"),
        Literal::Int(number) => write_display(source, number),
        Literal::Float(number) if number.is_nan() => source.push_str("nan"),
        // Debug keeps the point of 1.0 and writes infinities as `inf` and `-inf`.
        Literal::Float(number) => write_display(source, &format_args!("{number:?}")),
        Literal::Str(text) => write_string(source, text),
        Literal::List(items) => write_sequence(source, items, write_literal),
        Literal::Dict(entries) => {
            source.push('{');
            for (key, value) in entries {
                write_string(source, key);
                source.push(':');
                write_literal(source, value);
                source.push(',');
            }
            source.push('}');
        }
    }
}

/// A `str` of the version that reads it; of 2.7 a `unicode` where it must be.
pub(super) fn write_string(source: &mut String, text: &str) {
    if !text.is_ascii() {
        source.push('u');
    }
    source.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => source.extend(['\\', character]),
            ' '..='~' => source.push(character),
            '\0'..='\u{7f}' => write_display(source, &format_args!("\\x{:02x}", u32::from(character))),
            _ => write_display(source, &format_args!("\\U{:08x}", u32::from(character))),
        }
    }
    source.push('"');
}

fn write_display(source: &mut String, value: &dyn std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(source, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_python_source() {
        let value = Literal::List(vec![
            Literal::Bool(true),
            Literal::Int(-3),
            Literal::Float(1.0),
            Literal::Float(f64::NEG_INFINITY),
            Literal::Str("a\"\\\né".into()),
            Literal::Dict(vec![("k".into(), Literal::Float(f64::NAN))]),
        ]);
        let mut source = String::new();
        write_literal(&mut source, &value);
        assert_eq!(source, r#"[True,-3,1.0,-inf,u"a\"\\\x0a\U000000e9",{"k":nan,},]"#);
    }
}
