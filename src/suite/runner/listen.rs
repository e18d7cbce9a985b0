//! Receives the messages of a run, until it ends, is ended, or is lost. It does not know which run follows.

use std::time::{Duration, Instant};

use super::heard_states::HeardStates;
use super::message::{Message, TestEnd};
use super::patience::Silence;
use super::process::Process;
use super::process_error::ProcessError;
use super::run::{BranchResult, OrderRun, RunnerError, TestOutcome, TestResult};
use crate::budget::Budget;

/// How long a run may take to end after its last test.
const FAREWELL: Duration = Duration::from_secs(30);
/// How long taster's own work may take at a time: looks at the state, and forks. It is no test's time.
const OWN_WORK: Duration = Duration::from_mins(10);
/// How long it may take to notice that a killed run has ended.
const GRACE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(100);
/// The number of messages that may still be on their way when a run is cut short.
const LAST_WORDS: usize = 10_000;

/// The message for a test that did so.
pub(crate) const KILLS_ITS_PARENT: &str = "the test killed or stopped the process that started it";

/// Whose time it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum AtWork {
    /// taster itself, which looks, forks and writes down; so it is until a test begins.
    #[default]
    Taster,
    Tests,
}

/// The messages of a run.
#[derive(Debug, Default)]
pub(crate) struct RunTranscript {
    pub(crate) run: OrderRun,
    states: HeardStates,
    /// The test that has begun and not ended.
    running: Option<usize>,
    at_work: AtWork,
    /// All of the order has run.
    done: bool,
    /// Something has ended the loop over the tests.
    stopped: bool,
    /// The run was silent for too long, and was ended.
    timed_out: bool,
    /// For how long it was.
    silent: Duration,
    /// Why the process that forks runs is gone, or of no more use.
    pub(crate) lost: Option<ProcessError>,
    /// Why the hunt has to end.
    pub(crate) halt: Option<RunnerError>,
}

/// Listens to a run that was started: a fork, or the process itself (`here`).
pub(super) fn listen(process: &mut Process, here: bool, silence: &Silence, budget: &Budget) -> RunTranscript {
    let mut heard = RunTranscript::default();
    let mut began = Instant::now();
    let mut since = Instant::now();
    loop {
        if let Err(stopped) = budget.check() {
            heard.cut_short(process, here, stopped.into());
            break;
        }
        match process.message(TICK) {
            Ok(Some(message)) => {
                since = Instant::now();
                silence.learn(&message, &mut began, &heard.run);
                if heard.hear(message) {
                    break;
                }
            }
            Ok(None) => {
                if heard.is_over(process, here, &mut since, silence) {
                    break;
                }
            }
            Err(error) => {
                // A process that is itself the run ends with it, but its messages must be valid all the same.
                heard.lost = Some(error).filter(|error| !here || matches!(error, ProcessError::Protocol(_)));
                break;
            }
        }
    }
    heard.close();
    (heard.run.surveyed, heard.run.ended_by) = heard.states.told();
    heard
}

impl RunTranscript {
    /// The transcript of a process that did not even receive its command.
    pub(crate) fn nothing(error: ProcessError) -> Self {
        Self { lost: Some(error), ..Self::default() }
    }

    /// Whether all of the order has run.
    pub(crate) fn is_whole(&self) -> bool {
        self.done && !self.stopped
    }

