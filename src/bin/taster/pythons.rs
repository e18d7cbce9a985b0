//! `taster pythons`: the interpreters that are found, and what each is called.

use taster::interpreter::cpython::discover::discover;
use taster::report;

use crate::format::{Format, print};
use crate::pythons_option;
use crate::status::{CommandError, Status, complain};

/// Options of `taster pythons`.
#[derive(Debug, clap::Args)]
pub(crate) struct PythonsOptions {
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
}

/// Lists them.
pub(crate) fn pythons(options: &PythonsOptions) -> Result<Status, CommandError> {
    let found = discover(&pythons_option::places());
    let text = match options.format {
        Format::Terminal => report::pythons(&found),
        Format::Json => report::pythons_json(&found),
    };
    if found.is_empty() {
        complain("no Python was found on PATH, in an active virtual environment or among pyenv's versions");
    }
    print(&text)?;
    Ok(Status::AsDeclared)
}
