//! Pieces of Python source: strings, sequences, and paths below the ordering's directory.

use std::fmt::Write;

use crate::world::EntryPath;

/// A directory of the ordering, as what follows the ordering's own directory.
pub(super) fn below(path: &EntryPath) -> String {
    if path.is_root() { String::new() } else { format!("/{path}") }
}

/// A Python list.
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

/// Whatever can be shown, as it shows.
pub(super) fn write_display(source: &mut String, value: &dyn std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(source, "{value}");
}
