//! What all ways to reproduce a finding share: the directory, the file name, and the reasons for failure.

use std::fs;
use std::path::{Path, PathBuf};

use crate::budget::Budget;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::run::RunnerError;
use crate::suite::runner::zygote::Zygote;
use crate::suite::settings::HuntSettings;

/// Where to write, and the suite of the finding.
#[derive(Debug)]
pub(crate) struct Emitter<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) settings: &'a HuntSettings,
    pub(crate) budget: &'a Budget,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReproductionError {
    #[error(transparent)]
    Runner(#[from] RunnerError),
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Scenario(String),
}

/// The tests of a finding as numbers, in order.
pub(super) fn numbers(zygote: &Zygote, finding: &HuntFinding) -> Vec<usize> {
    let ids = finding.before().iter().chain([&finding.victim]);
    ids.filter_map(|id| zygote.suite.find(id)).collect()
}

/// The name of a test within its file.
pub(super) fn last_part(id: &str) -> &str {
    id.rsplit("::").next().unwrap_or(id)
}

/// A unique, readable file name for a finding.
pub(crate) fn slug(finding: &HuntFinding) -> String {
    let name = last_part(&finding.victim);
    let readable: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(60)
        .collect();
    let hash = blake3::hash(finding.victim.as_bytes()).to_hex();
    format!("{}-{}", readable.trim_matches('-').to_ascii_lowercase(), &hash[..6])
}

/// Writes a file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), ReproductionError> {
    fs::write(path, text).map_err(|source| ReproductionError::Write { path: path.to_owned(), source })
}

/// A word quoted for a shell.
pub(crate) fn shell(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}
