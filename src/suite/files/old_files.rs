//! Old files: files that tests write, that existed before the hunt, and that git does not track. They hide findings
//! that depend on their absence. This module finds them and names them in sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::changes;
use crate::suite::in_place::left::is_coverage;

/// The greatest number of files to leave out.
const MOST: usize = 50;
/// The number of files in one question to git: a command line is limited.
const AT_A_TIME: usize = 500;
/// The number of files that a sentence names.
const MOST_TOLD: usize = 5;
/// Directories with reproducible contents.
const CACHES: [&str; 3] = [".cache", ".eggs", "site-packages"];

/// The old files among the paths that runs wrote, and the number of those beyond the limit.
pub(crate) fn chosen(
    written: &BTreeSet<PathBuf>,
    is_of_this_hunt: impl Fn(&Path) -> bool,
) -> (Vec<PathBuf>, usize) {
    let files =
        written.iter().filter(|path| is_file(path) && is_of_the_suite(path) && !is_of_this_hunt(path));
    let mut old = untracked(files.cloned().collect());
    let more = old.len().saturating_sub(MOST);
    old.truncate(MOST);
    (old, more)
}

/// Checked outside all views.
fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_file() || data.is_symlink())
}

fn is_of_the_suite(path: &Path) -> bool {
    let is_cache = |name: &OsStr| CACHES.iter().any(|each| name == *each);
    !path.iter().any(is_cache) && !is_coverage(path) && !changes::is_for_tools(path)
}

/// The files that no git tracks: all of them, if there is no repository, or no git.
fn untracked(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut repositories: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
    for path in &paths {
        if let Some(top) = path.ancestors().skip(1).find(|folder| folder.join(".git").exists()) {
            repositories.entry(top.to_owned()).or_default().push(path);
        }
    }
    let mut tracked = BTreeSet::new();
    for (top, inside) in &repositories {
        inside.chunks(AT_A_TIME).for_each(|some| tracked.extend(tracked_by(top, some)));
    }
    paths.into_iter().filter(|path| !tracked.contains(path)).collect()
}

/// The files in the repository's index. This writes nothing in the repository and starts no program from its settings.
fn tracked_by(top: &Path, paths: &[&Path]) -> Vec<PathBuf> {
    let mut command = Command::new("git");
    command.arg("-C").arg(top);
    command.args(["--literal-pathspecs", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--"]);
    command.args(paths.iter().filter_map(|path| path.strip_prefix(top).ok()));
    command.env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    // A hunt that a git hook starts has that hook's repository in its environment.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let told = command.output().map(|output| output.stdout).unwrap_or_default();
    let names = told.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| top.join(OsStr::from_bytes(name))).collect()
}

/// Paths as displayed: relative if they are in the suite's directory.
pub(crate) fn names(paths: &[PathBuf], root: &Path) -> Vec<String> {
    paths.iter().map(|path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()).collect()
}

/// Names in a sentence.
pub(crate) fn listed(names: &[String]) -> String {
    match names {
        [rest @ .., last] if names.len() <= MOST_TOLD && !rest.is_empty() => {
            format!("{} and {last}", rest.join(", "))
        }
        few if few.len() <= MOST_TOLD => few.join(", "),
        many => format!("{} and {} more", many[..MOST_TOLD].join(", "), many.len() - MOST_TOLD),
    }
}

/// The singular or the plural.
pub(crate) fn one_or_more<'a>(names: &[String], one: &'a str, more: &'a str) -> &'a str {
    if names.len() == 1 { one } else { more }
}

/// Why a hunt in place cannot search without these files.
pub(crate) fn not_in_place(told: &[String]) -> String {
    format!(
        "{} existed before the hunt, and tests write {}: in place, taster cannot see what depends on {} absence \
         (--isolation private shows it)",
        listed(told),
        one_or_more(told, "it", "them"),
        one_or_more(told, "its", "their")
    )
}

pub(crate) fn not_without(told: &[String], why: &str) -> String {
    let them = one_or_more(told, "it", "them");
    format!(
        "{} existed before the hunt, and tests write {them}; no search without {them}: {why}",
        listed(told)
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    use super::{chosen, listed};

    #[test]
    fn what_tools_keep_and_what_is_no_file_is_not_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let files = [
            "report.json",
            "out/log",
            ".git/index",
            ".venv/pyvenv.cfg",
            ".venv/lib.txt",
            ".pytest_cache/v",
            "__pycache__/x.pyc",
            ".coverage",
            ".cache/x",
            "own/journal",
        ];
        for name in files {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink("nowhere", root.join("link")).unwrap();
        let written: BTreeSet<PathBuf> =
            files.iter().chain(&["link", "gone", "out"]).map(|name| root.join(name)).collect();
        let (old, more) = chosen(&written, |path| path.starts_with(root.join("own")));
        assert_eq!((old, more), (["link", "out/log", "report.json"].map(|name| root.join(name)).to_vec(), 0));
    }

    #[test]
    fn no_more_than_so_many_are_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let paths: BTreeSet<PathBuf> = (0..60).map(|number| folder.path().join(number.to_string())).collect();
        paths.iter().for_each(|path| fs::write(path, "").unwrap());
        let (old, more) = chosen(&paths, |_| false);
        assert_eq!((old.len(), more), (50, 10));
    }

    #[test]
    fn names_make_a_sentence() {
        let names = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
        assert_eq!([1, 2, 3].map(|count| listed(&names(count))), ["0", "0 and 1", "0, 1 and 2"]);
        assert_eq!(listed(&names(7)), "0, 1, 2, 3, 4 and 2 more");
    }
}
