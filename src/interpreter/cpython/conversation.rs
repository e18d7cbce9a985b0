//! A conversation with an agent that performs something else than steps: its Python files run in an interpreter that is
//! started, confined, limited and ended as that of a scenario is, but with the directories of `site` on its `sys.path`.
//! What the questions and answers mean is for the caller.

use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

use super::agent::{Agent, AgentError, PATIENCE};
use super::guard::Guard;
use super::home::make_home;
use super::limits;
use super::protocol::{self, Answered, Asked, join};
use super::source::AgentSource;
use crate::interpreter::{Installation, NoOutcome};
use crate::scenario::Limits;

/// Files that every such agent begins with.
const COMMON: [(&str, &str); 7] = [
    ("kinds.py", super::KINDS),
    ("contents.py", include_str!("contents.py")),
    ("unnoticed.py", include_str!("unnoticed.py")),
    ("texts.py", include_str!("texts.py")),
    ("protocol.py", include_str!("protocol.py")),
    ("judging.py", include_str!("judging.py")),
    ("processes.py", include_str!("processes.py")),
];

/// What an agent is started with.
#[derive(Debug)]
pub(crate) struct ConversationStart<'a> {
    /// The interpreter.
    pub(crate) installation: &'a Installation,
    /// The agent's own files, after the common ones; the last defines `main`.
    pub(crate) files: &'a [(&'a str, &'a str)],
    /// What the agent is told first, after the secret, its directory, and whether it is confined.
    pub(crate) settings: &'a [Vec<u8>],
}

/// A live agent. Dropping it ends all its processes.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Declared before `_home`: the processes must end before their directory goes.
    agent: Agent,
    _home: tempfile::TempDir,
    /// Declared after `_home`: the directory must be guarded until it is gone.
    _guard: Guard,
    label: String,
}

impl Conversation {
    /// Starts an agent, in a directory of its own.
    ///
    /// # Errors
    /// Returns an error if it cannot be started, or is not the interpreter that its files promise.
    pub(crate) fn start(start: &ConversationStart<'_>) -> Result<Self, NoOutcome> {
        let identity = &start.installation.identity;
        let lost = |why: &dyn std::fmt::Display| lost(&identity.label, why);
        let python = identity
            .path
            .as_ref()
            .ok_or_else(|| NoOutcome::Refused { reason: format!("{} has no executable", identity.label) })?;
        let home = make_home().map_err(|error| lost(&error))?;
        let root = home.path().join("o");
        std::fs::create_dir(&root).map_err(|error| lost(&error))?;
        let guard = Guard::of(&root, home.path());
        let confined = start.installation.confined;
        let files = [&COMMON, start.files].concat();
        let source = AgentSource { files: &files, options: &["-s"] };
        let compiled = &start.installation.compiled;
        compiled.put_into(home.path(), python, source).map_err(|error| lost(&error))?;
        let agent =
            Agent::start(source, python, home.path(), &root, confined).map_err(|error| lost(&error))?;
        let mut this = Self { agent, _home: home, _guard: guard, label: identity.label.clone() };
        let secret = this.agent.secret();
        let confined: &[u8] = if confined { b"1" } else { b"0" };
        let own: [&[u8]; 3] = [secret.as_bytes(), root.as_os_str().as_bytes(), confined];
        let settings = join(own.into_iter().chain(start.settings.iter().map(Vec::as_slice)));
        this.greet(&settings, &identity.version.to_string()).map_err(|why| this.because(&why))?;
        Ok(this)
    }

    fn greet(&mut self, settings: &[u8], version: &str) -> Result<(), AgentError> {
        let deadline = Instant::now() + PATIENCE;
        self.agent.send(Asked::Configure, "", settings, deadline)?;
        let hello = self.agent.receive(deadline)?;
        let [protocol, its_version, zygote] = hello.fields()?;
        let is_right = protocol == protocol::VERSION && its_version == version.as_bytes();
        let zygote = protocol::decimal(zygote).filter(|_| hello.kind == Answered::Hello && is_right);
        limits::set(zygote.ok_or_else(|| hello.unexpected())?, Limits::default());
        Ok(())
    }

    /// Asks a question.
    ///
    /// # Errors
    /// Returns an error if the agent is lost.
    pub(crate) fn ask(&mut self, fields: &[&[u8]]) -> Result<(), NoOutcome> {
        let question = join(fields);
        self.agent
            .send(Asked::Question, "", &question, Instant::now() + PATIENCE)
            .map_err(|why| self.because(&why))
    }

    /// Waits for the next answer.
    ///
    /// # Errors
    /// Returns an error if it does not come within `patience`.
    pub(crate) fn answer(&mut self, patience: Duration) -> Result<Vec<Vec<u8>>, NoOutcome> {
        let frame = self.agent.receive(Instant::now() + patience).map_err(|why| self.because(&why))?;
        let fields = protocol::split(&frame.payload).filter(|_| frame.kind == Answered::Answer);
        match fields {
            Some(fields) => Ok(fields.into_iter().map(<[u8]>::to_vec).collect()),
            None => Err(self.because(&frame.unexpected().into())),
        }
    }

    /// The fields that one field of an answer holds, or `None` if it holds something else.
    pub(crate) fn fields_of(field: &[u8]) -> Option<Vec<Vec<u8>>> {
        let fields = protocol::split(field)?;
        Some(fields.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// What its processes wrote to standard output and error since the last call.
    pub(crate) fn take_output(&mut self) -> String {
        self.agent.take_output()
    }

    fn because(&mut self, why: &AgentError) -> NoOutcome {
        let output = self.agent.take_output();
        lost(&self.label, &format!("{why} {}", output.lines().last().unwrap_or_default()).trim_end())
    }
}

fn lost(interpreter: &str, why: &dyn std::fmt::Display) -> NoOutcome {
    NoOutcome::Lost { interpreter: interpreter.to_owned(), reason: why.to_string() }
}
