//! A test that changes state, in its source, and why it restores that.

use super::group::PatchGroup;
use super::reason;
use super::source::{FoundFunction, TestSource};

/// A polluter with its source.
#[derive(Clone, Copy)]
pub(super) struct Polluter<'a> {
    pub(super) group: &'a PatchGroup<'a>,
    pub(super) id: &'a str,
    pub(super) source: &'a TestSource,
    pub(super) found: FoundFunction<'a>,
}

impl Polluter<'_> {
    pub(super) fn name(&self) -> String {
        reason::said(self.id, self.id)
    }

    pub(super) fn reason(&self) -> String {
        reason::restored(self.group, self.id, self.it())
    }

    /// What changes the state: the test, or what runs for it.
    fn it(&self) -> &'static str {
        let function = self.found.function;
        let name = self.id.rsplit("::").next().and_then(|last| last.split('[').next());
        let mut decorators = function.decorator_list.iter();
        if name == Some(function.name.as_str()) {
            "this test"
        } else if decorators.any(|each| self.source.text_of(each).contains("fixture")) {
            "this fixture"
        } else if self.found.class.is_some() {
            "this method"
        } else {
            "this function"
        }
    }
}
