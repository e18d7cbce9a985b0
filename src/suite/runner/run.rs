//! One run of an order: its options, its result, and the trait of its runner, which is all that the search knows.

use std::time::Duration;

pub(crate) use super::branches::{BranchResult, Branches};
use super::cell::{Cell, NotPutBack, whole_cells};
use super::message::{RecordedStep, Seeding};
pub use super::outcome::TestOutcome;
pub(crate) use super::outcome::TestResult;
use super::probe::Probe;
use super::process_error::ProcessError;
use super::source_line::SourceLine;
use super::surveyed::{SurveyOptions, SurveyedState};
use super::trace::{LineTrace, TracedChange};
use crate::budget::StopReason;
use crate::suite::in_place::left::LeftFile;

/// The modification times that the import system sees for files changed since a run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HuntClock {
    /// The times of the file system.
    Real,
    /// Whole seconds.
    #[serde(rename = "1s")]
    Seconds,
    /// The same time for all.
    Frozen,
}

impl HuntClock {
    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Seconds => "1s",
            Self::Frozen => "frozen",
        }
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Real, Self::Seconds, Self::Frozen].into_iter().find(|clock| clock.name() == name)
    }
}

/// How an order is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TestRunOptions {
    pub(crate) timestamps: HuntClock,
    /// Whether to use a process of its own instead of a fork.
    pub(crate) fresh: bool,
    pub(crate) record: bool,
    pub(crate) probe: Option<Probe>,
    pub(crate) branches: Branches,
    /// The order is not one: its tests are surveyed.
    pub(crate) survey: Option<SurveyOptions>,
    pub(crate) trace: Option<LineTrace>,
}

impl TestRunOptions {
    /// Whether tests run as plain pytest would run them, with nothing looked at, put back or recorded.
    pub(crate) fn is_plain(&self) -> bool {
        let Self { timestamps, fresh, branches, .. } = self;
        *self == Self { fresh: *fresh, branches: branches.clone(), ..Self::plain(*timestamps) }
    }

    pub(crate) fn plain(timestamps: HuntClock) -> Self {
        Self {
            timestamps,
            fresh: false,
            record: false,
            probe: None,
            branches: Branches::default(),
            trace: None,
            survey: None,
        }
    }
}

/// The result of a run: tests in the order in which they really ran.
///
/// A journal keeps all of it, the tests in a form of its own.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct OrderRun {
    #[serde(skip)]
    pub(crate) tests: Vec<TestResult>,
    /// The places of tests that were the first ones of a process, except the first of all.
    pub(crate) starts: Vec<usize>,
    pub(crate) branched: Vec<BranchResult>,
    pub(crate) surveyed: Vec<SurveyedState>,
    /// A test that ended a process of a survey in which others had run before: what these did there is not told.
    #[serde(skip)]
    pub(crate) ended_by: Option<usize>,
    #[serde(serialize_with = "whole_cells")]
    pub(crate) cells: Vec<Cell>,
    pub(crate) not_put_back: Vec<NotPutBack>,
    /// The exception that ended a look at the state.
    pub(crate) look_failed: Option<String>,
    /// Tests that failed within the import of a module by another one, with the modules, outermost first.
    pub(crate) executing: Vec<(usize, Vec<String>)>,
    pub(crate) recorded: Vec<RecordedStep>,
    /// A directory or a source file that changed after the import system had looked at it.
    pub(crate) imports_changed: Option<String>,
    /// Lines that seeded generators of random numbers.
    pub(crate) seeded: Vec<Seeding>,
    /// The lines of a watched run.
    pub(crate) traced: Vec<TracedChange>,
    /// Where tests failed, in own code.
    pub(crate) failed_at: Vec<(usize, SourceLine)>,
    /// Files that the run's own processes wrote outside their temporary directory, and what happened to them.
    pub(crate) left_behind: Vec<LeftFile>,
    pub(crate) took: Duration,
    /// How many runs of processes it took, if it was made in this hunt.
    #[serde(skip)]
    pub(crate) runs: usize,
}

impl OrderRun {
    /// Whether it is not even known that a test began.
    pub(super) fn is_empty(&self) -> bool {
        self.tests.is_empty() && self.surveyed.is_empty() && self.ended_by.is_none()
    }

    pub(crate) fn of(&self, test: usize) -> Option<&TestResult> {
        self.tests.iter().rev().find(|ran| ran.test == test)
    }

    pub(crate) fn fails(&self, test: usize) -> bool {
        self.of(test).is_some_and(|ran| ran.outcome.is_failure())
    }

    pub(crate) fn passes(&self, test: usize) -> bool {
        self.of(test).is_some_and(|ran| ran.outcome == TestOutcome::Passed)
    }

    /// The modules whose bodies were being executed when a test failed, if there were several.
    pub(crate) fn executing(&self, test: usize) -> &[String] {
        self.executing.iter().find(|(each, _)| *each == test).map_or(&[], |(_, modules)| modules)
    }

    /// Where a test failed, in own code.
    pub(crate) fn failed_at(&self, test: usize) -> Option<&SourceLine> {
        self.failed_at.iter().rev().find(|(each, _)| *each == test).map(|(_, line)| line)
    }

