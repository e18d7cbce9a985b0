//! Paths of an inspection, in which `$` is the ordering's directory.

use crate::world::EntryPath;

/// The entry that a path of an inspection names, where it lies in the ordering's directory (`$`).
pub(in crate::diagnose) fn below_root(path: &str) -> Option<EntryPath> {
    let below = path.strip_prefix('$')?;
    if below.is_empty() { Some(EntryPath::root()) } else { EntryPath::new(below.strip_prefix('/')?) }
}

/// A path as reports write it.
pub(in crate::diagnose) fn shown(path: &EntryPath) -> String {
    if path.is_root() { "$".to_owned() } else { format!("$/{path}") }
}
