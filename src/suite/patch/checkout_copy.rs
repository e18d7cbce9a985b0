//! A copy of the checkout in taster's own directory, in which changed files are tried where there is no private view.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::edits::ChangedTexts;
use crate::suite::keeper::top_of;
use crate::suite::runner::folder::TRIAL;

/// Files that are copied; a larger checkout is not.
const MOST_FILES: usize = 20_000;
/// Directories that no test reads.
const NOT_COPIED: [&str; 9] =
    [".git", ".hg", ".svn", ".tox", ".nox", "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache"];

/// The copy; it goes when it is dropped.
#[derive(Debug)]
pub(super) struct CheckoutCopy {
    folder: tempfile::TempDir,
    top: PathBuf,
    here: PathBuf,
    /// Files that were changed for the last try.
    changed: Vec<PathBuf>,
}

impl CheckoutCopy {
    /// Copies the checkout to a new directory below `within`.
    pub(super) fn make(within: &Path) -> io::Result<Self> {
        let here = std::env::current_dir()?.canonicalize()?;
        let top = top_of(&here);
        let folder = tempfile::Builder::new().prefix(TRIAL).tempdir_in(within)?;
        let mut left = MOST_FILES;
        copy(&top, folder.path(), &mut left)?;
        Ok(Self { folder, top, here, changed: Vec::new() })
    }

    /// A path of the checkout as one of the copy.
    fn of(&self, path: &Path) -> Option<PathBuf> {
        Some(self.folder.path().join(path.strip_prefix(&self.top).ok()?))
    }

    /// The copy of the current directory.
    pub(super) fn directory(&self) -> PathBuf {
        self.of(&self.here).unwrap_or_else(|| self.folder.path().to_owned())
    }

    /// An argument for pytest: a full path leads into the copy.
    pub(super) fn argument(&self, argument: &str) -> String {
        let (path, rest) = argument.split_once("::").unwrap_or((argument, ""));
        let inner = Path::new(path).is_absolute().then(|| self.of(Path::new(path))).flatten();
        match inner {
            Some(inner) if rest.is_empty() => inner.to_string_lossy().into_owned(),
            Some(inner) => format!("{}::{rest}", inner.display()),
            None => argument.to_owned(),
        }
    }

    /// Makes these changes, and no others.
    pub(super) fn change(&mut self, texts: &ChangedTexts) -> io::Result<()> {
        for path in std::mem::take(&mut self.changed) {
            if let Some(inner) = self.of(&path) {
                fs::copy(&path, inner)?;
            }
        }
        for (path, text) in texts {
            let inner =
                self.of(path).ok_or_else(|| io::Error::other("a file lies outside of the checkout"))?;
            fs::write(inner, text)?;
            self.changed.push(path.clone());
        }
        Ok(())
    }
}

fn copy(from: &Path, to: &Path, left: &mut usize) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        *left =
            left.checked_sub(1).ok_or_else(|| io::Error::other("the checkout is too large to be copied"))?;
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, target)?;
        } else if kind.is_dir() {
            let is_environment = entry.path().join("pyvenv.cfg").exists();
            if !is_environment && !NOT_COPIED.iter().any(|name| entry.file_name() == *name) {
                fs::create_dir(&target)?;
                copy(&entry.path(), &target, left)?;
            }
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
