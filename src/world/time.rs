//! Virtual time: lengths and instants, in nanoseconds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length of virtual time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Nanos(pub u64);

impl Nanos {
    /// One second.
    pub const SECOND: Self = Self(1_000_000_000);
}

impl fmt::Display for Nanos {
    /// In the largest unit that leaves no fraction: `500ms`, `1s`, `1us`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
        let fits = |&&(length, _): &&(u64, &str)| self.0 >= length && self.0.is_multiple_of(length);
        let &(length, unit) = units.iter().find(fits).unwrap_or(&(1, "ns"));
        write!(f, "{}{unit}", self.0 / length)
    }
}

/// An instant of virtual time: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(pub u64);

impl Time {
    /// Where virtual time starts: 2001-09-09T01:46:40Z, a tick of every preset.
    pub const START: Self = Self(1_000_000_000 * Nanos::SECOND.0);

    /// The last tick that is not after this instant.
    #[must_use = "the instant itself stays as it is"]
    pub const fn floor(self, tick: Nanos) -> Self {
        Self(self.0 - self.0 % tick.0)
    }

    /// The instant `length` later. At the end of time the clock stands still.
    #[must_use = "the instant itself stays as it is"]
    pub const fn saturating_add(self, length: Nanos) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// Whole seconds since 1970.
    pub const fn second(self) -> u64 {
        self.0 / Nanos::SECOND.0
    }

    /// Nanoseconds within the second.
    pub const fn subsecond(self) -> u64 {
        self.0 % Nanos::SECOND.0
    }

    /// The float that CPython computes from it for `st_mtime` (Modules/posixmodule.c, `fill_time`): two
    /// instants less than 119 ns apart may give the same float.
    #[expect(clippy::cast_precision_loss, reason = "CPython loses the same digits")]
    pub fn as_cpython_float(self) -> f64 {
        self.second() as f64 + 1e-9 * self.subsecond() as f64
    }
}

impl fmt::Display for Time {
    /// Seconds since virtual time started, with nine digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.saturating_sub(Self::START.0);
        write!(f, "{}.{:09}", since / Nanos::SECOND.0, since % Nanos::SECOND.0)
    }
}
