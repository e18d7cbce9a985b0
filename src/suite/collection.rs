//! Pollution at collection: a test that passes when its file is collected alone and fails once others are, whatever runs.
//!
//! Each question is a process of its own that collects some of the files and runs one test, or none where the file
//! itself cannot be collected. Which state it is, is asked in one of two ways. Where the test also fails when its file is
//! collected first, the polluting files changed what it reads: state is put back in forks before the test. Where it passes
//! then, they changed what the import of its file sees: state is put back before its file is collected, in a process
//! for each try.

use std::path::Path;
use std::time::Instant;

use crate::budget::Budget;
use crate::minimize::minimize;
use crate::suite::finding::{BrokenTest, Confirmation, HuntFinding, HuntRemedy, Kind, Tally, UNKNOWN};
use crate::suite::judge::cause;
use crate::suite::judge::extra_causes::NamedCause;
use crate::suite::judge::repair::{self, RepairResult};
use crate::suite::runner::message::Cell;
use crate::suite::runner::process::CollectionLook;
use crate::suite::runner::run::{HuntClock, Probe, Repair, Runner, RunnerError, Scope, TestRunOptions};
use crate::suite::runner::zygote::{Suite, UncollectedFile, Zygote};

const TRIES: usize = 2;
const SCOPES: [Scope; 2] = [Scope::Near, Scope::Wide];
/// How many single cells are tried where kinds of state do not do: in forks, and in processes.
const MOST_SINGLE_CELLS: (usize, usize) = (200, 30);

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct CollectionFindings {
    pub(crate) findings: Vec<HuntFinding>,
    /// Files that cannot be collected whatever else is.
    pub(crate) broken: Vec<BrokenTest>,
    pub(crate) halted: Option<String>,
}

/// A test, or a whole file, that fails with everything collected.
struct Doubt {
    id: String,
    is_test: bool,
    file: String,
    message: String,
}

/// What became of a doubtful test or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DoubtOutcome {
    Passes,
    Fails,
    /// It was skipped, or is not there.
    Neither,
}

struct Question<'a> {
    zygote: &'a Zygote,
    files: Vec<String>,
    doubt: &'a Doubt,
    timestamps: HuntClock,
    budget: &'a Budget,
    asked: usize,
}

