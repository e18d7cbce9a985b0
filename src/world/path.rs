//! Where an entry of the tree lies, as a path from the ordering's directory.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A normalised path relative to the ordering's directory: no empty, `.` or `..` part; the directory itself is empty.
/// Sorted by parts, so that a directory comes right before all that lies in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryPath(Arc<str>);

impl Ord for EntryPath {
    fn cmp(&self, other: &Self) -> Ordering {
        let below_all = |byte: u8| if byte == b'/' { 0 } else { byte };
        self.0.bytes().map(below_all).cmp(other.0.bytes().map(below_all))
    }
}

impl PartialOrd for EntryPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl EntryPath {
    /// The ordering's directory itself.
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// `written` without needless parts, or `None` if it is absolute or leaves the ordering's directory.
    pub fn new(written: &str) -> Option<Self> {
        if written.starts_with('/') || written.contains('\0') {
            return None;
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in written.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                _ => parts.push(part),
            }
        }
        Some(Self(parts.join("/").into()))
    }

    /// The path as text, parts joined by `/`; empty for the ordering's directory.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the ordering's directory itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The directory that contains it, or `None` for the ordering's directory.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map_or("", |(parent, _)| parent).into()))
    }

    /// Its last part; empty for the ordering's directory.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }

    /// The entry `name` of this directory.
    #[must_use = "the path itself stays as it is"]
    pub fn join(&self, name: &str) -> Self {
        if self.is_root() { Self(name.into()) } else { Self(format!("{}/{name}", self.0).into()) }
    }

    /// Whether it lies in `directory`, at any depth, and is not `directory` itself.
    pub fn is_below(&self, directory: &Self) -> bool {
        if directory.is_root() {
            return !self.is_root();
        }
        self.0.strip_prefix(&*directory.0).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}
