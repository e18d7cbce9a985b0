//! `taster explain`: what a cause is, offline.

use std::io::Write as _;

use taster::report;

use crate::status::{Status, Stop};

/// Options of `taster explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The code of a cause, as reports write it [default: list them]
    cause: Option<String>,
}

/// Writes the explanation of one cause, or the list of all of them.
pub(crate) fn explain(options: &Options) -> Result<Status, Stop> {
    let text = match &options.cause {
        Some(code) => report::explanation(taster::explain::named(code).map_err(Stop::because)?),
        None => report::causes(),
    };
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Status::AsDeclared)
}
