//! Options of `taster run` that say how its search proceeds.

use std::num::NonZero;
use std::time::Duration;

use clap::ValueEnum;
use taster::budget::Interruption;
use taster::run::Diagnosis;

use crate::{jobs, time};

/// How the search proceeds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
pub(crate) struct SearchOptions {
    /// Number of workers [default: one per core]
    #[arg(long, value_name = "N", value_parser = jobs::number)]
    jobs: Option<NonZero<usize>>,
    /// Sample instead of exploring beyond N states
    #[arg(long, value_name = "N")]
    max_states: Option<u64>,
    /// Time limit for one search (30s, 5m); when it is over, the verdict covers only the orderings performed so far
    #[arg(long, value_name = "TIME", value_parser = time::real)]
    max_time: Option<Duration>,
    /// Seed for sampling and the audit
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of orderings to perform again in a fresh interpreter and compare [default: enough to enter every merged state
    /// by another way, within some thousand steps]
    #[arg(long, value_name = "N")]
    audit: Option<usize>,
    /// Explore equal states separately instead of once
    #[arg(long)]
    no_merge: bool,
    /// How far taster diagnoses findings
    #[arg(long, value_enum, value_name = "DEPTH")]
    diagnose: Option<Diagnose>,
    /// Time limit for trying the recommended remedy on the whole scenario, and for diagnosing findings once --max-time is
    /// over
    #[arg(long, value_name = "TIME", value_parser = time::real)]
    diagnose_time: Option<Duration>,
}

/// How far taster diagnoses findings.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Diagnose {
    /// Count orderings, and nothing more
    None,
    /// Report findings with their orderings and steps
    Findings,
    /// Report causes, remedies and probabilities too
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
