//! A change as a unified diff that `git apply` takes: paths are relative to the top of the checkout.

use std::path::{Path, PathBuf};

use similar::TextDiff;

const CONTEXT: usize = 3;

/// The directory that the paths of a diff are relative to: the top of the repository, else pytest's root.
pub(super) fn top(root: &Path) -> PathBuf {
    let above = root.ancestors().find(|directory| directory.join(".git").exists());
    above.unwrap_or(root).to_owned()
}

/// The difference of two texts of one file.
pub(super) fn diff(top: &Path, path: &Path, old: &str, new: &str) -> String {
    let name = path.strip_prefix(top).unwrap_or(path).display().to_string();
    let diff = TextDiff::from_lines(old, new);
    let hunks = diff
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string();
    format!("diff --git a/{name} b/{name}\n{hunks}")
}
