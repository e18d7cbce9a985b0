//! `--shard`: which part of the work is this machine's.

use std::str::FromStr;

use taster::shard::{self, Shard, Whole};

use crate::format::Format;
use crate::status::CommandError;

/// The option that says which shard this is.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct ShardOptions {
    /// Do only the K-th of N parts of the work (`auto`: as CI, SLURM or Kubernetes number this job); `taster merge` joins them
    #[arg(long, value_name = "K/N")]
    shard: Option<Which>,
}

/// Which shard is meant.
#[derive(Debug, Clone, Copy)]
enum Which {
    Written(Shard),
    /// What the variables of a scheduler say.
    Auto,
}

impl FromStr for Which {
    type Err = shard::ShardError;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        if written == "auto" { Ok(Self::Auto) } else { written.parse().map(Self::Written) }
    }
}

impl ShardOptions {
    /// The shard, or `None` if all is this machine's.
    pub(crate) fn shard(self) -> Result<Option<Shard>, CommandError> {
        match self.shard {
            None => Ok(None),
            Some(Which::Written(shard)) => Ok(Some(shard)),
            Some(Which::Auto) => {
                let shard =
                    shard::numbered(|name| std::env::var(name).ok()).map_err(CommandError::because)?;
                Ok(Some(shard))
            }
        }
    }

    /// Says on stderr which shard of what this is: whoever looks for a job again has to know.
    pub(crate) fn tell(shard: Shard, whole: &Whole, format: Format) {
        use std::io::Write as _;
        let hint = if format == Format::Json { "" } else { "; taster merge needs --format json" };
        // There is nowhere else to write it.
        let _ = writeln!(
            anstream::stderr(),
            "taster: shard {shard} of `taster {}` (suite {}, seed {}){hint}",
            whole.verb,
            whole.suite,
            whole.seed
        );
    }
}
