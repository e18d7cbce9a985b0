//! Changes the checkout by the patches that were offered: all that go together, and only files that nobody else has
//! changed since the hunt began.

use std::fs;
use std::path::PathBuf;

use super::edits::FileEdits;
use super::offered::OfferedPatch;
use super::patches::Patches;
use super::trial::{OTHER_TESTS, PatchTrial};
use crate::suite::hunt_report::HuntReport;
use crate::suite::runner::run::RunnerError;

/// Applies what can be applied. Returns notes that say what was changed, and what was not.
pub(super) fn apply(patches: &Patches<'_>, trial: &mut PatchTrial<'_>, report: &HuntReport) -> Vec<String> {
    let mut notes = Vec::new();
    let (mut all, mut taken) = (FileEdits::new(), 0);
    for patch in &patches.offered {
        if let Some(why) = why_not(patches, patch, &all, report) {
            notes.push(format!("{} was not applied: {why}", patch.file));
            continue;
        }
        taken += 1;
        patch.add_to(&mut all);
    }
    if taken > 1
        && let Some(why) = harm(patches, &all, trial)
    {
        notes.push(format!("no patch was applied: with all of them together, {why}"));
        return notes;
    }
    for (path, text) in patches.texts(&all) {
        let name = patches.shown(&path);
        notes.push(match fs::write(&path, text) {
            Ok(()) => format!("changed {name}"),
            Err(error) => format!("cannot change {name}: {error}"),
        });
    }
    notes
}

/// Why a patch cannot be applied with those before it.
fn why_not(
    patches: &Patches<'_>,
    patch: &OfferedPatch,
    all: &FileEdits,
    report: &HuntReport,
) -> Option<String> {
    let is_changed = |path: &&PathBuf| {
        let name = path.strip_prefix(&report.about.root).unwrap_or(path).to_string_lossy().into_owned();
        let now = fs::read_to_string(path).ok();
        report.changed_meanwhile.iter().any(|change| change.path == name)
            || now.as_deref() != patches.text_of(path)
    };
    if let Some(path) = patch.edits.keys().find(is_changed) {
        return Some(format!("{} was changed since the hunt began", patches.shown(path)));
    }
    (!patch.fits(all)).then(|| "it changes the same lines as another one; hunt again for it".to_owned())
}

/// What fails with all patches together, if anything does.
fn harm(patches: &Patches<'_>, all: &FileEdits, trial: &mut PatchTrial<'_>) -> Option<String> {
    match trial.given_with(&patches.texts(all)) {
        Ok(Some(beside)) => beside.worse.first().map(|test| format!("{test} fails")),
        Ok(None) => Some(OTHER_TESTS.to_owned()),
        Err(RunnerError::OutOfBudget) => None,
        Err(halt) => Some(format!("it could not be tried: {halt}")),
    }
}
