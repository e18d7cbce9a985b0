//! Where a search asks about collection while it is under way: what a test does if its file is collected alone, and, where that is
//! something else, which other files decide.

use std::time::Instant;

use super::doubt::{Doubt, OthersEffect};
use super::files_of;
use super::known::KnownOfCollection;
use super::question::{AloneIs, CollectionQuestion};
use crate::suite::finding::HuntFinding;
use crate::suite::runner::others::FilesStart;
use crate::suite::runner::run::{
    HuntClock, OrderRun, Runner, RunnerError, TestAnswers, TestOutcome, TestRunOptions,
};
use crate::suite::runner::source_line::SourceLine;
use crate::suite::runner::suite::Suite;
use crate::suite::runner::surveyed::SurveyOptions;
use crate::suite::runner::zygote::Zygote;

/// How often a test must do with its file alone what it does not do otherwise.
const TRIES: usize = 2;

/// Asks about collection.
#[derive(Debug)]
pub(crate) struct CollectionDesk<'a> {
    start: FilesStart,
    suite: &'a Suite,
    files: Vec<String>,
    known: KnownOfCollection,
}

impl<'a> CollectionDesk<'a> {
    pub(crate) fn new(start: FilesStart, suite: &'a Suite) -> Self {
        Self { start, suite, files: files_of(suite), known: KnownOfCollection::default() }
    }

    /// The numbers of the tests of each file, those of the smallest file first.
    pub(crate) fn tests_by_file(&self) -> Vec<Vec<usize>> {
        let of_file = |file: &String| {
            let of_it = self.suite.items.iter().enumerate().filter(|(_, item)| item.file == *file);
            of_it.map(|(test, _)| test).collect()
        };
        let mut tests: Vec<Vec<usize>> = self.files.iter().map(of_file).collect();
        tests.sort_by_key(Vec::len);
        tests
    }

    /// Whether there are other files than that of a test.
    pub(crate) fn is_worth_asking(&self) -> bool {
        self.files.len() > 1
    }

    /// Those of these tests of one file that fail with their file alone, each on its own: all are asked in one run. The runner
    /// remembers answers.
    pub(crate) fn failing(
        &mut self,
        runner: &mut impl Runner,
        tests: &[usize],
        timestamps: HuntClock,
    ) -> Result<Vec<usize>, RunnerError> {
        let ids: Vec<&str> = tests.iter().map(|&test| self.suite.items[test].id.as_str()).collect();
        let question = format!("{} with their file alone, {}", ids.join(", "), timestamps.name());
        let answers = runner.answer(&question, &mut || self.outcomes(tests, timestamps))?;
        let failing = answers.into_iter().filter(|(_, outcome)| outcome.is_failure());
        Ok(failing.map(|(test, _)| test).collect())
    }

    /// Whether a test that passes, or fails, with everything collected does the opposite with its file alone. The runner remembers
    /// answers.
    pub(crate) fn is_opposite(
        &mut self,
        runner: &mut impl Runner,
        test: usize,
        passes: bool,
        timestamps: HuntClock,
    ) -> Result<bool, RunnerError> {
        let opposite = if passes { TestOutcome::Failed } else { TestOutcome::Passed };
        let question = format!("{} with its file alone, {}", self.suite.items[test].id, timestamps.name());
        for _ in 0..TRIES {
            let answers = runner.answer(&question, &mut || self.outcomes(&[test], timestamps))?;
            if answers != [(test, opposite)] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The finding about a test that does the opposite with its file alone, or `None` if no files decide. What is found stands, even
    /// if there was no time to find its cause.
    pub(crate) fn finding(
        &mut self,
        test: usize,
        (passes, message): (bool, String),
        timestamps: HuntClock,
    ) -> Result<Option<HuntFinding>, RunnerError> {
        let others = if passes { OthersEffect::Prepare } else { OthersEffect::Poison };
        let item = &self.suite.items[test];
        let (id, file) = (item.id.clone(), item.file.clone());
        let doubt = Doubt { id, file, is_test: true, message, others };
        let (started, mut found) = (Instant::now(), Vec::new());
        let root = &self.suite.about.root;
        let known = (&mut self.known, AloneIs::Known);
        let question =
            CollectionQuestion::new((&self.start, root), self.files.clone(), &doubt, timestamps, known);
        let halt = question.answer(&mut found).err();
        let mut finding = found.pop();
        if let Some(finding) = &mut finding {
            finding.seconds = started.elapsed().as_secs_f64();
        }
        match (finding, halt) {
            (Some(finding), _) => Ok(Some(finding)),
            (None, Some(halt)) => Err(halt),
            (None, None) => Ok(None),
        }
    }

    /// The last line that seeds a generator, in a process of its own, before this test is over.
    pub(crate) fn seeding_line(
        &self,
        test: usize,
        generator: &str,
        timestamps: HuntClock,
    ) -> Result<Option<SourceLine>, RunnerError> {
        let mut zygote = match self.start.watch_seeds() {
            Err(RunnerError::Process(_)) => return Ok(None),
            other => other?,
        };
        let mut seeded = std::mem::take(&mut zygote.suite.seeded);
        if let Some(test) = zygote.suite.find(&self.suite.items[test].id) {
            seeded.extend(zygote.run(&[test], &TestRunOptions::plain(timestamps))?.seeded);
        }
        Ok(seeded.into_iter().rev().find(|each| each.generator == generator).map(|each| each.at))
    }

    /// What each of these tests of one file does on its own, with its file alone.
    fn outcomes(&mut self, tests: &[usize], timestamps: HuntClock) -> Result<TestAnswers, RunnerError> {
        let suite = self.suite;
        let Some(first) = tests.first() else { return Ok(TestAnswers::new()) };
        let mut process = self.known.process(vec![suite.items[*first].file.clone()], None);
        let zygote = match process.started(&self.start) {
            // It cannot be collected so.
            Err(RunnerError::Process(_)) => return Ok(TestAnswers::new()),
            other => other?,
        };
        let numbered: Vec<(usize, usize)> = tests
            .iter()
            .filter_map(|&test| Some((zygote.suite.find(&suite.items[test].id)?, test)))
            .collect();
        let there: Vec<usize> = numbered.iter().map(|(there, _)| *there).collect();
        let runs = each_on_its_own(zygote, &there, timestamps)?;
        self.known.keep(process);
        let did = |there| runs.iter().find_map(|run| run.of(there)).map(|ran| ran.outcome);
        Ok(numbered.iter().filter_map(|&(there, test)| Some((test, did(there)?))).collect())
    }
}

/// Runs each test on its own: in one run, if there are several and that is possible.
fn each_on_its_own(
    zygote: &mut Zygote,
    tests: &[usize],
    timestamps: HuntClock,
) -> Result<Vec<OrderRun>, RunnerError> {
    let plain = TestRunOptions::plain(timestamps);
    let mut runs = Vec::new();
    if tests.len() > 1 {
        let survey = TestRunOptions { survey: Some(SurveyOptions::default()), ..plain.clone() };
        let surveyed = zygote.run(tests, &survey)?.surveyed;
        runs.extend(surveyed.into_iter().map(|state| OrderRun { tests: state.tests, ..OrderRun::default() }));
    }
    let open: Vec<usize> =
        tests.iter().copied().filter(|test| runs.iter().all(|run| run.of(*test).is_none())).collect();
    for test in open {
        runs.push(zygote.run(&[test], &plain)?);
    }
    Ok(runs)
}
