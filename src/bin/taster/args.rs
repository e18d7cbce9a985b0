//! What can be said on the command line, as types. Each subcommand's own options stand beside its code.

use clap::{Parser, Subcommand};

/// Finds the Python import that poisons the next one.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One subcommand.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the order-dependent tests of a real pytest or unittest suite, and why they are
    Hunt(crate::hunt::Options),
}
