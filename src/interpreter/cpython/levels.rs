//! The walk through an interpreter's states: each kept state is a process, and the last process performs the steps. If
//! a step loses the process of a state, that state is rebuilt from the last living one when it is needed.

mod start;
mod step;

use std::time::Instant;

use self::step::Answer;
use super::agent::{Agent, AgentError, PATIENCE};
use super::decode::{self, StepReport};
use super::program::Program;
use super::protocol::{self, Answered, Asked};
use super::room::Room;
use super::{encode, processes};

use crate::interpreter::{
    Ask, Crash, Identity, Inspection, Installation, Interpreter, Keep, Landing, NoOutcome, Outcome,
};
use crate::scenario::Action;
use crate::world::World;
use crate::world::disk::ReadBack;

/// The wait status of a process that was ended by SIGKILL.
const SIGKILL: i32 = 9;

/// How often a step is tried if its process or interpreter is lost: the code of an earlier step may be the reason.
const ATTEMPTS: usize = 2;

/// A live CPython.
#[derive(Debug)]
pub struct CPython {
    installation: Installation,
    /// Its interpreter and directory; given back when this is dropped.
    room: Option<Room>,
    program: Program,
    levels: Vec<Level>,
    /// What the session's first process had open before its first step.
    files_at_start: Option<usize>,
    /// Whether the current process has waited for another since its last step. That step may have stopped it.
    returned: bool,
}

/// A kept state, or the current one, which is the last.
///
/// The processes of the levels form a chain: the zygote, then each level's process, a child of the one before it. The
/// last process reads the next command; each of the others, and the zygote, waits for its one child and does nothing
/// else. So no command is read by two processes, and a parent reports the end of its child. Between commands, `revive`
/// rebuilds every level but the last that has lost its process, with all levels after it, before anything is asked.
/// `ascend` ends the last process; its parent then reads commands again, in the state in which it forked.
#[derive(Debug, Default)]
struct Level {
    /// Its process, or `None` if it has to be rebuilt.
    process: Option<i64>,
    /// The steps performed since it was forked.
    log: Vec<(Action, World)>,
}

impl CPython {
    fn lost(&self, reason: &str) -> NoOutcome {
        let interpreter = self.installation.identity.label.clone();
        NoOutcome::Lost { interpreter, reason: reason.trim().to_owned() }
    }

    fn room(&self) -> &Room {
        self.room.as_ref().expect("only dropping this takes its room")
    }

    fn room_mut(&mut self) -> &mut Room {
        self.room.as_mut().expect("only dropping this takes its room")
    }

    fn lose_agent(&mut self) {
        self.room_mut().agent = None;
        for level in &mut self.levels {
            level.process = None;
        }
    }

    /// The step as the arguments of a command, and as its payload if it is not one of the program's steps.
    fn describe(&self, action: &Action, world: &World, ask: Ask) -> (String, Vec<u8>) {
        let now = world.stamp();
        let acts = !self.program.inert || !action.only_imports();
        let flags = protocol::flags(ask.fingerprint, acts);
        let known = self.program.actions.iter().position(|known| known == action);
        let (which, inline) = match known {
            Some(index) => (index.to_string(), Vec::new()),
            None => (String::from("-"), encode::action(action)),
        };
        let (second, nano, generation) = (now.second(), now.subsecond(), self.room().disk.generation());
        (format!("{second} {nano} {generation} {flags} {which}"), inline)
    }

    fn agent(&mut self) -> Result<&mut Agent, AgentError> {
        self.room_mut().agent.as_mut().ok_or(AgentError::Ended)
    }

    /// Sends a command. The agent must not have sent anything since its last answer.
    fn send(&mut self, kind: Asked, arguments: &str, more: &[u8]) -> Result<(), AgentError> {
        let agent = self.agent()?;
        if agent.is_quiet() {
            agent.send(kind, arguments, more, Instant::now() + PATIENCE)
        } else {
            Err(AgentError::Unasked)
        }
    }

    fn await_fork(&mut self) -> Result<i64, AgentError> {
        let frame = self.agent()?.receive(Instant::now() + PATIENCE)?;
        let pid = protocol::decimal(&frame.payload).filter(|_| frame.kind == Answered::Copied);
        pid.ok_or_else(|| frame.unexpected().into())
    }

