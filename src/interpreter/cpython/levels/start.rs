//! Starting a session: its room, its first process, and whether the interpreter has what the scenario requires. And its end.

use super::super::agent::AgentError;
use super::super::configure::{self, RoomKind};
use super::super::confine;
use super::super::limits;
use super::super::processes;
use super::super::program::Program;
use super::super::protocol::Asked;
use super::super::room::Room;
use super::{CPython, Level};
use crate::interpreter::{Freshness, Installation, Keep, NoOutcome};

impl CPython {
    /// Starts the interpreter for the steps of `program`, in a directory of its own, as a copy of one that is already
    /// there if there is one.
    ///
    /// # Errors
    /// Returns an error if it cannot be started, differs from `installation`, or lacks what the program requires.
    pub fn start(installation: &Installation, program: Program) -> Result<Self, NoOutcome> {
        Self::start_as(installation, program, Freshness::Copy)
    }

    /// The same, as fresh as is asked for.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub fn start_as(
        installation: &Installation,
        program: Program,
        freshness: Freshness,
    ) -> Result<Self, NoOutcome> {
        must_have_executable(installation)?;
        must_spare_real_code(installation, &program)?;
        let (confined, bytecode) = (installation.confined, program.bytecode);
        let kind = RoomKind { confined, bytecode, real: program.real.clone() };
        let idle = match freshness {
            Freshness::Copy => installation.shelf.take(&kind),
            Freshness::Process => None,
        };
        let is_new = idle.is_none();
        let room = idle.map_or_else(|| Room::empty(kind), Ok)?;
        let levels = vec![Level::default()];
        let installation = installation.clone();
        let mut this =
            Self { installation, room: Some(room), program, levels, files_at_start: None, returned: false };
        if is_new {
            this.start_agent()?;
        }
        this.must_have_what_is_required()?;
        if this.fork_again(0, &[]).is_err() {
            // Whatever happened to it while nobody used it.
            this.start_agent()?;
        }
        Ok(this)
    }

    pub(super) fn start_agent(&mut self) -> Result<(), NoOutcome> {
        self.lose_agent();
        let (identity, compiled) = (self.installation.identity.clone(), self.installation.compiled.clone());
        self.room_mut().start(&identity, &compiled).map_err(|why| self.lost(&why))?;
        self.must_have_what_is_required()
    }

    fn must_have_what_is_required(&self) -> Result<(), NoOutcome> {
        match self.program.real.lacking(&self.room().installed) {
            Some(reason) => {
                Err(NoOutcome::Lacks { interpreter: self.installation.identity.label.clone(), reason })
            }
            None => Ok(()),
        }
    }

    /// Begins a session: makes a copy of the interpreter that knows the program. Returns its process.
    pub(super) fn begin_session(&mut self) -> Result<i64, AgentError> {
        let secret = self.agent()?.secret();
        let payload = configure::session(&self.program, secret);
        self.send(Asked::Begin, "", &payload)?;
        let process = self.await_fork()?;
        self.files_at_start = processes::open_files(process);
        limits::set(process, self.program.limits);
        Ok(process)
    }

    /// Tells every process of the session to end, the last one first.
    fn end_session(&mut self) -> Result<(), AgentError> {
        if !self.program.inert {
            self.wake_those_who_wait(Keep::State);
        }
        while let Some(level) = self.levels.pop() {
            if level.process.is_some() {
                self.send(Asked::Ascend, "", b"")?;
            }
        }
        Ok(())
    }
}

impl Drop for CPython {
    fn drop(&mut self) {
        let ended = self.end_session();
        if let (Ok(()), Some(room)) = (ended, self.room.take()) {
            self.installation.shelf.give_back(room, !self.program.inert);
        }
    }
}

fn must_have_executable(installation: &Installation) -> Result<(), NoOutcome> {
    let identity = &installation.identity;
    match identity.path {
        Some(_) => Ok(()),
        None => Err(NoOutcome::Refused { reason: format!("{} has no executable", identity.label) }),
    }
}

/// The agent keeps Python 3 from writing bytecode into real directories; only confinement keeps 2.7 from it.
fn must_spare_real_code(installation: &Installation, program: &Program) -> Result<(), NoOutcome> {
    let identity = &installation.identity;
    let is_free = !installation.confined || confine::is_missing();
    if identity.version.major > 2 || !is_free || !program.real.is_reached() {
        return Ok(());
    }
    let reason =
        "it would write bytecode into the scenario's real directories, because its steps are not confined";
    Err(NoOutcome::Lacks { interpreter: identity.label.clone(), reason: reason.to_owned() })
}
