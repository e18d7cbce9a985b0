//! What questions about collection have shown, for the next ones: which files have decided and why, and the processes that are likely
//! to be asked again. A process that has collected some files tells of all tests in them, and most of a question is collecting.

use super::doubt::OthersEffect;
use super::process::FilesProcess;
use crate::suite::guilty::known::Told;
use crate::suite::runner::cell::Cell;
use crate::suite::runner::command::CollectionLook;
use crate::suite::runner::probe::RepairScope;

/// Processes that are kept: a file alone, with those that decide, and before these.
const MOST_KEPT: usize = 3;

/// Files that have decided before, and why: they are likely to decide again.
#[derive(Debug, Clone)]
pub(super) struct DecidedBefore {
    pub(super) effect: OthersEffect,
    pub(super) files: Vec<String>,
    /// How wide the look was that saw the state.
    pub(super) scope: RepairScope,
    /// The cells that decided, or none if none are known to.
    pub(super) state: Vec<Cell>,
    /// Where each of them changed.
    pub(super) lines: Vec<Told>,
}

/// What is known, and who knows more.
#[derive(Debug, Default)]
pub(super) struct KnownOfCollection {
    pub(super) decided: Vec<DecidedBefore>,
    /// The one that was asked last is the last.
    kept: Vec<FilesProcess>,
}

impl KnownOfCollection {
    /// The process with these files and this look, whoever has asked it before; it has to be kept again.
    pub(super) fn process(&mut self, files: Vec<String>, look: Option<CollectionLook>) -> FilesProcess {
        let known = self.kept.iter().position(|kept| kept.is_of(&files, look.as_ref()));
        if let Some(at) = known {
            return self.kept.remove(at);
        }
        // Another process ends before this one begins.
        let too_many = (self.kept.len() + 1).saturating_sub(MOST_KEPT);
        self.kept.drain(..too_many);
        FilesProcess::new(files, look)
    }

    pub(super) fn keep(&mut self, process: FilesProcess) {
        self.kept.push(process);
    }
}
