//! `taster completions`: what a shell needs to complete the words of this command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::CommandLine;
use crate::format::print;
use crate::status::{CommandError, Status};

/// Options of `taster completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsOptions {
    /// The shell that reads them
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions for a shell.
pub(crate) fn completions(options: &CompletionsOptions) -> Result<Status, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut CommandLine::command(), "taster", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Status::AsDeclared)
}
