//! `mtime`: a modification time that a step gives, counted from now or in RFC 3339.

use toml::de::DeValue;
use toml_edit::{Datetime, Offset};

use super::duration;
use super::reader::{Field, Reader};
use crate::scenario::problem::Problem;
use crate::world::disk::Directory;
use crate::world::{Mtime, Nanos, Time};

const HELP: &str =
    "write \"-2s\" or \"+2s\", counted from now, or an instant such as \"2001-09-09T01:46:38Z\"";

/// The modification time in `field`.
pub(super) fn modified_at(reader: &mut Reader, field: &Field<'_>) -> Option<Mtime> {
    let read = match field.value {
        DeValue::Datetime(written) => instant(written).map(Mtime::At),
        _ => from_text(reader.string(field)?),
    };
    match read {
        Ok(mtime) => Some(mtime),
        Err(fault) => {
            reader.note(Problem::new(field.span.clone(), fault).help(HELP));
            None
        }
    }
}

fn from_text(written: &str) -> Result<Mtime, String> {
    if let Ok(datetime) = written.parse::<Datetime>() {
        return instant(&datetime).map(Mtime::At);
    }
    let (sign, length) = match written.split_at_checked(1) {
        Some((sign @ ("-" | "+"), length)) => (sign, length),
        _ => ("+", written),
    };
    let length = duration::duration(length).map_err(|_| format!("`{written}` is no modification time"))?;
    match sign {
        "-" if length > since_1970() => Err(format!("`{written}` is before 1970")),
        "-" => Ok(Mtime::Before(length)),
        _ => Ok(Mtime::After(length)),
    }
}

/// How far virtual time reaches back.
const fn since_1970() -> Nanos {
    Nanos(Time::START.0)
}

/// The instant of a date, a time and an offset.
fn instant(written: &Datetime) -> Result<Time, String> {
    let (Some(date), Some(time), Some(offset)) = (written.date, written.time, written.offset) else {
        return Err(format!("`{written}` is no instant: it needs a date, a time and an offset such as Z"));
    };
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days_since_1970(i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let clock = i64::from(time.hour) * 60 + i64::from(time.minute) - minutes;
    let second = days * 86_400 + clock * 60 + i64::from(time.second.unwrap_or_default());
    let nanos = u64::from(time.nanosecond.unwrap_or_default());
    let since = u64::try_from(second).ok().and_then(|second| second.checked_mul(Nanos::SECOND.0));
    match since.map(|since| Time(since + nanos)) {
        None => Err(format!("`{written}` is before 1970")),
        Some(time) if time > Directory::NEWEST => Err(format!(
            "`{written}` is later than 2020-09-13T12:26:40Z, the end of virtual time on a real interpreter"
        )),
        Some(time) => Ok(time),
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. The year is taken to begin in March, so that the day of a
/// leap year comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_seconds_since_1970() {
        let second = |written: &str| {
            from_text(written).map(|mtime| match mtime {
                Mtime::At(time) => time.second(),
                _ => 0,
            })
        };
        assert_eq!(second("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(second("2001-09-09T01:46:40Z"), Ok(1_000_000_000));
        assert_eq!(second("2001-09-09T03:46:40+02:00"), Ok(1_000_000_000));
        assert_eq!(second("2000-02-29T12:00:00Z"), Ok(951_825_600));
        assert_eq!(second("2000-03-01T00:00:00Z"), Ok(951_868_800));
        assert!(second("2024-01-01T00:00:00Z").is_err());
        assert!(second("1969-12-31T23:59:59Z").is_err());
        assert!(second("2001-09-09").is_err());
    }

    #[test]
    fn a_sign_counts_from_now() {
        assert_eq!(from_text("-2s"), Ok(Mtime::Before(Nanos(2_000_000_000))));
        assert_eq!(from_text("+1.5s"), Ok(Mtime::After(Nanos(1_500_000_000))));
        assert_eq!(from_text("1ns"), Ok(Mtime::After(Nanos(1))));
        assert!(from_text("-").is_err());
        assert!(from_text("yesterday").is_err());
        assert!(from_text("-400000h").is_err());
    }
}