    /// Rebuilds the processes of all levels that have none, by repeating the steps that led to their states.
    /// Returns the error if that fails.
    fn revive(&mut self) -> Result<Option<AgentError>, NoOutcome> {
        if self.room().agent.is_none() {
            self.start_agent()?;
        }
        for index in 0..self.levels.len() {
            if self.levels[index].process.is_some() {
                continue;
            }
            let log = self.levels[index].log.clone();
            if let Err(why) = self.fork_again(index, &log) {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    fn fork_again(&mut self, index: usize, log: &[(Action, World)]) -> Result<(), AgentError> {
        let pid = if index == 0 {
            self.begin_session()?
        } else {
            self.send(Asked::Copy, "", b"")?;
            self.await_fork()?
        };
        self.levels[index].process = Some(pid);
        let later = self.levels.split_off(index + 1);
        let mut replay = || {
            for (action, world) in log {
                self.room_mut().disk.make(world)?;
                let ask = Ask { keep: Keep::Nothing, fingerprint: false };
                if !matches!(self.perform(action, world, ask)?, Answer::Result(_)) {
                    return Err(AgentError::Ended);
                }
                self.agent()?.take_output();
                self.room_mut().disk.read_back(world)?;
            }
            Ok(())
        };
        let replayed = replay();
        self.levels.extend(later);
        replayed
    }

    /// Performs the step, and repeats it with a new agent if the first one is lost.
    fn perform_or_restart(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Answer, NoOutcome> {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                // The first attempt may have left anything on disk.
                self.room_mut().disk.distrust();
            }
            if self.revive()?.is_none() {
                self.room_mut().disk.make(world)?;
                match self.perform(action, world, ask) {
                    // The code of an earlier step may have killed the process: only a repeated kill counts as
                    // this step's doing.
                    Ok(Answer::Ended(SIGKILL)) if attempt == 0 => {}
                    Ok(answer) => return Ok(answer),
                    Err(_) => {}
                }
            }
            self.lose_agent();
        }
        Ok(Answer::Ended(decode::LOST_STATUS << 8))
    }

    /// The import system's state, or `None` if it is not available.
    fn look(&mut self) -> Result<Option<Inspection>, NoOutcome> {
        if self.revive()?.is_some() {
            return Ok(None);
        }
        processes::wake(self.current());
        let asked = self
            .send(Asked::Inspect, "", b"")
            .and_then(|()| self.agent()?.receive(Instant::now() + PATIENCE));
        Ok(asked.and_then(|frame| Ok(decode::inspection(&frame)?)).ok())
    }

    fn land(&mut self, answer: Answer, back: ReadBack) -> Landing {
        let report = match answer {
            Answer::TimedOut => StepReport::of(Outcome::TimedOut),
            Answer::TooMany => StepReport::of(Outcome::Crashed(Crash::TooManyProcesses)),
            Answer::Ended(status) => StepReport::of(Outcome::Crashed(decode::crash_of(status))),
            Answer::Result(report) => report,
        };
        Landing {
            outcome: report.outcome,
            world: back.world,
            fingerprint: report.fingerprint,
            output: self.room_mut().take_output(),
            wrote_files: back.wrote_files,
        }
    }
}

impl Interpreter for CPython {
    fn identity(&self) -> &Identity {
        &self.installation.identity
    }

    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, NoOutcome> {
        let answer = self.perform_or_restart(action, world, ask)?;
        let back = self.room_mut().disk.read_back(world)?;
        let survived = matches!(answer, Answer::Result(_));
        if !survived && ask.keep == Keep::State {
            self.levels.push(Level::default());
        }
        if let Some(level) = self.levels.last_mut() {
            if survived {
                level.log.push((action.clone(), world.clone()));
            } else {
                level.process = None;
            }
        }
        Ok(self.land(answer, back))
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        if self.levels.len() < 2 {
            return Err(self.lost("there is no state to ascend to"));
        }
        self.returned = true;
        let had_process = self.levels.pop().is_some_and(|level| level.process.is_some());
        if had_process && self.send(Asked::Ascend, "", b"").is_err() {
            self.lose_agent();
        }
        Ok(())
    }

    fn can_be_copied(&self) -> bool {
        let Some(process) = self.levels.last().and_then(|level| level.process) else { return false };
        let open = processes::open_files(process);
        open.is_some() && open == self.files_at_start && processes::is_by_itself(process)
    }

    fn inspect(&mut self) -> Result<Inspection, NoOutcome> {
        for _ in 0..ATTEMPTS {
            if let Some(inspection) = self.look()? {
                return Ok(inspection);
            }
            self.lose_agent();
            self.room_mut().disk.distrust();
        }
        // The steps that led to this state cannot be repeated, so there is nothing to inspect.
        Ok(Inspection::default())
    }
}
