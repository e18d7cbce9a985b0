//! A room: a started interpreter that has performed no step, in a directory of its own. Each session is a copy of it, one at
//! a time, so starting an interpreter is paid for once. Idle rooms wait on a shelf for the next session of their kind.

use std::fs::Permissions;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::agent::{Agent, AgentError};
use super::compiled::CompiledAgents;
use super::configure::{Configured, RoomKind, configure};
use super::guard::Guard;
use super::home::make_home;
use super::processes;
use super::protocol::{Answered, Asked};
use super::source::STEPS;
use crate::interpreter::Identity;
use crate::world::disk::Directory;

/// How many idle rooms wait at most. More than that are in use at once only where as many threads are.
const MOST_IDLE: usize = 8;

/// How long a room may take to come to rest.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(2);

/// A directory, and the interpreter in it, if it is alive.
#[derive(Debug)]
pub(super) struct Room {
    kind: RoomKind,
    /// Declared before `home`: the processes must end before their directory goes.
    pub(super) agent: Option<Agent>,
    pub(super) disk: Directory,
    permissions: Permissions,
    home: tempfile::TempDir,
    /// Declared after `home`: the directory must be guarded until it is gone.
    _guard: Guard,
    /// The process that every session is a copy of.
    pub(super) zygote: i64,
    /// The names and versions of installed distributions, among those that the programs of this kind require.
    pub(super) installed: Vec<(String, String)>,
}

impl Room {
    /// A room without an interpreter.
    pub(super) fn empty(kind: RoomKind) -> io::Result<Self> {
        let home = make_home()?;
        let disk = Directory::create(&home.path().join("o"))?;
        let permissions = std::fs::metadata(disk.path())?.permissions();
        let guard = Guard::of(disk.path(), home.path());
        let installed = Vec::new();
        Ok(Self { kind, agent: None, disk, permissions, home, _guard: guard, zygote: 0, installed })
    }

    /// Starts the interpreter. Returns the error, in words.
    pub(super) fn start(&mut self, identity: &Identity, compiled: &CompiledAgents) -> Result<(), String> {
        self.agent = None;
        let Some(python) = &identity.path else {
            return Err(String::from("it has no executable"));
        };
        let (home, root, kind) = (self.home.path(), self.disk.path(), &self.kind);
        let started = compiled
            .put_into(home, python, STEPS)
            .and_then(|()| Agent::start(STEPS, python, home, root, kind.confined));
        let mut agent = started.map_err(|error| format!("cannot start {}: {error}", python.display()))?;
        let configured = configure(&mut agent, kind, identity, root);
        let Configured { zygote, installed } = configured.map_err(|why| {
            let said = agent.take_output();
            format!("{why} {}", said.lines().last().unwrap_or_default())
        })?;
        (self.zygote, self.installed, self.agent) = (zygote, installed, Some(agent));
        Ok(())
    }

    /// The standard output and error since the last call; `$` replaces the directory.
    pub(super) fn take_output(&mut self) -> String {
        let output = self.agent.as_mut().map(Agent::take_output).unwrap_or_default();
        let directory = self.disk.path().to_string_lossy();
        if output.contains(directory.as_ref()) { output.replace(directory.as_ref(), "$") } else { output }
    }

    /// Waits until the interpreter has seen the last session end, and leaves nothing of it. `is_suspect`: whether the session's
    /// code may have started processes that outlive it.
    fn come_to_rest(&mut self, is_suspect: bool) -> Result<(), AgentError> {
        let deadline = Instant::now() + PATIENCE_AT_THE_END;
        let agent = self.agent.as_mut().ok_or(AgentError::Ended)?;
        agent.send(Asked::Rest, "", b"", deadline)?;
        let frame = agent.receive(deadline)?;
        if frame.kind != Answered::Rested || !agent.is_quiet() {
            return Err(frame.unexpected().into());
        }
        if is_suspect {
            processes::end_all_at_home_but(self.disk.path(), &[agent.watcher(), self.zygote]);
        }
        agent.take_output();
        agent.renew_secret();
        self.disk.distrust();
        // What confines steps to the directory does so to this one, not to another in its place.
        if self.disk.generation() > 0 {
            return Err(AgentError::Ended);
        }
        Ok(std::fs::set_permissions(self.disk.path(), self.permissions.clone())?)
    }
}

/// Idle rooms of one interpreter; copies share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    idle: Arc<Mutex<Vec<Room>>>,
}

impl Shelf {
    /// An idle room of this kind.
    pub(super) fn take(&self, kind: &RoomKind) -> Option<Room> {
        let mut idle = self.idle();
        let place = idle.iter().rposition(|room| room.kind == *kind)?;
        Some(idle.remove(place))
    }

    /// Gives back a room whose session has been told to end, if it comes to rest.
    pub(super) fn give_back(&self, mut room: Room, is_suspect: bool) {
        if room.come_to_rest(is_suspect).is_err() {
            return;
        }
        let mut idle = self.idle();
        idle.push(room);
        let oldest = (idle.len() > MOST_IDLE).then(|| idle.remove(0));
        drop(idle);
        // Ending it takes time that no other thread should wait for.
        drop(oldest);
    }

    /// Whether no room is idle.
    pub(crate) fn is_empty(&self) -> bool {
        self.idle().is_empty()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Room>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
