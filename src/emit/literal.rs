//! Values and texts as Python literals, in ASCII, for every version.

use std::fmt::Write as _;

use crate::scenario::Literal;
use crate::world::Time;

/// A value as a Python literal.
pub(super) fn literal(value: &Literal) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Literal::Bool(true) => "True".into(),
        Literal::Bool(false) => "False".into(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) if value.is_finite() => format!("{value:?}"),
        Literal::Float(value) => format!("float('{value}')"),
        Literal::Str(value) if value.is_ascii() => quoted(value),
        Literal::Str(value) => format!("b{}.decode('utf-8')", quoted(value)),
        Literal::List(values) => format!("[{}]", joined(values.iter().map(literal).collect())),
        Literal::Dict(entries) => {
            let entry = |(key, value): &(String, Literal)| {
                format!("{}: {}", literal(&Literal::Str(key.clone())), literal(value))
            };
            format!("{{{}}}", joined(entries.iter().map(entry).collect()))
        }
    }
}

/// A Python string literal, in single quotes if that needs no escape; characters outside ASCII byte by byte.
pub(super) fn quoted(text: &str) -> String {
    escaped(text.as_bytes())
}

/// A literal of bytes.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    format!("b{}", escaped(bytes))
}

fn escaped(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut literal = String::from(quote);
    for &byte in bytes {
        match byte {
            b'\n' => literal += "\\n",
            b'\t' => literal += "\\t",
            b'\r' => literal += "\\r",
            b'\\' => literal += "\\\\",
            _ if char::from(byte) == quote => literal.extend(['\\', quote]),
            0x20..0x7f => literal.push(char::from(byte)),
            _ => {
                let _ = write!(literal, "\\x{byte:02x}");
            }
        }
    }
    literal.push(quote);
    literal
}

/// Seconds since 1970 with no more digits than needed.
pub(super) fn seconds(time: Time) -> String {
    if time.subsecond() == 0 {
        return time.second().to_string();
    }
    let fraction = format!("{:09}", time.subsecond());
    format!("{}.{}", time.second(), fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_no_needless_digits() {
        assert_eq!(seconds(Time::START), "1000000000");
        assert_eq!(seconds(Time(Time::START.0 + 2_000)), "1000000000.000002");
    }

    #[test]
    fn strings_come_out_as_python_reads_them() {
        assert_eq!(quoted("a = 0\n"), r"'a = 0\n'");
        assert_eq!(quoted("it's"), r#""it's""#);
        assert_eq!(quoted("'\"\\"), r#"'\'"\\'"#);
        assert_eq!(quoted("\u{e9}\0"), r"'\xc3\xa9\x00'");
    }
}
