//! Why a scenario cannot be run.

use taster::scenario::ReadError;

/// Why a scenario cannot be run as the options want it.
pub(crate) enum Rejected {
    /// The file is no scenario.
    Unreadable(ReadError),
    /// The options name a test that it does not have.
    NoSuchTest(String),
}

impl From<ReadError> for Rejected {
    fn from(unreadable: ReadError) -> Self {
        Self::Unreadable(unreadable)
    }
}
