//! The walk through an interpreter's states: each kept state is a process, and the last one performs the steps. A state
//! whose process was lost in a step is made again when it is needed, from the last one that lives.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::agent::{Agent, NoAnswer, end_group};
use super::answer::{self, Report};
use super::program::Program;
use super::protocol::{self, Frame, join};
use super::script;
use crate::interpreter::{
    Ask, Broken, Crash, Identity, Inspection, Installation, Interpreter, Keep, Landing, Outcome,
};
use crate::scenario::Action;
use crate::world::World;
use crate::world::disk::{Directory, ReadBack};

/// Real time within which an agent starts, forks, and ends.
const PATIENCE: Duration = Duration::from_secs(30);
/// The status of a process whose descriptors are gone.
const LOST_STATUS: i32 = 117;
const SIGKILL: i32 = 9;

/// A live CPython.
#[derive(Debug)]
pub struct CPython {
    identity: Identity,
    /// Before `home`: the processes end before their directory goes.
    agent: Option<Agent>,
    disk: Directory,
    home: tempfile::TempDir,
    python: PathBuf,
    program: Program,
    levels: Vec<Level>,
    /// Processes that were told to end, and of which the agent has yet to say that they did.
    ending: Vec<i64>,
}

/// A kept state, or the current one, which is the last.
#[derive(Debug, Default)]
struct Level {
    /// Its process; none where it has to be made again.
    process: Option<i64>,
    /// What was performed since it was forked.
    log: Vec<(Action, World)>,
}

/// What a command came to.
#[derive(Debug)]
enum Answer {
    Result(Frame),
    Ended(i32),
    TimedOut,
}

impl CPython {
    /// Starts the interpreter for the steps of `program`, in a directory of its own.
    ///
    /// # Errors
    /// Where it cannot be started, or is not what `installation` says.
    pub fn start(installation: &Installation, program: Program) -> Result<Self, Broken> {
        let identity = installation.identity.clone();
        let python = identity
            .path
            .clone()
            .ok_or_else(|| Broken::Refused { reason: format!("{} has no executable", identity.label) })?;
        let home = tempfile::Builder::new().prefix("taster-").tempdir()?;
        let disk = Directory::create(&home.path().join("o"))?;
        let mut this = Self {
            identity,
            agent: None,
            disk,
            home,
            python,
            program,
            levels: vec![Level::default()],
            ending: Vec::new(),
        };
        this.start_agent()?;
        Ok(this)
    }

    fn start_agent(&mut self) -> Result<(), Broken> {
        self.lose_agent();
        let mut agent = self.spawn()?;
        self.greet(&mut agent).map_err(|why| {
            let said = agent.take_output();
            let said = said.lines().last().unwrap_or_default();
            self.lost(&format!("{why} {said}"))
        })?;
        self.agent = Some(agent);
        Ok(())
    }

    fn spawn(&self) -> Result<Agent, Broken> {
        let home = self.home.path();
        Agent::start(&self.python, home, self.disk.path())
            .map_err(|error| self.lost(&format!("cannot start {}: {error}", self.python.display())))
    }

    fn greet(&self, agent: &mut Agent) -> Result<(), NoAnswer> {
        let deadline = Instant::now() + PATIENCE;
        let actions = join(self.program.actions.iter().map(script::encode));
        let root = bytes_of(self.disk.path());
        let bytecode: &[u8] = if self.program.bytecode { b"1" } else { b"0" };
        let sources = self.program.sources.iter();
        let sources = join(sources.flat_map(|(path, text)| [path.as_str(), text]));
        agent.send(b'C', &join([root, bytecode, &actions, &sources]), deadline)?;
        let hello = agent.receive(deadline)?;
        let [protocol, version, _name] = hello.fields()?;
        let expected = self.identity.version.to_string();
        if hello.kind != b'H' || protocol != protocol::VERSION || version != expected.as_bytes() {
            return Err(hello.nonsense().into());
        }
        Ok(())
    }

