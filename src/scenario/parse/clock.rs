//! `[clock]`: granularities and virtual time. Also the durations that both `[clock]` and `[limits]` write.

use std::ops::Range;

use toml::de::DeValue;

use super::duration::{self, NoDuration};
use super::keys;
use super::reader::{Field, Fields, Reader};
use super::spelling;
use crate::scenario::Timestamps;
use crate::scenario::problem::Problem;
use crate::world::Nanos;

const UNITS_HELP: &str = "a number and a unit: ns, us, ms, s, m (or min), h, such as \"500ms\" or \"1.5s\"";

/// The contents of `[clock]`.
pub(super) struct ClockTable {
    /// `None` if they could not be read.
    pub(super) timestamps: Option<Vec<Timestamps>>,
    pub(super) step_time: Nanos,
    pub(super) measures_steps: bool,
}

/// The step time of a scenario whose steps are measured.
const MEASURED: &str = "measured";

/// The clock of a scenario whose top-level fields are `top`.
pub(super) fn clock(reader: &mut Reader, top: &Fields<'_>) -> ClockTable {
    let default = ["1s", "1ns"].map(|written| (written, duration::duration(written)));
    let default = default.map(|(written, tick)| Timestamps {
        written: written.to_owned(),
        tick: tick.unwrap_or(Nanos::SECOND),
    });
    let mut clock =
        ClockTable { timestamps: Some(default.to_vec()), step_time: Nanos(1_000), measures_steps: false };
    let Some(fields) = top.get("clock").and_then(|field| reader.table(field)) else {
        return clock;
    };
    reader.unknown_keys(&fields, &keys::CLOCK);
    if let Some(field) = fields.get("timestamps") {
        clock.timestamps = timestamps(reader, field);
    }
    let step_time = fields.get("step-time");
    clock.measures_steps = step_time.is_some_and(|field| field.value.as_str() == Some(MEASURED));
    let step_time = step_time.filter(|_| !clock.measures_steps).and_then(|field| duration(reader, field));
    clock.step_time = step_time.unwrap_or(clock.step_time);
    clock
}

fn timestamps(reader: &mut Reader, field: &Field<'_>) -> Option<Vec<Timestamps>> {
    let written = reader.strings(field)?;
    if field.value.as_array().is_some_and(|array| array.is_empty()) {
        let problem = Problem::new(field.span.clone(), "`timestamps` is empty");
        reader.note(problem.help("name at least one, or leave it out for [\"1s\", \"1ns\"]"));
        return None;
    }
    reader.repeated(&written, "granularity");
    let granularity = |(written, span): &(&str, Range<usize>)| granularity(reader, written, span);
    let read: Vec<_> = written.iter().map(granularity).collect();
    read.into_iter().collect()
}

fn granularity(reader: &mut Reader, written: &str, span: &Range<usize>) -> Option<Timestamps> {
    let tick = match duration::preset(written) {
        Some(tick) => Ok(tick),
        None => duration::duration(written),
    };
    let problem = match tick {
        Ok(Nanos(0)) => {
            Problem::new(span.clone(), "a granularity of zero has no ticks").help("the finest is \"1ns\"")
        }
        Ok(tick) => {
            return Some(Timestamps { written: written.to_owned(), tick });
        }
        Err(NoDuration::Shape) => no_granularity(written, span),
        Err(why) => duration_problem(written, span, why),
    };
    reader.note(problem);
    None
}

fn no_granularity(written: &str, span: &Range<usize>) -> Problem {
    let presets = duration::PRESETS.map(|(name, _)| name);
    let message = format!("`{written}` is neither a duration nor a preset");
    let help = match spelling::nearest(written, &presets) {
        Some(preset) => format!("did you mean `{preset}`?"),
        None => format!("{UNITS_HELP}; the presets are {}", spelling::list(&presets)),
    };
    Problem::new(span.clone(), message).help(help)
}

/// The duration in `field`.
pub(super) fn duration(reader: &mut Reader, field: &Field<'_>) -> Option<Nanos> {
    if let DeValue::Integer(_) | DeValue::Float(_) = field.value {
        let number = field.value.as_integer().map(ToString::to_string);
        let number = number.or_else(|| field.value.as_float().map(ToString::to_string));
        let problem = Problem::new(field.span.clone(), format!("{} has no unit", field.name));
        let number = number.unwrap_or_default();
        reader.note(problem.help(format!("a string with a unit: \"{number}s\" or \"{number}ms\"")));
        return None;
    }
    let written = reader.string(field)?;
    match duration::duration(written) {
        Ok(length) => Some(length),
        Err(why) => {
            reader.note(duration_problem(written, &field.span, why));
            None
        }
    }
}

fn duration_problem(written: &str, span: &Range<usize>, why: NoDuration) -> Problem {
    let problem = Problem::new(span.clone(), format!("`{written}` {}", why.message()));
    let help = match why {
        NoDuration::NoUnit => format!("with a unit: \"{written}s\" or \"{written}ms\""),
        NoDuration::Negative => "virtual time only goes forward".to_owned(),
        NoDuration::Shape if duration::preset(written).is_some() => {
            format!("`{written}` is a preset for `timestamps`; a duration is {UNITS_HELP}")
        }
        NoDuration::Shape => match without_blanks(written) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => UNITS_HELP.to_owned(),
        },
        NoDuration::TooFine => "the finest length is \"1ns\"".to_owned(),
        NoDuration::TooLong => return problem,
    };
    problem.help(help)
}

/// `written` without the characters that keep it from being a duration.
fn without_blanks(written: &str) -> Option<String> {
    let joined: String = written.split_whitespace().collect();
    let meant = joined.to_lowercase().replace(['\u{b5}', '\u{3bc}'], "u");
    let units =
        [("seconds", "s"), ("second", "s"), ("secs", "s"), ("sec", "s"), ("hours", "h"), ("hour", "h")];
    let ending = units.iter().find_map(|(long, short)| Some(format!("{}{short}", meant.strip_suffix(long)?)));
    [Some(meant), ending].into_iter().flatten().find(|meant| duration::duration(meant).is_ok())
}
