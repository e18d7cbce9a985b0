//! Durations and granularities as a command line gives them.

use std::str::FromStr;

use super::duration;
use crate::scenario::Timestamps;
use crate::world::Nanos;

/// Why a text is not a duration or granularity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{written}` {reason}")]
pub struct DurationError {
    written: String,
    reason: &'static str,
}

impl FromStr for Nanos {
    type Err = DurationError;

    /// An integer or decimal number and a unit: `500ms`, `1.5s`, `5m`.
    fn from_str(written: &str) -> Result<Self, Self::Err> {
        duration::duration(written)
            .map_err(|why| DurationError { written: written.into(), reason: why.message() })
    }
}

impl FromStr for Timestamps {
    type Err = DurationError;

    /// A duration above zero, or the name of a preset.
    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let bad = |reason| DurationError { written: written.into(), reason };
        let tick = match duration::preset(written) {
            Some(tick) => tick,
            None => duration::duration(written)
                .map_err(|_| bad("is neither a duration such as 1s nor a preset"))?,
        };
        if tick == Nanos(0) {
            return Err(bad("has no ticks: the finest granularity is 1ns"));
        }
        Ok(Self { written: written.into(), tick })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_and_durations_are_granularities() {
        assert_eq!("ext3".parse::<Timestamps>().map(|read| read.tick), Ok(Nanos::SECOND));
        assert_eq!("4ms".parse::<Timestamps>().map(|read| read.tick), Ok(Nanos(4_000_000)));
        let said = |written: &str| written.parse::<Timestamps>().map_err(|error| error.to_string());
        assert_eq!(said("0s"), Err("`0s` has no ticks: the finest granularity is 1ns".into()));
        assert_eq!(said("ext5"), Err("`ext5` is neither a duration such as 1s nor a preset".into()));
    }
}
