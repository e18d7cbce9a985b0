//! Options that are lengths of real time, written as scenarios write durations: `500ms`, `90s`, `1.5h`.

use std::str::FromStr;
use std::time::Duration;

use taster::world::Nanos;

/// Reads such a length.
pub(crate) fn real(written: &str) -> Result<Duration, <Nanos as FromStr>::Err> {
    written.parse().map(|length: Nanos| Duration::from_nanos(length.0))
}
