//! Durations and presets: `500ms`, `1.5s`, `ext4-250hz` -> nanoseconds.

use crate::world::Nanos;

/// Units of durations with their lengths in nanoseconds.
pub(in crate::scenario) const UNITS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Names for granularities of modification times on common file systems, in nanoseconds.
pub const PRESETS: [(&str, u64); 8] = [
    ("fat32", 2_000_000_000),
    ("hfs+", 1_000_000_000),
    ("ext3", 1_000_000_000),
    ("ext4-100hz", 10_000_000),
    ("ext4-250hz", 4_000_000),
    ("ext4-1000hz", 1_000_000),
    ("ntfs", 100),
    ("apfs", 1),
];

/// Why a text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDuration {
    /// Not a number and a unit.
    Shape,
    /// A number without a unit.
    NoUnit,
    /// Below zero.
    Negative,
    /// Not a whole number of nanoseconds.
    TooFine,
    /// More than 2^64 nanoseconds.
    TooLong,
}

impl NoDuration {
    /// The message for it.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Shape => "is not a duration",
            Self::NoUnit => "has no unit",
            Self::Negative => "is negative",
            Self::TooFine => "is not a whole number of nanoseconds",
            Self::TooLong => "is longer than virtual time lasts (584 years)",
        }
    }
}

/// The length of `written`: an integer or a decimal number, and right behind it a unit.
pub(super) fn duration(written: &str) -> Result<Nanos, NoDuration> {
    let number_ends =
        written.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(written.len());
    let (number, unit) = written.split_at(number_ends);
    if number.is_empty() && unit.starts_with('-') && duration(&unit[1..]).is_ok() {
        return Err(NoDuration::Negative);
    }
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && !fraction.contains('.') => (whole, fraction),
        Some(_) => return Err(NoDuration::Shape),
        None => (number, ""),
    };
    if whole.is_empty() {
        return Err(NoDuration::Shape);
    }
    if unit.is_empty() {
        return Err(NoDuration::NoUnit);
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    let &(_, length) = known.ok_or(NoDuration::Shape)?;
    let fraction = part_of(fraction, length)?;
    whole
        .parse::<u64>()
        .ok()
        .and_then(|whole| whole.checked_mul(length)?.checked_add(fraction))
        .map(Nanos)
        .ok_or(NoDuration::TooLong)
}

/// `0.fraction` of `length`.
fn part_of(fraction: &str, length: u64) -> Result<u64, NoDuration> {
    let digits = fraction.trim_end_matches('0');
    // No unit has more factors of two than an hour: 13.
    if digits.len() > 13 {
        return Err(NoDuration::TooFine);
    }
    let Ok(numerator) = digits.parse::<u128>() else {
        return Ok(0);
    };
    let scaled = numerator * u128::from(length);
    let denominator = digits.bytes().fold(1_u128, |power, _| power * 10);
    if scaled % denominator != 0 {
        return Err(NoDuration::TooFine);
    }
    u64::try_from(scaled / denominator).map_err(|_| NoDuration::TooLong)
}

/// The tick of a preset.
pub(super) fn preset(name: &str) -> Option<Nanos> {
    let found = PRESETS.iter().find(|(preset, _)| *preset == name);
    found.map(|&(_, tick)| Nanos(tick))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_decimals_with_every_unit() {
        for (written, nanos) in [
            ("7ns", 7),
            ("1us", 1_000),
            ("500ms", 500_000_000),
            ("1.5s", 1_500_000_000),
            ("0.000000001s", 1),
            ("2m", 120_000_000_000),
            ("0.5min", 30_000_000_000),
            ("1h", 3_600_000_000_000),
            ("0.0005h", 1_800_000_000),
            ("1.50000000000000000s", 1_500_000_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(written), Ok(Nanos(nanos)), "{written}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        use NoDuration::{Negative, NoUnit, Shape, TooFine, TooLong};
        for (written, why) in [
            ("", Shape),
            ("s", Shape),
            ("1 s", Shape),
            ("1sec", Shape),
            ("1.s", Shape),
            (".5s", Shape),
            ("1.2.3s", Shape),
            ("1e3s", Shape),
            ("5", NoUnit),
            ("1.5", NoUnit),
            ("-1s", Negative),
            ("--1s", Shape),
            ("0.5ns", TooFine),
            ("0.0000000001s", TooFine),
            ("0.00000000000000000001h", TooFine),
            ("18446744073709551616ns", TooLong),
            ("99999999999h", TooLong),
        ] {
            assert_eq!(duration(written), Err(why), "{written}");
        }
    }
}