    fn lost(&self, reason: &str) -> Broken {
        Broken::Lost { interpreter: self.identity.label.clone(), reason: reason.trim().to_owned() }
    }

    fn lose_agent(&mut self) {
        self.agent = None;
        self.ending.clear();
        for level in &mut self.levels {
            level.process = None;
        }
    }

    /// Performs `action` in the current process, or in a copy of it.
    fn perform(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Answer, NoAnswer> {
        let deadline = Instant::now() + self.program.step_timeout;
        let payload = self.step_payload(action, world, ask);
        let kind = match ask.keep {
            Keep::State => b'F',
            Keep::Nothing => b'S',
        };
        let mut process = self.levels.last().and_then(|level| level.process);
        self.send(kind, &payload)?;
        if ask.keep == Keep::State {
            process = Some(self.await_fork()?);
        }
        match self.agent()?.receive(deadline) {
            Ok(frame) if frame.kind == b'R' => {
                if ask.keep == Keep::State {
                    self.levels.push(Level { process, log: Vec::new() });
                }
                Ok(Answer::Result(frame))
            }
            Ok(frame) => Self::ended(&frame, process).map(Answer::Ended),
            Err(NoAnswer::Deadline) => {
                end_group(process.unwrap_or_default());
                let frame = self.agent()?.receive(Instant::now() + PATIENCE)?;
                // It may have answered just before it was ended.
                let frame = if frame.kind == b'R' {
                    self.agent()?.receive(Instant::now() + PATIENCE)?
                } else {
                    frame
                };
                Self::ended(&frame, process).map(|_| Answer::TimedOut)
            }
            Err(other) => Err(other),
        }
    }

    fn step_payload(&self, action: &Action, world: &World, ask: Ask) -> Vec<u8> {
        let now = world.stamp();
        let acts = !self.program.inert || matches!(action, Action::Exec { .. } | Action::Repair(_));
        let flags = match (ask.fingerprint, acts) {
            (true, true) => "fa",
            (true, false) => "f",
            (false, true) => "a",
            (false, false) => "-",
        };
        let known = self.program.actions.iter().position(|known| known == action);
        let (which, inline) = match known {
            Some(index) => (index.to_string(), Vec::new()),
            None => (String::new(), script::encode(action)),
        };
        let (second, nano, generation) = (now.second(), now.subsecond(), self.disk.generation());
        let mut payload = format!("{second} {nano} {generation} {flags} {which} ").into_bytes();
        payload.extend_from_slice(&inline);
        payload
    }

    fn agent(&mut self) -> Result<&mut Agent, NoAnswer> {
        self.agent.as_mut().ok_or(NoAnswer::Ended)
    }

    /// Sends a command, once all processes that were told to end have ended.
    fn send(&mut self, kind: u8, payload: &[u8]) -> Result<(), NoAnswer> {
        let deadline = Instant::now() + PATIENCE;
        if self.ending.is_empty() && !self.agent()?.is_quiet() {
            return Err(NoAnswer::Unasked);
        }
        self.agent()?.send(kind, payload, deadline)?;
        for pid in std::mem::take(&mut self.ending) {
            let frame = self.agent()?.receive(deadline)?;
            if Self::ended(&frame, Some(pid))? != SIGKILL {
                return Err(frame.nonsense().into());
            }
        }
        Ok(())
    }

    fn await_fork(&mut self) -> Result<i64, NoAnswer> {
        let frame = self.agent()?.receive(Instant::now() + PATIENCE)?;
        let pid = protocol::decimal(&frame.payload).filter(|_| frame.kind == b'P');
        pid.ok_or_else(|| frame.nonsense().into())
    }

    /// The wait status that the frame says `process` ended with.
    fn ended(frame: &Frame, process: Option<i64>) -> Result<i32, NoAnswer> {
        let [pid, status] = frame.numbers()?;
        if frame.kind != b'E' || Some(pid) != process {
            return Err(frame.nonsense().into());
        }
        i32::try_from(status).map_err(|_| frame.nonsense().into())
    }

    /// Makes the processes of all levels that have none, by performing again what made their states.
    fn revive(&mut self) -> Result<(), Broken> {
        if self.agent.is_none() {
            self.start_agent()?;
        }
        for index in 0..self.levels.len() {
            if self.levels[index].process.is_some() {
                continue;
            }
            let log = self.levels[index].log.clone();
            let replayed = self.fork_again(index, &log);
            replayed.map_err(|why| self.lost(&format!("a state could not be made again: {why}")))?;
        }
        Ok(())
    }

    fn fork_again(&mut self, index: usize, log: &[(Action, World)]) -> Result<(), NoAnswer> {
        self.send(b'N', b"")?;
        let pid = self.await_fork()?;
        self.levels[index].process = Some(pid);
        let later = self.levels.split_off(index + 1);
        let mut replay = || {
            for (action, world) in log {
                self.disk.make(world)?;
                let ask = Ask { keep: Keep::Nothing, fingerprint: false };
                if !matches!(self.perform(action, world, ask)?, Answer::Result(_)) {
                    return Err(NoAnswer::Ended);
                }
                self.agent()?.take_output();
                self.disk.read_back(world)?;
            }
            Ok(())
        };
        let replayed = replay();
        self.levels.extend(later);
        replayed
    }

    /// Performs the step, and once more with a new agent where the first is lost.
    fn perform_or_restart(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Answer, Broken> {
        for attempt in 0..2 {
            if attempt > 0 {
                // What the first attempt left on disk is nobody's.
                self.disk.distrust();
            }
            self.revive()?;
            self.disk.make(world)?;
            if let Ok(answer) = self.perform(action, world, ask) {
                return Ok(answer);
            }
            self.lose_agent();
        }
        Ok(Answer::Ended(LOST_STATUS << 8))
    }

    fn land(&mut self, answer: &Answer, back: ReadBack) -> Result<Landing, Broken> {
        let report = match answer {
            Answer::TimedOut => Report::of(Outcome::TimedOut),
            Answer::Ended(status) => Report::of(Outcome::Crashed(crash_of(*status))),
            Answer::Result(frame) => {
                answer::report(frame).map_err(|nonsense| self.lost(&nonsense.to_string()))?
            }
        };
        Ok(Landing {
            outcome: report.outcome,
            world: back.world,
            fingerprint: report.fingerprint,
            output: self.agent.as_mut().map(Agent::take_output).unwrap_or_default(),
            wrote_files: back.wrote_files,
        })
    }
}

impl Interpreter for CPython {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, Broken> {
        let answer = self.perform_or_restart(action, world, ask)?;
        let back = self.disk.read_back(world)?;
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
        self.land(&answer, back)
    }

    fn ascend(&mut self) -> Result<(), Broken> {
        if self.levels.len() < 2 {
            return Err(self.lost("there is no state to ascend to"));
        }
        let Some(pid) = self.levels.pop().and_then(|level| level.process) else {
            return Ok(());
        };
        let told = self.agent().and_then(|agent| agent.send(b'A', b"", Instant::now() + PATIENCE));
        match told {
            Ok(()) => self.ending.push(pid),
            Err(_) => self.lose_agent(),
        }
        Ok(())
    }

    fn inspect(&mut self) -> Result<Inspection, Broken> {
        self.revive()?;
        let asked = self.send(b'I', b"").and_then(|()| self.agent()?.receive(Instant::now() + PATIENCE));
        let inspection = asked.and_then(|frame| Ok(answer::inspection(&frame)?));
        inspection.map_err(|why| {
            self.lose_agent();
            self.lost(&why.to_string())
        })
    }
}

/// What a wait status says.
fn crash_of(status: i32) -> Crash {
    match (status & 0x7F, status >> 8 & 0xFF) {
        (0, LOST_STATUS) => Crash::Lost,
        (0, code) => Crash::Exit(code),
        (signal, _) => Crash::Signal(signal),
    }
}

fn bytes_of(path: &Path) -> &[u8] {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes()
}
