//! `[limits]`: how long a step may take, and how much its code may use.

use std::time::Duration;

use toml::de::DeValue;

use super::clock::duration;
use super::keys;
use super::reader::{Field, Fields, Reader};
use crate::scenario::Limits;
use crate::scenario::problem::Problem;
use crate::world::Nanos;

/// Units of sizes with their bytes.
pub(in crate::scenario) const UNITS: [(&str, u64); 4] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

const SIZE_HELP: &str = "a whole number and a unit: B, KiB, MiB, GiB, such as \"512MiB\"";

/// The real time that one step may take, and what its code may use.
pub(super) fn limits(reader: &mut Reader, top: &Fields<'_>) -> (Duration, Limits) {
    let mut timeout = Duration::from_secs(10);
    let mut limits = Limits::default();
    let Some(fields) = top.get("limits").and_then(|field| reader.table(field)) else {
        return (timeout, limits);
    };
    reader.unknown_keys(&fields, &keys::LIMITS);
    if let Some(length) = fields.get("step-timeout").and_then(|field| step_timeout(reader, field)) {
        timeout = length;
    }
    if let Some(bytes) = fields.get("memory").and_then(|field| size(reader, field)) {
        limits.memory = bytes;
    }
    if let Some(bytes) = fields.get("file-size").and_then(|field| size(reader, field)) {
        limits.file_size = bytes;
    }
    if let Some(number) = fields.get("processes").and_then(|field| count(reader, field)) {
        limits.processes = number;
    }
    (timeout, limits)
}

fn step_timeout(reader: &mut Reader, field: &Field<'_>) -> Option<Duration> {
    match duration(reader, field)? {
        Nanos(0) => {
            let problem = Problem::new(field.span.clone(), "`step-timeout` must be greater than zero");
            reader.note(problem.help("the default is \"10s\""));
            None
        }
        length => Some(Duration::from_nanos(length.0)),
    }
}

/// The bytes that `field` writes.
fn size(reader: &mut Reader, field: &Field<'_>) -> Option<u64> {
    if let DeValue::Integer(number) = field.value {
        let problem = Problem::new(field.span.clone(), format!("{} has no unit", field.name));
        reader.note(problem.help(format!("a string with a unit: \"{number}MiB\" or \"{number}GiB\"")));
        return None;
    }
    let written = reader.string(field)?;
    let bytes = bytes(written);
    if bytes.is_none() {
        let problem = Problem::new(field.span.clone(), format!("`{written}` is not a size"));
        reader.note(problem.help(SIZE_HELP));
    }
    bytes
}

/// The bytes that `written` says: a whole number and right behind it a unit.
fn bytes(written: &str) -> Option<u64> {
    let number_ends = written.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = written.split_at(number_ends);
    let &(_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(length)
}

fn count(reader: &mut Reader, field: &Field<'_>) -> Option<u64> {
    let number = field.value.as_integer().and_then(|number| number.to_string().parse().ok());
    if number.is_none() {
        let message = format!("{} must be a whole number, zero or more", field.name);
        reader.note(Problem::new(field.span.clone(), message).help("the default is 256"));
    }
    number
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_whole_numbers_with_a_unit() {
        for (written, wanted) in [
            ("0B", Some(0)),
            ("7B", Some(7)),
            ("2KiB", Some(2048)),
            ("512MiB", Some(512 << 20)),
            ("2GiB", Some(2 << 30)),
            ("17179869184GiB", None),
            ("1.5GiB", None),
            ("2 GiB", None),
            ("2GB", None),
            ("-1GiB", None),
            ("GiB", None),
            ("2", None),
            ("", None),
        ] {
            assert_eq!(bytes(written), wanted, "{written}");
        }
    }
}
