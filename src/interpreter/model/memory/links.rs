//! Symbolic links in the world of a step: where paths lead.

use super::Memory;
use crate::world::{EntryPath, Node};

impl Memory {
    /// Whether a symbolic link stands at `path` itself.
    pub(in crate::interpreter::model) fn is_link(&mut self, path: &EntryPath) -> bool {
        let above = path.parent().filter(|_| self.has_links).and_then(|above| self.followed(&above));
        above.is_some_and(|above| matches!(self.world.get(&above.join(path.name())), Some(Node::Link { .. })))
    }

    /// The path without symbolic links that `path` leads to.
    pub(in crate::interpreter::model) fn followed(&mut self, path: &EntryPath) -> Option<EntryPath> {
        if !self.has_links {
            return Some(path.clone());
        }
        let followed = self.world.followed(path);
        if followed.is_none() {
            self.lost = Some(path.clone());
        }
        followed
    }

    /// Whether a symbolic link makes this directory for bytecode that of other sources too.
    pub(in crate::interpreter::model) fn is_shared_cache(&self, cache: &EntryPath) -> bool {
        self.has_links && self.world.is_shared_cache(cache)
    }

    /// A path that the step used and whose links lead nowhere that the model knows.
    pub(in crate::interpreter::model) fn lost(&self) -> Option<&EntryPath> {
        self.lost.as_ref()
    }
}
