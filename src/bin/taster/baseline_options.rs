//! Known findings of a hunt: where they are kept, and whether the file is to be written.

use std::path::{Path, PathBuf};
use std::process::Command;

use taster::suite::{Baseline, HuntReport};

use crate::status::CommandError;

/// Options about known findings.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct BaselineOptions {
    /// Do not fail because of the findings in this file; tell those that are new or gone
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is new into that file, and remove what is gone
    #[arg(long, requires = "baseline", conflicts_with = "shard")]
    update_baseline: bool,
    /// Compare with the baseline as it was in this revision of git, instead of the file as it is
    #[arg(long, value_name = "REVISION", requires = "baseline", conflicts_with = "update_baseline")]
    new_only: Option<String>,
    /// Do not hunt: say of each finding in this baseline, or in what --emit wrote into this directory, whether it still holds
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["update_baseline", "new_only"])]
    verify: Option<PathBuf>,
}

impl BaselineOptions {
    /// What is known, if a file says it.
    pub(crate) fn read(&self) -> Result<Option<Baseline>, CommandError> {
        // A project may configure a baseline, which is then not what is asked about.
        let verified = self
            .verify
            .as_deref()
            .map(|named| if named.is_dir() { kept_in(named) } else { named.to_path_buf() });
        let Some(file) = verified.as_ref().or(self.baseline.as_ref()) else { return Ok(None) };
        let read = |text: &str, name: &str| {
            let read = Baseline::read(text);
            read.map(Some).map_err(|error| CommandError::CouldNot(format!("{name}: {error}")))
        };
        if let Some(revision) = &self.new_only {
            return read(&at_revision(file, revision)?, &format!("{} in {revision}", file.display()));
        }
        let name = file.display();
        match std::fs::read_to_string(file) {
            Ok(text) => read(&text, &name.to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.update_baseline => {
                Ok(Some(Baseline::default()))
            }
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound
                    && self.verify.as_ref() != verified.as_ref() =>
            {
                let folder = file.parent().unwrap_or(file).display();
                Err(CommandError::CouldNot(format!(
                    "there is no {name}; to write it: taster hunt --emit {folder}"
                )))
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

/// Writes the findings of a hunt beside what reproduces them, for `--verify`. Where nothing was found, nothing is there.
pub(crate) fn keep_in(folder: &Path, report: &HuntReport) -> Result<(), CommandError> {
    if report.findings.is_empty() {
        return Ok(());
    }
    let file = kept_in(folder);
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, Baseline::default().updated(report)));
    written.map_err(|error| CommandError::CouldNot(format!("cannot write {}: {error}", file.display())))
}

/// The baseline in a directory of reproductions. Its name is not that of a scenario, for `taster run` takes the whole directory.
fn kept_in(folder: &Path) -> PathBuf {
    folder.join("known.baseline")
}

/// The text of a file in a revision; empty if the revision does not have the file, for then nothing was known.
fn at_revision(file: &Path, revision: &str) -> Result<String, CommandError> {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).output();
        output.map_err(|error| CommandError::CouldNot(format!("cannot ask git for {revision}: {error}")))
    };
    let known = git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
    if !known.status.success() {
        return Err(CommandError::CouldNot(format!("git knows no revision {revision} here")));
    }
    let here = std::env::current_dir().unwrap_or_default();
    let seen_from_here = file.strip_prefix(&here).unwrap_or(file);
    let shown = git(&["show", &format!("{revision}:./{}", seen_from_here.display())])?;
    if !shown.status.success() {
        return Ok(String::new());
    }
    String::from_utf8(shown.stdout).map_err(CommandError::because)
}
