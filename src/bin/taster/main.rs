//! The `taster` command: reads the command line and calls one function per subcommand.

mod args;
mod hunt;

use std::process::ExitCode;

use clap::Parser;

use args::{Command, CommandLine};

fn main() -> ExitCode {
    match CommandLine::parse().command {
        Command::Hunt(options) => hunt::hunt(&options),
    }
}
