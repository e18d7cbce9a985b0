//! What a step reads and changes of its process: the environment and the working directory.

use super::{Memory, MemoryCell, Name};
use crate::world::EntryPath;

impl Memory {
    /// The current state of an environment variable whose value at the start was `started`.
    pub(in crate::interpreter::model) fn variable(
        &mut self,
        name: &Name,
        started: Option<&str>,
    ) -> Option<Name> {
        self.note(|| MemoryCell::Variable(name.clone()));
        match self.state.environment.get(name) {
            Some(changed) => changed.clone(),
            None => started.map(Name::from),
        }
    }

    /// Sets an environment variable, or removes it; `started` says whether it was there at the start.
    pub(in crate::interpreter::model) fn set_variable(
        &mut self,
        name: &Name,
        value: Option<Name>,
        started: bool,
    ) {
        self.note(|| MemoryCell::Variable(name.clone()));
        if value.is_none() && !started {
            self.state.environment.remove(name);
        } else {
            self.state.environment.insert(name.clone(), value);
        }
    }

    /// The working directory.
    pub(in crate::interpreter::model) fn working_directory(&mut self) -> EntryPath {
        self.note(|| MemoryCell::WorkingDirectory);
        self.state.directory.clone()
    }

    /// `os.chdir(directory)`
    pub(in crate::interpreter::model) fn set_working_directory(&mut self, directory: EntryPath) {
        self.note(|| MemoryCell::WorkingDirectory);
        self.state.directory = directory;
    }
}
