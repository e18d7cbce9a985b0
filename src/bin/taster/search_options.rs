//! Options of `taster run` that say how its search proceeds.

use std::num::NonZero;
use std::time::Duration;

use clap::ValueEnum;
use taster::budget::Interruption;
use taster::run::Diagnosis;

use crate::time;

/// How the search proceeds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
pub(crate) struct SearchOptions {
    /// Workers [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Sample instead of exploring beyond N states
    #[arg(long, value_name = "N")]
    max_states: Option<u64>,
    /// Time for one search (30s, 5m); past it the verdict is on what was covered, and incomplete
    #[arg(long, value_name = "TIME", value_parser = time::real)]
    max_time: Option<Duration>,
    /// Seed for sampling and the audit
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Orderings to perform again from a fresh interpreter and compare [default: as many as enter every merged state
    /// otherwise than before, within some thousand steps]
    #[arg(long, value_name = "N")]
    audit: Option<usize>,
    /// Explore equal states again instead of once
    #[arg(long)]
    no_merge: bool,
    /// How far findings are looked into
    #[arg(long, value_enum, value_name = "DEPTH")]
    diagnose: Option<Diagnose>,
    /// Time for trying the recommended remedy on the whole scenario, and at most for looking into findings once --max-time is
    /// over
    #[arg(long, value_name = "TIME", value_parser = time::real)]
    diagnose_time: Option<Duration>,
}

/// How far findings are looked into.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Diagnose {
    /// Orderings are counted, nothing more
    None,
    /// Findings with their orderings and steps
    Findings,
    /// Causes, remedies and probabilities too
    Full,
}

impl From<Diagnose> for Diagnosis {
    fn from(depth: Diagnose) -> Self {
        match depth {
            Diagnose::None => Self::None,
            Diagnose::Findings => Self::Findings,
            Diagnose::Full => Self::Full,
        }
    }
}

impl SearchOptions {
    /// As the engine takes them.
    pub(crate) fn for_run(&self, interruption: Interruption) -> taster::run::RunOptions {
        let mut options = taster::run::RunOptions::default();
        options.jobs = self.jobs.map_or(options.jobs, NonZero::get);
        options.max_states = self.max_states.unwrap_or(options.max_states);
        options.max_time = self.max_time.unwrap_or(options.max_time);
        options.seed = self.seed.unwrap_or(options.seed);
        options.audit = self.audit.unwrap_or(options.audit);
        options.merge = !self.no_merge;
        options.diagnose = self.diagnose.map_or(options.diagnose, Diagnosis::from);
        options.diagnose_time = self.diagnose_time.unwrap_or(options.diagnose_time);
        options.interruption = interruption;
        options
    }
}
