//! Options of `taster hunt` about patches.

use std::path::PathBuf;

/// Whether to write patches, and what else to do with them.
#[derive(Debug, clap::Args)]
pub(crate) struct PatchOptions {
    /// Write a patch for each finding into this directory: the smallest change of the tests that cures it, tried before it
    /// is written; may take a tenth of the budget on top, and at least half a minute
    #[arg(long, value_name = "DIR")]
    pub(crate) fix: Option<PathBuf>,
    /// Change the tests by these patches
    #[arg(long, requires = "fix")]
    pub(crate) apply: bool,
}
