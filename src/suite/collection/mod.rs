//! What collection decides: a test passes when its file is collected alone and fails once others are collected, whatever
//! runs; or it needs another file to be collected.
//!
//! Each question is a process of its own that collects some of the files and runs one test, or none if the file itself
//! cannot be collected. The responsible state is found in one of two ways. If the test does the same when its file is
//! collected first, the other files changed what the test reads: forks restore state before the test. If it does not
//! then, they changed what the import of its file sees: state is restored before its file is collected, in a process
//! for each try.

mod desk;
mod doubt;
mod follow;
mod known;
mod lines;
mod process;
mod question;
mod state;

pub(crate) use desk::CollectionDesk;

use std::time::Instant;

use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::BrokenTest;
use crate::suite::runner::others::FilesStart;
use crate::suite::runner::run::HuntClock;
use crate::suite::runner::suite::{Suite, UncollectedFile};
use doubt::{Doubt, OthersEffect};
use known::KnownOfCollection;
use question::{AloneIs, CollectionQuestion};

/// The results about collection.
#[derive(Debug, Default)]
pub(crate) struct CollectionFindings {
    pub(crate) findings: Vec<HuntFinding>,
    /// Files that can never be collected, whatever else is.
    pub(crate) broken: Vec<BrokenTest>,
    pub(crate) halted: Option<String>,
}

/// Looks into every test that fails alone, and every file that could not be collected.
pub(crate) fn look(
    start: &FilesStart,
    suite: &Suite,
    broken: &[(usize, BrokenTest)],
    timestamps: HuntClock,
) -> CollectionFindings {
    let files = files_of(suite);
    let mut doubts: Vec<Doubt> = broken
        .iter()
        .filter(|(_, each)| each.outcome == "failed")
        .map(|(test, each)| Doubt {
            id: each.test.clone(),
            is_test: true,
            file: suite.items[*test].file.clone(),
            message: each.message.clone(),
            others: OthersEffect::Poison,
        })
        .collect();
    doubts.extend(suite.uncollected.iter().map(|each| Doubt::about(&suite.about.root, each)));
    let mut found = CollectionFindings::default();
    let mut known = KnownOfCollection::default();
    for doubt in &doubts {
        let (about, known) = ((start, &suite.about.root[..]), (&mut known, AloneIs::Open));
        let question = CollectionQuestion::new(about, files.clone(), doubt, timestamps, known);
        let started = Instant::now();
        match question.answer(&mut found.findings) {
            Ok(true) => {
                if let Some(finding) = found.findings.last_mut() {
                    finding.seconds = started.elapsed().as_secs_f64();
                }
            }
            Ok(false) => {
                let of_it = suite.uncollected.iter().filter(|each| each.id == doubt.id);
                found.broken.extend(of_it.map(not_collected));
            }
            Err(halt) => {
                found.halted = Some(halt.to_string());
                return found;
            }
        }
    }
    found
}

/// pytest's message about a file or class that it could not collect.
pub(crate) fn not_collected(each: &UncollectedFile) -> BrokenTest {
    BrokenTest {
        test: each.id.clone(),
        outcome: "not collected".into(),
        message: each.text.clone(),
        broken_by: Vec::new(),
    }
}

fn files_of(suite: &Suite) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for item in &suite.items {
        if !files.contains(&item.file) {
            files.push(item.file.clone());
        }
    }
    for each in &suite.uncollected {
        let file = Doubt::about(&suite.about.root, each).file;
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}
