//! One agent: the process, its pipes, and the frames that pass through them. `levels` knows which process holds
//! which state.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::protocol::{self, Asked, Frame, ProtocolError, Secret};
use super::source::AgentSource;
use super::{confine, processes};
use crate::child::Child;

/// The real time in which an agent must start, fork and end.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The number of bytes kept of a step's output.
const KEPT_OUTPUT: usize = 64 * 1024;
/// The number of reads of the output once the answer has arrived: a process that still writes then may never stop.
const DRAINED_AT_ONCE: usize = 256;

/// How long the watcher may take to end the session before taster ends it from outside.
const WATCHERS_TIME: Duration = Duration::from_secs(2);

/// A running agent. Dropping it ends all its processes.
#[derive(Debug)]
pub(super) struct Agent {
    child: Child,
    /// The HOME directory of all its processes.
    home: PathBuf,
    secret: Secret,
    pipes: Option<AgentPipes>,
    received: Vec<u8>,
    output: Vec<u8>,
    output_left_out: bool,
}

#[derive(Debug)]
struct AgentPipes {
    commands: ChildStdin,
    answers: ChildStdout,
    output: ChildStderr,
}

/// Why no frame arrived.
#[derive(Debug, thiserror::Error)]
pub(super) enum AgentError {
    #[error("it did not answer in time")]
    Deadline,
    #[error("it ended")]
    Ended,
    #[error("it sent a message without being asked")]
    Unasked,
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    #[error("{0}")]
    System(#[from] io::Error),
}

impl From<Errno> for AgentError {
    fn from(errno: Errno) -> Self {
        Self::System(errno.into())
    }
}

impl Agent {
    /// Starts the interpreter with the agent's files, which lie in `directory`. HOME is the ordering's directory, so the
    /// contents of the host's home decide nothing. If `confined`, the interpreter can write only there.
    pub(super) fn start(
        source: AgentSource<'_>,
        python: &Path,
        directory: &Path,
        home: &Path,
        confined: bool,
    ) -> io::Result<Self> {
        let mut command = source.command(python, directory, home);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = confine::spawn(&mut command, confined.then_some(home))?;
        let ends = child.pipes();
        let pipes = match (ends.stdin.take(), ends.stdout.take(), ends.stderr.take()) {
            (Some(commands), Some(answers), Some(output)) => Some(AgentPipes { commands, answers, output }),
            _ => None,
        };
        let (secret, home) = (Secret::random(), home.to_owned());
        let (received, output) = (Vec::new(), Vec::new());
        let agent = Self { child, home, secret, pipes, received, output, output_left_out: false };
        let pipes = agent.pipes()?;
        rustix::io::ioctl_fionbio(&pipes.output, true)?;
        rustix::io::ioctl_fionbio(&pipes.commands, true)?;
        Ok(agent)
    }

    /// The secret that its frames carry.
    pub(super) fn secret(&self) -> Secret {
        self.secret
    }

    /// From now on its frames carry another secret, which its next session learns.
    pub(super) fn renew_secret(&mut self) {
        self.secret = Secret::random();
    }

    /// The process that watches over all others.
    pub(super) fn watcher(&mut self) -> i64 {
        self.child.pipes().id().into()
    }

    fn pipes(&self) -> io::Result<&AgentPipes> {
        self.pipes.as_ref().ok_or_else(|| io::Error::other("the agent has no pipes"))
    }

    /// Sends one command.
    pub(super) fn send(
        &mut self,
        kind: Asked,
        arguments: &str,
        more: &[u8],
        deadline: Instant,
    ) -> Result<(), AgentError> {
        let bytes = protocol::command(kind, arguments, more);
        let mut left = &bytes[..];
        while !left.is_empty() {
            match rustix::io::write(&self.pipes()?.commands, left) {
                Ok(written) => left = &left[written..],
                Err(Errno::AGAIN) => self.wait(PollFlags::OUT, deadline)?,
                Err(Errno::INTR) => {}
                Err(Errno::PIPE) => return Err(AgentError::Ended),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits for the next frame.
    pub(super) fn receive(&mut self, deadline: Instant) -> Result<Frame, AgentError> {
        loop {
            if let Some((frame, taken)) = Frame::first(&self.received, self.secret)? {
                self.received.drain(..taken);
                return Ok(frame);
            }
            self.wait(PollFlags::IN, deadline)?;
        }
    }

    /// Whether nothing is left of the last answer.
    pub(super) fn is_quiet(&self) -> bool {
        self.received.is_empty()
    }

    /// The standard output and error since the last call; omitted parts are marked.
    pub(super) fn take_output(&mut self) -> String {
        let mut reads = 0;
        while reads < DRAINED_AT_ONCE && self.read_output() {
            reads += 1;
        }
        let mut output = String::from_utf8_lossy(&self.output).into_owned();
        if self.output_left_out {
            output.push_str("\n[more was written and is left out]\n");
        }
        self.output.clear();
        self.output_left_out = false;
        output
    }

    /// Waits until bytes of a frame arrive or, with `OUT`, until a command can be sent. Reads output meanwhile.
    fn wait(&mut self, wanted: PollFlags, deadline: Instant) -> Result<(), AgentError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(AgentError::Deadline);
        }
        let pipes = self.pipes()?;
        let talk: BorrowedFd<'_> =
            if wanted == PollFlags::OUT { pipes.commands.as_fd() } else { pipes.answers.as_fd() };
        let mut ready = [PollFd::from_borrowed_fd(talk, wanted), PollFd::new(&pipes.output, PollFlags::IN)];
        match poll(&mut ready, Some(&timespec(left))) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let (talk, output) = (ready[0].revents(), ready[1].revents());
        if output.contains(PollFlags::IN) {
            self.read_output();
        }
        if wanted == PollFlags::IN && !talk.is_empty() {
            self.read_answers()?;
        }
        Ok(())
    }

    fn read_answers(&mut self) -> Result<(), AgentError> {
        let mut buffer = [0; 16 * 1024];
        match rustix::io::read(&self.pipes()?.answers, &mut buffer) {
            Ok(0) => Err(AgentError::Ended),
            Ok(read) => {
                self.received.extend_from_slice(&buffer[..read]);
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether there was any output to read.
    fn read_output(&mut self) -> bool {
        let Ok(pipes) = self.pipes() else {
            return false;
        };
        let mut buffer = [0; 16 * 1024];
        match rustix::io::read(&pipes.output, &mut buffer) {
            Ok(read) => {
                let kept = read.min(KEPT_OUTPUT - self.output.len());
                self.output.extend_from_slice(&buffer[..kept]);
                self.output_left_out |= kept < read;
                read > 0
            }
            Err(_) => false,
        }
    }
}

impl Drop for Agent {
    /// Closing the pipes makes the watcher end every process of the session, and then itself. But module code
    /// can stop or kill the watcher, and leave the session.
    fn drop(&mut self) {
        self.pipes = None;
        // If this fails, dropping the child does the rest.
        let _ = self.child.finish_by(Instant::now() + WATCHERS_TIME);
        processes::end_all_at_home(&self.home);
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}