    /// Adds a message; returns true if it is the last one.
    fn hear(&mut self, message: Message) -> bool {
        let number = |i: i64| usize::try_from(i).ok();
        match message {
            Message::Start { i } => (self.running, self.at_work) = (number(i), AtWork::Tests),
            Message::Testing => self.at_work = AtWork::Tests,
            Message::Looking => self.at_work = AtWork::Taster,
            Message::End { i, outcome, text } => {
                (self.running, self.at_work) = (None, AtWork::Taster);
                if let Some(test) = number(i) {
                    self.ended(TestResult { test, outcome: outcome.into(), text });
                }
            }
            Message::Branched { i, outcome } => {
                let (place, outcome) = (self.run.tests.len(), outcome.into());
                self.run.branched.extend(number(i).map(|test| BranchResult { place, test, outcome }));
            }
            Message::State => {
                self.close();
                self.states.begins();
            }
            Message::Left(_)
            | Message::Then
            | Message::Changes { .. }
            | Message::LeavesToo { .. }
            | Message::Reads { .. }
            | Message::Forget { .. }
            | Message::Sure => self.states.hear(message),
            Message::Cell(cell) => self.run.cells.push(cell),
            Message::LookFailed { text } => self.run.look_failed = Some(text),
            Message::Seeded(seeding) => self.run.seeded.push(seeding),
            Message::ImportsChanged { path } => self.run.imports_changed = Some(path),
            Message::NotPutBack(cell) => self.run.not_put_back.push(cell),
            Message::Executing { i, modules } => {
                self.run.executing.extend(number(i).map(|test| (test, modules)));
            }
            Message::FailedAt { i, line } => self.run.failed_at.extend(number(i).map(|test| (test, line))),
            Message::Traced(change) => self.run.traced.push(change),
            Message::Recorded(recorded) => self.run.recorded.push(recorded),
            Message::Stopped { text } => {
                self.stopped = true;
                if let Some(test) = self.running.take() {
                    self.ended(TestResult { test, outcome: TestOutcome::Crashed, text });
                }
            }
            Message::Orphaned { i } => {
                self.running = None;
                let text = KILLS_ITS_PARENT.to_owned();
                self.run.tests.extend(number(i).map(|test| TestResult {
                    test,
                    outcome: TestOutcome::Crashed,
                    text,
                }));
                self.lost =
                    Some(ProcessError::Lost { how: "was killed or stopped by a test", log: String::new() });
                return true;
            }
            Message::Done => self.done = true,
            Message::Exit => return true,
            _ => {}
        }
        false
    }

    /// Adds the end of a test to the order, or to the state that is being surveyed.
    fn ended(&mut self, result: TestResult) {
        if self.states.is_any() {
            self.states.ended(result);
        } else {
            self.run.tests.push(result);
        }
    }

    /// Called after a while without messages; returns whether there is nothing more to wait for.
    fn is_over(&mut self, process: &mut Process, here: bool, since: &mut Instant, silence: &Silence) -> bool {
        let limit = match (self.timed_out, self.done, self.at_work) {
            (true, ..) => GRACE,
            (false, true, _) => FAREWELL,
            (false, false, AtWork::Tests) => silence.limit(self.running),
            (false, false, AtWork::Taster) => OWN_WORK,
        };
        if since.elapsed() <= limit {
            return false;
        }
        if let Err(error) = process.end(here) {
            self.lost = Some(error);
            return true;
        }
        if self.timed_out {
            // For a process of its own, whoever holds the pipe open is not part of the run.
            self.lost = (!here).then(|| process.lost("did not notice the end of a run"));
            return true;
        }
        if !self.done && self.at_work == AtWork::Taster {
            self.running = None;
            self.run.look_failed = Some(format!("it took longer than {} minutes", OWN_WORK.as_secs() / 60));
        }
        silence.is_over(self.running.filter(|_| self.at_work == AtWork::Tests));
        self.timed_out = true;
        self.silent = limit;
        *since = Instant::now();
        false
    }

    /// Ends the run where it is; tests that have ended by now keep their outcome.
    fn cut_short(&mut self, process: &mut Process, here: bool, halt: RunnerError) {
        let _told_when_it_is_used_again = process.end(here);
        for _ in 0..LAST_WORDS {
            let Ok(Some(message)) = process.message(Duration::ZERO) else { break };
            if self.hear(message) {
                break;
            }
        }
        // The outcome of a test that nobody waits for is unknown.
        self.running = None;
        self.halt = Some(halt);
    }

    /// The end of a process is the outcome of the test that was running.
    fn close(&mut self) {
        let Some(test) = self.running.take() else { return };
        let outcome = if self.timed_out { TestOutcome::TimedOut } else { TestOutcome::Crashed };
        let mut text = format!("the process {} here", outcome.name());
        if self.timed_out {
            text += &format!(": the test was at work for more than {} s", self.silent.as_secs());
        }
        if self.lost.is_some() {
            text.push_str(", and the one that started it was lost");
        }
        self.ended(TestResult { test, outcome, text });
    }
}

impl From<TestEnd> for TestOutcome {
    fn from(ended: TestEnd) -> Self {
        match ended {
            TestEnd::Passed => Self::Passed,
            TestEnd::Failed => Self::Failed,
            TestEnd::Skipped => Self::Skipped,
        }
    }
}
