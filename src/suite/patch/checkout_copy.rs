//! A copy of the checkout in taster's own directory, in which changed files are tried where there is no private view.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::edits::ChangedTexts;
use crate::suite::project_copy::ProjectCopy;

/// The copy; it goes when it is dropped.
#[derive(Debug)]
pub(super) struct CheckoutCopy {
    project: ProjectCopy,
    /// Files that were changed for the last try.
    changed: Vec<PathBuf>,
}

impl CheckoutCopy {
    /// Copies the checkout to a new directory below `within`.
    pub(super) fn make(within: &Path) -> io::Result<Self> {
        let project = ProjectCopy::of(&std::env::current_dir()?, within).map_err(io::Error::other)?;
        Ok(Self { project, changed: Vec::new() })
    }

    /// The copy of the current directory.
    pub(super) fn directory(&self) -> PathBuf {
        self.project.here()
    }

    /// An argument for pytest: a full path leads into the copy.
    pub(super) fn argument(&self, argument: &str) -> String {
        let (path, rest) = argument.split_once("::").unwrap_or((argument, ""));
        let inner = Path::new(path).is_absolute().then(|| self.project.of_path(Path::new(path))).flatten();
        match inner {
            Some(inner) if rest.is_empty() => inner.to_string_lossy().into_owned(),
            Some(inner) => format!("{}::{rest}", inner.display()),
            None => argument.to_owned(),
        }
    }

    /// Makes these changes, and no others.
    pub(super) fn change(&mut self, texts: &ChangedTexts) -> io::Result<()> {
        for path in std::mem::take(&mut self.changed) {
            if let Some(inner) = self.project.of_path(&path) {
                fs::copy(&path, inner)?;
            }
        }
        for (path, text) in texts {
            let inner = self
                .project
                .of_path(path)
                .ok_or_else(|| io::Error::other("a file lies outside of the checkout"))?;
            fs::write(inner, text)?;
            self.changed.push(path.clone());
        }
        Ok(())
    }
}
