//! Represents file names that are not UTF-8 as paths that are: each byte outside a character becomes one
//! character of the last plane (U+10FF80 to U+10FFFF), which no name in practice contains. Lossless both ways.

use std::borrow::Cow;

use super::EntryPath;

const BASE: u32 = 0x0010_FF00;

/// The name of a file on disk, as text.
pub(super) fn from_bytes(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        let stray = chunk.invalid().iter().map(|&byte| BASE + u32::from(byte));
        text.extend(stray.filter_map(char::from_u32));
    }
    text
}

/// The path on disk; `.` for the ordering's directory itself.
pub(super) fn to_bytes(path: &EntryPath) -> Cow<'_, [u8]> {
    let text = path.as_str();
    if text.is_empty() {
        return Cow::Borrowed(b".");
    }
    let stray = |character: char| u8::try_from(u32::from(character).wrapping_sub(BASE)).ok();
    if text.is_ascii() || !text.chars().any(|character| stray(character).is_some()) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match stray(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_utf8_comes_back_as_it_was() {
        for name in [&b"plain"[..], b"\xff\xfe.py", "häßlich".as_bytes(), b"a\xc3", b"\x80"] {
            let path = EntryPath::root().join(&from_bytes(name));
            assert_eq!(&*to_bytes(&path), name);
        }
    }
}
