//! `taster completions`: what a shell needs to complete the words of this command line.

use clap_complete::Shell;

use crate::format::print;
use crate::status::{CommandError, Status};

/// Options of `taster completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsOptions {
    /// The shell that reads them
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions of a command line for a shell.
pub(crate) fn completions(
    options: &CompletionsOptions,
    mut line: clap::Command,
) -> Result<Status, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut line, "taster", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Status::AsDeclared)
}
