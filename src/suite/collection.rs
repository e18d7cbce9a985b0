//! Pollution at collection: a test that passes when its file is collected alone and fails once others are, whatever runs.
//!
//! Each question is a process of its own that collects some of the files and runs one test, or none where the file
//! itself cannot be collected.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::cause;
use super::finding::{Broken, Confirmed, Finding, Kind, Seen};
use super::run::{Halt, How, Runner, Timestamps};
use super::zygote::{Suite, Uncollected, Zygote};
use crate::minimize::minimize;

const TRIES: usize = 2;

/// When to stop.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) deadline: Instant,
    pub(crate) interrupted: Arc<AtomicBool>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    /// Files that cannot be collected whatever else is.
    pub(crate) broken: Vec<Broken>,
    pub(crate) halted: Option<String>,
}

/// A test, or a whole file, that fails with everything collected.
struct Doubt {
    id: String,
    file: String,
    message: String,
}

struct Question<'a> {
    zygote: &'a Zygote,
    files: Vec<String>,
    doubt: &'a Doubt,
    timestamps: Timestamps,
    limits: &'a Limits,
    asked: usize,
}

/// Looks into every test that fails alone, and every file that could not be collected.
pub(crate) fn look(
    zygote: &Zygote,
    suite: &Suite,
    broken: &[(usize, Broken)],
    timestamps: Timestamps,
    limits: &Limits,
) -> Found {
    let files = files_of(suite);
    let mut doubts: Vec<Doubt> = broken
        .iter()
        .filter(|(_, each)| each.outcome == "failed")
        .map(|(test, each)| Doubt {
            id: each.test.clone(),
            file: suite.items[*test].file.clone(),
            message: each.message.clone(),
        })
        .collect();
    doubts.extend(suite.uncollected.iter().map(|each| uncollected(suite, each)));
    let mut found = Found::default();
    for doubt in &doubts {
        let question = Question { zygote, files: files.clone(), doubt, timestamps, limits, asked: 0 };
        let started = Instant::now();
        match question.answer() {
            Ok(Some(mut finding)) => {
                finding.seconds = started.elapsed().as_secs_f64();
                found.findings.push(finding);
            }
            Ok(None) => {
                found.broken.extend(suite.uncollected.iter().filter(|each| each.id == doubt.id).map(
                    |each| Broken {
                        test: each.id.clone(),
                        outcome: "not collected",
                        message: each.text.clone(),
                    },
                ));
            }
            Err(halt) => {
                found.halted = Some(halt.to_string());
                return found;
            }
        }
    }
    found
}

fn files_of(suite: &Suite) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for item in &suite.items {
        if !files.contains(&item.file) {
            files.push(item.file.clone());
        }
    }
    for each in &suite.uncollected {
        let file = uncollected(suite, each).file;
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

fn uncollected(suite: &Suite, each: &Uncollected) -> Doubt {
    let path = each.id.split("::").next().unwrap_or_default();
    let file = Path::new(&suite.about.root).join(path).to_string_lossy().into_owned();
    Doubt { id: each.id.clone(), file, message: each.text.clone() }
}

impl Question<'_> {
    fn answer(mut self) -> Result<Option<Finding>, Halt> {
        let others: Vec<String> =
            self.files.iter().filter(|file| **file != self.doubt.file).cloned().collect();
        if others.is_empty() || self.fails(&[])? {
            return Ok(None);
        }
        if !self.fails(&others)? {
            // Not the files but their order, or what the arguments name besides.
            return Ok(None);
        }
        let polluters = minimize(&others, |part| if part.is_empty() { Ok(false) } else { self.fails(part) })?;
        let (mut alone, mut after) = (Seen(1, 1), Seen(1, 1));
        for _ in 0..TRIES {
            alone = Seen(alone.0 + usize::from(!self.fails(&[])?), alone.1 + 1);
            after = Seen(after.0 + usize::from(self.fails(&polluters)?), after.1 + 1);
        }
        let root = Path::new(&self.zygote.suite.about.root).to_owned();
        let short = |file: &String| {
            Path::new(file)
                .strip_prefix(&root)
                .map_or(file.clone(), |path| path.to_string_lossy().into_owned())
        };
        Ok(Some(Finding {
            finding: if alone.0 == alone.1 && after.0 == after.1 {
                Kind::Collection
            } else {
                Kind::Nondeterministic
            },
            victim: self.doubt.id.clone(),
            polluters: Some(polluters.iter().map(short).collect()),
            state_setters: None,
            cleaners: Vec::new(),
            more_cleaners: false,
            cause: cause::UNKNOWN,
            state: Vec::new(),
            remedies: Vec::new(),
            message: self.doubt.message.clone(),
            timestamps: self.timestamps,
            minimal: true,
            reenters: false,
            confirmed: Confirmed { alone, after },
            reproduction: None,
            runs: self.asked,
            seconds: 0.0,
        }))
    }

    /// Whether the test fails when its file and these are collected, in the order of the whole.
    fn fails(&mut self, others: &[String]) -> Result<bool, Halt> {
        if self.limits.interrupted.load(Ordering::SeqCst) {
            return Err(Halt::Interrupted);
        }
        if Instant::now() >= self.limits.deadline {
            return Err(Halt::OutOfBudget);
        }
        self.asked += 1;
        let wanted = |file: &&String| **file == self.doubt.file || others.contains(file);
        let files = self.files.iter().filter(wanted).cloned().collect();
        let mut zygote = self.zygote.with_files(files)?;
        if zygote.suite.uncollected.iter().any(|each| each.id == self.doubt.id) {
            return Ok(true);
        }
        let Some(test) = zygote.suite.find(&self.doubt.id) else {
            return Ok(false);
        };
        Ok(zygote.run(&[test], &How::plain(self.timestamps))?.fails(test))
    }
}
