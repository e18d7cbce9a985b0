//! One step in progress: its answer, the checks made while it runs, and how it is ended at its time limit.

use std::time::{Duration, Instant};

use super::super::agent::{AgentError, PATIENCE};
use super::super::decode::{self, StepReport};
use super::super::processes;
use super::super::protocol::{self, Answered, Asked, Frame};
use super::{CPython, Level};
use crate::interpreter::{Ask, Keep};
use crate::scenario::Action;
use crate::world::World;

/// How often a step in progress is checked.
const TURN: Duration = Duration::from_millis(50);
/// How many times its time limit a step may take if other processes keep it from the processor.
const PATIENCE_WITH_A_BUSY_MACHINE: u32 = 7;

/// The result of a command.
#[derive(Debug)]
pub(super) enum Answer {
    Result(StepReport),
    Ended(i32),
    TimedOut,
    /// It had more processes than its limit.
    TooMany,
}

/// The result of watching a step.
enum Watched {
    Frame(Frame),
    Late,
    TooMany,
}

impl CPython {
    /// Performs `action` in the current process, or in a copy of it.
    pub(super) fn perform(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Answer, AgentError> {
        let kind = match ask.keep {
            Keep::State => Asked::StepInACopy,
            Keep::Nothing => Asked::Step,
        };
        let (arguments, inline) = self.describe(action, world, ask);
        if self.returned && ask.keep == Keep::Nothing {
            processes::wake(self.current());
        }
        self.returned = false;
        let deadline = Instant::now() + self.program.step_timeout;
        self.send(kind, &arguments, &inline)?;
        match self.receive_watching(deadline, ask.keep)? {
            Watched::Frame(frame) if frame.kind == Answered::Result => self.result(&frame, ask.keep),
            Watched::Frame(frame) => self.ended(&frame, ask.keep).map(Answer::Ended),
            Watched::Late => self.end_step(ask.keep).map(|()| Answer::TimedOut),
            Watched::TooMany => Ok(self.end_too_many(ask.keep)),
        }
    }

    /// The result of a step that answered; its copy is a level of its own from now on.
    fn result(&mut self, frame: &Frame, keep: Keep) -> Result<Answer, AgentError> {
        let report = decode::report(frame)?;
        let process = decode::process(frame)?;
        let expected = self.levels.last().and_then(|level| level.process);
        if keep == Keep::Nothing && expected.is_some_and(|expected| expected != process) {
            return Err(frame.unexpected().into());
        }
        if !self.program.inert && !processes::children_of(process).is_empty() && self.has_too_many(keep) {
            processes::end_group(process);
            return Ok(self.end_too_many(keep));
        }
        if keep == Keep::State {
            self.levels.push(Level { process: Some(process), log: Vec::new() });
        }
        Ok(Answer::Result(report))
    }

    /// The process that reads the next command.
    pub(super) fn current(&self) -> i64 {
        self.levels.last().and_then(|level| level.process).unwrap_or(self.room().zygote)
    }

    /// Waits for the next frame that is not a sign of life. Meanwhile it wakes processes that the step has stopped, and
    /// checks that the step does not have too many. A step that got less processor time than its limit is given more.
    fn receive_watching(&mut self, mut deadline: Instant, keep: Keep) -> Result<Watched, AgentError> {
        let last = deadline + self.program.step_timeout * PATIENCE_WITH_A_BUSY_MACHINE;
        let mut used_before = None;
        loop {
            let turn = deadline.min(Instant::now() + TURN);
            match self.agent()?.receive(turn) {
                // The step is done, but digesting the state takes longer.
                Ok(frame) if frame.kind == Answered::Looking => deadline = Instant::now() + PATIENCE,
                Ok(frame) => return Ok(Watched::Frame(frame)),
                Err(AgentError::Deadline) => {}
                Err(other) => return Err(other),
            }
            let used = self.performing(keep).and_then(processes::working_time);
            let before = *used_before.get_or_insert(used.unwrap_or_default());
            if Instant::now() >= deadline {
                let starved =
                    used.is_some_and(|used| used.saturating_sub(before) < self.program.step_timeout);
                if !starved || Instant::now() >= last {
                    return Ok(Watched::Late);
                }
                deadline += TURN;
            }
            self.wake_those_who_wait(keep);
            if self.has_too_many(keep) {
                return Ok(Watched::TooMany);
            }
        }
    }

    /// The process that performs the step in progress, or `None` if unknown.
    fn performing(&self, keep: Keep) -> Option<i64> {
        match keep {
            Keep::State => processes::copy_of(self.current()),
            Keep::Nothing => self.levels.last().and_then(|level| level.process),
        }
    }

    /// Wakes every process that only waits, in case the step's code has stopped it.
    pub(super) fn wake_those_who_wait(&self, keep: Keep) {
        let performing = usize::from(keep == Keep::Nothing);
        let waiting = self.levels.iter().rev().skip(performing).filter_map(|level| level.process);
        waiting.chain([self.room().zygote]).for_each(processes::wake);
    }

    /// Whether the session has more processes than taster's own and those that the scenario allows.
    fn has_too_many(&self, keep: Keep) -> bool {
        if self.program.inert {
            return false;
        }
        let performing = usize::from(keep == Keep::State);
        let own = 1 + self.levels.iter().filter(|level| level.process.is_some()).count() + performing;
        let allowed = usize::try_from(self.program.limits.processes).unwrap_or(usize::MAX);
        processes::has_session_more_than(own.saturating_add(allowed), self.room().zygote)
    }

    /// Ends a step and all processes that it has started, at once: they may be starting more.
    fn end_too_many(&mut self, keep: Keep) -> Answer {
        if let Some(performing) = self.performing(keep) {
            processes::end_group(performing);
        }
        processes::end_all_at_home(self.room().disk.path());
        self.lose_agent();
        Answer::TooMany
    }

    /// Ends the step in progress. If it is unknown which process performs it, all are ended and rebuilt later.
    fn end_step(&mut self, keep: Keep) -> Result<(), AgentError> {
        let Some(performing) = self.performing(keep) else {
            self.lose_agent();
            return Ok(());
        };
        processes::end_group(performing);
        self.wake_those_who_wait(keep);
        let frame = loop {
            let frame = self.agent()?.receive(Instant::now() + PATIENCE)?;
            // It may have answered just before it was ended.
            if !matches!(frame.kind, Answered::Result | Answered::Looking) {
                break frame;
            }
        };
        self.ended(&frame, keep).map(drop)
    }

    /// The wait status of the process that performs a step, if the frame is from its parent.
    fn ended(&self, frame: &Frame, keep: Keep) -> Result<i32, AgentError> {
        let [parent, status] = frame.fields()?;
        let depth = match keep {
            Keep::State => self.levels.len(),
            Keep::Nothing => self.levels.len() - 1,
        };
        let expected = match depth.checked_sub(1) {
            Some(index) => self.levels[index].process,
            None => Some(self.room().zygote),
        };
        let status = protocol::decimal(status).and_then(|status| i32::try_from(status).ok());
        let is_it = frame.kind == Answered::Ended && protocol::decimal(parent) == expected;
        status.filter(|_| is_it).ok_or_else(|| frame.unexpected().into())
    }
}
