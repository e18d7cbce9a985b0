//! The report of a run, also of one that was put together from shards: its format, and how much it shows.

use std::io::Write;

use taster::report::{HuntTelling, Json, Report, Spellings, Terminal, Verbosity};

use crate::format::Format;

/// How much a report for people shows.
#[derive(Debug, clap::Args)]
pub(crate) struct HowMuch {
    /// Show every finding in full, and a table of all interpreters and timestamps
    #[arg(long, short)]
    verbose: bool,
    /// Show a line for each scenario, and nothing else
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
}

impl HowMuch {
    /// For a hunt.
    pub(crate) fn telling(&self) -> HuntTelling {
        if self.quiet { HuntTelling::quiet() } else { HuntTelling::default() }
    }

    /// Of so many scenario files.
    pub(crate) fn verbosity(&self, files: usize) -> Verbosity {
        match files {
            _ if self.verbose => Verbosity::Everything,
            _ if self.quiet => Verbosity::Verdicts,
            1 => Verbosity::Shapes,
            _ => Verbosity::Undeclared,
        }
    }
}

/// The report in this format.
pub(crate) fn report(
    out: impl Write + 'static,
    format: Format,
    verbosity: Verbosity,
    spellings: Spellings,
) -> Box<dyn Report> {
    match format {
        Format::Terminal => Box::new(Terminal::new(out, verbosity, spellings)),
        Format::Json => Box::new(Json::new(out)),
    }
}
