//! Options that are lengths of real time, written as scenarios write durations: `500ms`, `90s`, `1.5h`.

use std::time::Duration;

use taster::world::Nanos;

/// Reads such a length.
pub(crate) fn real(written: &str) -> Result<Duration, String> {
    match written.parse() {
        Ok(Nanos(length)) => Ok(Duration::from_nanos(length)),
        Err(why) => Err(format!("{why}; write 90s, 10m or 1.5h")),
    }
}
