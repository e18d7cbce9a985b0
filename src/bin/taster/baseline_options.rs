//! Known findings of a hunt: where they are kept, and whether the file is to be written.

use std::path::PathBuf;

use taster::suite::{Baseline, HuntReport};

use crate::status::CommandError;

/// Options about known findings.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct BaselineOptions {
    /// Do not fail because of the findings in this file; tell those that are new or gone
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is new into that file, and remove what is gone
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
    /// Do not hunt: say of each finding in this baseline whether it still holds
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    verify: Option<PathBuf>,
}

impl BaselineOptions {
    /// What is known, if a file says it.
    pub(crate) fn read(&self) -> Result<Option<Baseline>, CommandError> {
        let Some(file) = self.baseline.as_ref().or(self.verify.as_ref()) else { return Ok(None) };
        let name = file.display();
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let read = Baseline::read(&text);
                read.map(Some).map_err(|error| CommandError::CouldNot(format!("{name}: {error}")))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.update_baseline => {
                Ok(Some(Baseline::default()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(CommandError::CouldNot(
                format!("there is no baseline {name}; to write it: --baseline {name} --update-baseline"),
            )),
            Err(error) => Err(CommandError::CouldNot(format!("cannot read {name}: {error}"))),
        }
    }

    /// Whether known findings are to be tried again, and no others sought.
    pub(crate) fn only_verifies(&self) -> bool {
        self.verify.is_some()
    }

    /// Writes the file, if that is wanted.
    pub(crate) fn update(&self, baseline: &Baseline, report: &HuntReport) -> Result<bool, CommandError> {
        let Some(file) = self.baseline.as_ref().filter(|_| self.update_baseline) else { return Ok(false) };
        let cannot = |error| CommandError::CouldNot(format!("cannot write {}: {error}", file.display()));
        std::fs::write(file, baseline.updated(report)).map_err(cannot)?;
        Ok(true)
    }
}
