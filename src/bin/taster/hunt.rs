//! `taster hunt`: options in, report out; the search itself is `taster::suite`.

use std::process::ExitCode;

/// Options of `taster hunt`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {}

/// Hunts in the suite that the options name.
pub(crate) fn hunt(_options: &Options) -> ExitCode {
    ExitCode::from(2)
}
