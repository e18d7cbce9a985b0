//! The option `--format`, and printing: the one way by which a command's result reaches stdout.

use std::io::{self, Write as _};

use clap::ValueEnum;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Terminal,
    /// One JSON object per line
    Json,
}

/// Prints a result in full, or says why not: what only stands in a buffer could get lost.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}