/// Looks into every test that fails alone, and every file that could not be collected.
pub(crate) fn look(
    zygote: &Zygote,
    suite: &Suite,
    broken: &[(usize, BrokenTest)],
    timestamps: HuntClock,
    budget: &Budget,
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
        })
        .collect();
    doubts.extend(suite.uncollected.iter().map(|each| uncollected(suite, each)));
    let mut found = CollectionFindings::default();
    let mut last = None;
    for doubt in &doubts {
        let question = Question { zygote, files: files.clone(), doubt, timestamps, budget, asked: 0 };
        let started = Instant::now();
        match question.answer(&mut last, &mut found.findings) {
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

/// What pytest said of a file or class that it could not collect.
pub(crate) fn not_collected(each: &UncollectedFile) -> BrokenTest {
    BrokenTest {
        test: each.id.clone(),
        outcome: "not collected",
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
        let file = uncollected(suite, each).file;
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

fn uncollected(suite: &Suite, each: &UncollectedFile) -> Doubt {
    let path = each.id.split("::").next().unwrap_or_default();
    let file = Path::new(&suite.about.root).join(path).to_string_lossy().into_owned();
    Doubt { id: each.id.clone(), is_test: false, file, message: each.text.clone() }
}

/// A process that has collected one file alone: there may be more doubts about it.
type FileAlone = (String, Zygote);

impl Question<'_> {
    /// Adds what is found; whether there was anything. What is found when the search has to end is found all the same.
    fn answer(
        mut self,
        last: &mut Option<FileAlone>,
        found: &mut Vec<HuntFinding>,
    ) -> Result<bool, RunnerError> {
        let others: Vec<String> =
            self.files.iter().filter(|file| **file != self.doubt.file).cloned().collect();
        if others.is_empty() || self.fails_alone(last)? {
            return Ok(false);
        }
        if !self.fails(&others)? {
            // Not the files but their order, or what the arguments name besides.
            return Ok(false);
        }
        let polluters = minimize(&others, |part| if part.is_empty() { Ok(false) } else { self.fails(part) })?;
        let (mut alone, mut after) = (Tally::ONCE, Tally::ONCE);
        for _ in 0..TRIES {
            alone = alone.with(!self.fails(&[])?);
            after = after.with(self.fails(&polluters)?);
        }
        let root = Path::new(&self.zygote.suite.about.root).to_owned();
        let short = |file: &String| {
            Path::new(file)
                .strip_prefix(&root)
                .map_or(file.clone(), |path| path.to_string_lossy().into_owned())
        };
        let steady = alone.is_steady() && after.is_steady();
        let kind = if steady { Kind::Collection } else { Kind::Nondeterministic };
        let mut finding =
            HuntFinding::new(kind, self.doubt.id.clone(), self.timestamps, Confirmation { alone, after });
        finding.polluters = Some(polluters.iter().map(short).collect());
        finding.message.clone_from(&self.doubt.message);
        finding.minimal = true;
        finding.runs = self.asked;
        let explained = match finding.finding {
            Kind::Collection => self.explain(&polluters, &mut finding),
            _ => Ok(()),
        };
        finding.runs = self.asked;
        found.push(finding);
        explained.map(|()| true)
    }

    /// Which state the polluting files left that the test, or the import of its file, depends on.
    fn explain(&mut self, polluters: &[String], finding: &mut HuntFinding) -> Result<(), RunnerError> {
        let mut before = self.collected_first(polluters)?;
        let most = if before.is_some() { MOST_SINGLE_CELLS.0 } else { MOST_SINGLE_CELLS.1 };
        let mut ask = |scope, repair| match &mut before {
            Some((zygote, test)) => self.put_back_before_the_test(zygote, *test, scope, repair),
            None => self.put_back_before_collection(polluters, scope, repair),
        };
        let state = repair::proven(most, &mut ask)?;
        if state.is_empty() {
            finding.cause = UNKNOWN;
            return Ok(());
        }
        let named = NamedCause { cause: cause::of(Kind::Collection, &state), modules: Vec::new() };
        (finding.cause, finding.state) = (named.cause, state.clone());
        for (remedy, _) in cause::remedies(Kind::Collection, &named, &state, &[]) {
            let cure = Repair::Cells(vec![format!("cure {remedy}")]);
            let verified = ask(Scope::Near, cure)?.turned;
            finding.remedies.push(HuntRemedy { remedy, verified });
        }
        finding.remedies.push(cause::put_back(&state));
        Ok(())
    }

    /// The suite with the test's file collected before the polluting ones, if the test fails then too.
    fn collected_first(&mut self, polluters: &[String]) -> Result<Option<(Zygote, usize)>, RunnerError> {
        self.may_go_on()?;
        let files = std::iter::once(&self.doubt.file).chain(polluters).cloned().collect();
        let watch =
            CollectionLook { remember_at: polluters.to_vec(), scopes: SCOPES.to_vec(), look_at: None };
        let mut zygote = self.zygote.with_files(files, Some(watch))?;
        zygote.fresh |= self.zygote.fresh;
        let Some(test) = zygote.suite.find(&self.doubt.id) else {
            return Ok(None);
        };
        let fails = zygote.run(&[test], &TestRunOptions::plain(self.timestamps))?.fails(test);
        Ok(fails.then_some((zygote, test)))
    }

    fn put_back_before_the_test(
        &mut self,
        zygote: &mut Zygote,
        test: usize,
        scope: Scope,
        repair: Repair,
    ) -> Result<RepairResult, RunnerError> {
        self.may_go_on()?;
        let probe = Some(Probe { before: test, scope, repair });
        let run = zygote.run(&[test], &TestRunOptions { probe, ..TestRunOptions::plain(self.timestamps) })?;
        Ok(RepairResult { turned: run.passes(test), cells: run.cells })
    }

    fn put_back_before_collection(
        &mut self,
        polluters: &[String],
        scope: Scope,
        repair: Repair,
    ) -> Result<RepairResult, RunnerError> {
        let look_at = Some((self.doubt.file.clone(), repair));
        let watch = CollectionLook { remember_at: polluters.to_vec(), scopes: vec![scope], look_at };
        let (outcome, cells) = self.outcome(polluters, Some(watch))?;
        Ok(RepairResult { turned: outcome == DoubtOutcome::Passes, cells })
    }

    /// Whether the test fails when its file and these are collected, in the order of the whole.
    fn fails(&mut self, others: &[String]) -> Result<bool, RunnerError> {
        Ok(self.outcome(others, None)?.0 == DoubtOutcome::Fails)
    }

    /// Whether the test fails when its file is collected and no other.
    fn fails_alone(&mut self, last: &mut Option<FileAlone>) -> Result<bool, RunnerError> {
        self.may_go_on()?;
        let known = last.take().filter(|(file, _)| *file == self.doubt.file);
        let (file, mut zygote) = if let Some(known) = known {
            known
        } else {
            let file = self.doubt.file.clone();
            let zygote = self.zygote.with_files(vec![file.clone()], None)?;
            (file, zygote)
        };
        let ended = self.ended_in(&mut zygote)?;
        *last = Some((file, zygote));
        Ok(ended == DoubtOutcome::Fails)
    }

    fn may_go_on(&mut self) -> Result<(), RunnerError> {
        self.budget.check()?;
        self.asked += 1;
        Ok(())
    }

    fn outcome(
        &mut self,
        others: &[String],
        watch: Option<CollectionLook>,
    ) -> Result<(DoubtOutcome, Vec<Cell>), RunnerError> {
        self.may_go_on()?;
        let wanted = |file: &&String| **file == self.doubt.file || others.contains(file);
        let files = self.files.iter().filter(wanted).cloned().collect();
        let mut zygote = self.zygote.with_files(files, watch)?;
        let cells = std::mem::take(&mut zygote.suite.cells);
        Ok((self.ended_in(&mut zygote)?, cells))
    }

    /// What becomes of the test, or of the collection of its file, in such a process.
    fn ended_in(&self, zygote: &mut Zygote) -> Result<DoubtOutcome, RunnerError> {
        let suite = &zygote.suite;
        let file_fails = |each: &UncollectedFile| uncollected(suite, each).file == self.doubt.file;
        if suite.uncollected.iter().any(|each| each.id == self.doubt.id) {
            return Ok(DoubtOutcome::Fails);
        }
        let Some(test) = suite.find(&self.doubt.id) else {
            // A file that was not collected before is now, unless something else of it was not.
            let collected = !self.doubt.is_test && !suite.uncollected.iter().any(file_fails);
            return Ok(if collected { DoubtOutcome::Passes } else { DoubtOutcome::Neither });
        };
        let run = zygote.run(&[test], &TestRunOptions::plain(self.timestamps))?;
        Ok(if run.fails(test) {
            DoubtOutcome::Fails
        } else if run.passes(test) {
            DoubtOutcome::Passes
        } else {
            DoubtOutcome::Neither
        })
    }
}
