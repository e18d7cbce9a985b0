//! `taster explain`: what a cause is, offline.

use taster::report;

use crate::format::print;
use crate::status::{CommandError, Status};

/// Options of `taster explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainOptions {
    /// The code of a cause, as in reports [default: list all causes]
    cause: Option<String>,
}

/// Writes the explanation of one cause, or the list of all of them.
pub(crate) fn explain(options: &ExplainOptions) -> Result<Status, CommandError> {
    let text = match &options.cause {
        Some(code) => report::explanation(taster::explain::named(code).map_err(CommandError::because)?),
        None => report::causes(),
    };
    print(&text)?;
    Ok(Status::AsDeclared)
}
