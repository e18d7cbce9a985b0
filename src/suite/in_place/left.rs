//! What a run left at one path, and what happened to it afterwards: reported by the search and kept in the journal.
//! `in_place` or the private view determines it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

/// The number of paths that one sentence names.
const MOST_TOLD: usize = 5;

/// How the path differs from its state before the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum What {
    /// There was nothing before.
    New,
    /// Its content, its kind, its target, its mode or its times differ.
    Changed,
    /// There is nothing any more.
    Removed,
}

impl What {
    /// The difference between existing before or not, and existing now or not.
    pub(crate) fn between(before: bool, now: bool) -> Self {
        match (before, now) {
            (false, _) => Self::New,
            (true, false) => Self::Removed,
            (true, true) => Self::Changed,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// What happened to it after the run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileFate {
    /// taster restored it.
    PutBack,
    /// It was written to a layer that was discarded: the file itself was never touched.
    Apart,
    /// It lies outside the suite's own directory, where nothing is restored.
    Elsewhere,
    /// It stays as the run left it, for this reason.
    Stays(String),
}

/// One path that a run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct LeftFile {
    /// Absolute, with no link in its parents.
    #[serde(serialize_with = "lossy")]
    pub(crate) path: PathBuf,
    pub(crate) what: What,
    /// Whether it existed before the run.
    pub(crate) existed_before: bool,
    pub(crate) fate: FileFate,
}

impl LeftFile {
    /// Whether a path is worth reporting: bytecode is not.
    pub(crate) fn is_reported(path: &Path) -> bool {
        !path.components().any(|part| part.as_os_str() == "__pycache__")
            && path.extension() != Some(OsStr::new("pyc"))
    }

    /// Whether coverage.py wrote it and no test reads it.
    pub(crate) fn is_coverage(&self) -> bool {
        is_coverage(&self.path)
    }

    /// The sentence about it; paths in the suite's directory are relative.
    pub(crate) fn sentence(&self, root: &Path) -> String {
        let path = self.path.strip_prefix(root).unwrap_or(&self.path).display();
        match &self.fate {
            FileFate::PutBack => format!("left in the suite's tree by a run, and put back: {path}: {self}"),
            FileFate::Apart => format!("left by a run, in its own view of the files: {path}: {self}"),
            FileFate::Elsewhere => {
                let folder = self.path.parent().unwrap_or(&self.path).display();
                format!(
                    "tests write to {folder}, outside of the suite's own directory: in place that is not put back"
                )
            }
            FileFate::Stays(why) => format!("left by a run, and not put back ({why}): {path}: {self}"),
        }
    }
}

/// Whether coverage.py writes this path and no test reads it.
pub(crate) fn is_coverage(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == ".coverage" || name.starts_with(".coverage.")
}

/// One sentence about all files that runs wrote in private views, or `None` if they wrote none.
pub(crate) fn told_of_views(paths: &BTreeSet<PathBuf>, root: &Path) -> Option<String> {
    let told: Vec<String> = paths
        .iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == ".pytest_cache"))
        .map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string())
        .collect();
    let more = told.len().saturating_sub(MOST_TOLD);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = told.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join(", ");
    (!told.is_empty()).then(|| format!("tests wrote {names}{rest} in private views, which taster threw away"))
}

impl fmt::Display for LeftFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.what.name())
    }
}

/// A path in a journal may be stored with replacements for bytes that are not text: a run must not be lost for that.
fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FileFate, LeftFile, What};

    fn left(path: &str, fate: FileFate) -> LeftFile {
        LeftFile { path: path.into(), what: What::New, existed_before: false, fate }
    }

    #[test]
    fn data_of_coverage_are_no_reason_to_run_one_by_one_and_its_settings_are() {
        let is_coverage = |path| left(path, FileFate::PutBack).is_coverage();
        assert!(is_coverage("/s/.coverage") && is_coverage("/s/.coverage.host.12.abc"));
        assert!(!is_coverage("/s/.coveragerc") && !is_coverage("/s/data.txt"));
    }

    #[test]
    fn bytecode_is_not_worth_a_word() {
        assert!(
            !LeftFile::is_reported(Path::new("/s/__pycache__"))
                && !LeftFile::is_reported(Path::new("/s/old.pyc"))
        );
        assert!(LeftFile::is_reported(Path::new("/s/old.py")));
    }

    #[test]
    fn a_sentence_says_what_became_of_it() {
        let put_back = left("/s/data", FileFate::PutBack).sentence(Path::new("/s"));
        assert_eq!(put_back, "left in the suite's tree by a run, and put back: data: new");
        let stays = left("/t/data", FileFate::Stays("a link".to_owned())).sentence(Path::new("/s"));
        assert_eq!(stays, "left by a run, and not put back (a link): /t/data: new");
    }
}
