//! Symbolic links: where a path leads that has some in it, and what a new one says.

use super::names;
use super::operation::{Errno, OsError};
use super::{EntryPath, Node, World};

/// Links on one way past which Linux gives up.
const MOST: usize = 40;

/// Whether a link at the end of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastLink {
    /// As opening a file does.
    Followed,
    /// As removing and renaming do.
    Kept,
}

impl World {
    /// The path of the entry that this path leads to. What is not there is taken as it is written.
    ///
    /// # Errors
    /// Returns ELOOP if the way goes in circles, or leaves the ordering's directory.
    pub(super) fn resolve(&self, path: &EntryPath, last: LastLink) -> Result<EntryPath, OsError> {
        let lost = || OsError { errno: Errno::Link, path: path.clone() };
        let mut ahead: Vec<String> = parts(path.as_str());
        let mut at = EntryPath::root();
        let mut followed = 0;
        while let Some(part) = ahead.pop() {
            if part == ".." {
                at = at.parent().ok_or_else(lost)?;
                continue;
            }
            let next = at.join(&part);
            let is_kept = ahead.is_empty() && last == LastLink::Kept;
            match self.get(&next) {
                Some(Node::Link { target }) if !is_kept => {
                    followed += 1;
                    let target = names::from_bytes(target);
                    if followed > MOST || target.starts_with('/') {
                        return Err(lost());
                    }
                    let own = target.strip_prefix(OWN).map(|rest| rest.trim_start_matches('$'));
                    if own.is_some() {
                        at = EntryPath::root();
                    }
                    ahead.extend(parts(own.unwrap_or(&target)));
                }
                _ => at = next,
            }
        }
        Ok(at)
    }

    /// The path of the entry that this path leads to, with all links followed, or `None` if it leads nowhere that is
    /// known.
    pub fn followed(&self, path: &EntryPath) -> Option<EntryPath> {
        self.resolve(path, LastLink::Followed).ok()
    }
}

/// What an absolute path below the ordering's directory begins with, as `disk` keeps it; `$` makes it as long as the
/// real one.
const OWN: char = '\u{2}';

/// The parts of a path, the first one last.
fn parts(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.rev().map(str::to_owned).collect()
}

/// The text of a link in `directory` that leads to `to`.
pub(super) fn way(directory: &EntryPath, to: &EntryPath) -> String {
    let (from, to) = (parts(directory.as_str()), parts(to.as_str()));
    let shared = from.iter().rev().zip(to.iter().rev()).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    let down = to.iter().rev().skip(shared).map(String::as_str);
    let way: Vec<&str> = up.chain(down).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(written: &str) -> EntryPath {
        EntryPath::new(written).unwrap()
    }

    #[test]
    fn a_link_says_the_way_from_its_own_directory() {
        assert_eq!(way(&path("."), &path("lib/m")), "lib/m");
        assert_eq!(way(&path("a/b"), &path("lib/m")), "../../lib/m");
        assert_eq!(way(&path("a/b"), &path("a/c")), "../c");
        assert_eq!(way(&path("a"), &path("a")), ".");
        assert_eq!(way(&path("a"), &path(".")), "..");
    }
}
