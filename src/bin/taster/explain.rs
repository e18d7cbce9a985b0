//! `taster explain`: what a cause or a kind of finding is, offline.

use taster::report;

use crate::format::print;
use crate::status::{CommandError, Status};

/// Options of `taster explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainOptions {
    /// The code of a cause or of a kind of finding, as in reports [default: list all]
    code: Option<String>,
}

/// Writes the page of one code, or the list of all of them.
pub(crate) fn explain(options: &ExplainOptions) -> Result<Status, CommandError> {
    let text = match &options.code {
        Some(code) => report::explanation(taster::explain::named(code).map_err(CommandError::because)?),
        None => report::topics(),
    };
    print(&text)?;
    Ok(Status::AsDeclared)
}
