//! Texts and bytes as `repr` writes them.

/// `repr` of a text without characters that need a table to know whether they are printable.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => shown.extend(['\\', c]),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => shown.extend(hexadecimal(c as u32)),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

/// `repr` of bytes, without the `b`.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for &byte in bytes {
        match byte {
            b'\\' => shown.push_str("\\\\"),
            b'\n' => shown.push_str("\\n"),
            b'\r' => shown.push_str("\\r"),
            b'\t' => shown.push_str("\\t"),
            b if char::from(b) == quote => shown.extend(['\\', quote]),
            0x20..0x7f => shown.push(char::from(byte)),
            _ => shown.extend(hexadecimal(byte.into())),
        }
    }
    shown.push(quote);
    shown
}

/// `\x` and two digits.
fn hexadecimal(code: u32) -> impl Iterator<Item = char> {
    let digit = |shift: u32| char::from_digit((code >> shift) & 15, 16).unwrap_or('0');
    ['\\', 'x', digit(4), digit(0)].into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_look_as_in_python() {
        assert_eq!(quoted("a"), "'a'");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("'\""), "'\\'\"'");
        assert_eq!(quoted("a\n\\\u{1}"), "'a\\n\\\\\\x01'");
    }
}