    /// Appends what ran in another process, after none of the tests so far.
    pub(crate) fn goes_on_with(&mut self, more: Self) {
        if !more.tests.is_empty() && !self.tests.is_empty() {
            self.starts.push(self.tests.len());
        }
        self.tests.extend(more.tests);
        self.surveyed.extend(more.surveyed);
        self.executing.extend(more.executing);
        self.cells.extend(more.cells);
        self.not_put_back.extend(more.not_put_back);
        self.look_failed = self.look_failed.take().or(more.look_failed);
        self.recorded.extend(more.recorded);
        self.imports_changed = self.imports_changed.take().or(more.imports_changed);
        self.traced.extend(more.traced);
        self.failed_at.extend(more.failed_at);
        self.left_behind.extend(more.left_behind);
        self.runs += more.runs;
        self.took += more.took;
    }

    /// Whether a process began with the test at this place: a crash or a hang ends one too.
    pub(crate) fn begins(&self, place: usize) -> bool {
        let ends = |ran: &TestResult| matches!(ran.outcome, TestOutcome::Crashed | TestOutcome::TimedOut);
        place == 0 || self.starts.contains(&place) || ends(&self.tests[place - 1])
    }

    /// The place of the first test that ran in the same process as the one at this place.
    pub(crate) fn start_of(&self, place: usize) -> usize {
        (0..=place).rev().find(|&each| self.begins(each)).unwrap_or(0)
    }

    /// Tests that ran one after the other, process by process.
    pub(crate) fn in_one_process(&self) -> Vec<Vec<usize>> {
        let mut orders: Vec<Vec<usize>> = Vec::new();
        for (place, ran) in self.tests.iter().enumerate() {
            match orders.last_mut() {
                Some(order) if !self.begins(place) => order.push(ran.test),
                _ => orders.push(vec![ran.test]),
            }
        }
        orders
    }

    pub(crate) fn order(&self) -> Vec<usize> {
        self.tests.iter().map(|ran| ran.test).collect()
    }
}

/// Why a search ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// `--budget` is used up.
    #[error("the budget is used up")]
    OutOfBudget,
    /// There is no process to continue with.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl From<StopReason> for RunnerError {
    fn from(stopped: StopReason) -> Self {
        match stopped {
            StopReason::Interrupted => Self::Interrupted,
            // A hunt counts no states.
            StopReason::OutOfTime | StopReason::TooManyStates(_) => Self::OutOfBudget,
        }
    }
}

/// An order, and how it is to be run.
pub(crate) type RunRequest = (Vec<usize>, TestRunOptions);

/// What tests did, by their numbers: those that did not run are missing.
pub(crate) type TestAnswers = Vec<(usize, TestOutcome)>;

/// How to find out what tests do.
pub(crate) type Asking<'a> = &'a mut dyn FnMut() -> Result<TestAnswers, RunnerError>;

/// Asks a runner of its own, question after question, as often as it is given the number of another one.
pub(crate) type AskAhead<'a> = &'a (dyn Fn(&mut dyn Runner, &dyn Fn() -> Option<usize>) + Sync);

/// How much is asked ahead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AheadSize {
    pub(crate) questions: usize,
    /// How many tests run for that at least, as far as is known before.
    pub(crate) tests: usize,
}

/// A run that was made ahead.
#[derive(Debug)]
pub(crate) struct MadeRun {
    pub(crate) wanted: RunRequest,
    pub(crate) run: OrderRun,
    /// Whether it was halted: then it is a partial result.
    pub(crate) is_cut: bool,
}

/// How a run ended: by itself, or halted, with its partial result.
pub(crate) type EndedRun = Result<OrderRun, Box<(RunnerError, Option<OrderRun>)>>;

/// Makes a run, whose partial result is there where it is halted.
pub(super) fn ended_run(runner: &mut impl Runner, (order, how): &RunRequest) -> EndedRun {
    let ended = runner.run(order, how);
    ended.map_err(|halt| Box::new((halt, runner.cut().into_iter().next().map(|(_, run)| run))))
}

/// Runs tests, given by their numbers, in exactly this order in one process state, starting from a fresh collection.
pub(crate) trait Runner {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError>;

    /// Runs several orders that do not affect each other; returns their results in the same order.
    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        wanted.iter().map(|(order, how)| self.run(order, how)).collect()
    }

    /// The partial results of the last requested runs when they were halted, by their places: some may lack their last
    /// tests.
    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        Vec::new()
    }

    /// Asks ahead, on several processes at once, what may be asked later. What was made for that is kept for when it is asked for, or
    /// else returned. Does nothing where runs are made one by one.
    fn ask_ahead(&mut self, _size: AheadSize, _ask: AskAhead<'_>) -> Result<Vec<MadeRun>, RunnerError> {
        Ok(Vec::new())
    }

    /// Hears of a run that need not be made, because a journal knows what it told, or because it was made ahead.
    fn was_known(&mut self, _run: &OrderRun) {}

    /// Makes runs one by one from here on; says whether some were made at the same time until now.
    fn one_by_one(&mut self) -> bool {
        false
    }

    /// Notes for the user on how runs were made; each is returned once.
    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Asks what tests do in a process that is not this runner's, unless the answer is known from before.
    fn answer(&mut self, _question: &str, ask: Asking<'_>) -> Result<TestAnswers, RunnerError> {
        ask()
    }
}
