//! A child process with an owner and a deadline. The child leads a process group of its own. However its owner comes to an
//! end, the whole group ends with it, and no zombie is left.

use std::io;
use std::process::{self, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// How often it is looked whether a child has ended.
const TURN: Duration = Duration::from_millis(1);

/// A running child. Dropping it ends its process group and reaps it.
#[derive(Debug)]
pub(crate) struct Child {
    process: process::Child,
    /// Whether its status was taken. From then on its number may be that of another process.
    reaped: bool,
}

impl Child {
    /// Starts `command` as the leader of a process group. Ctrl-C on a terminal does not reach that group: taster ends it.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;

        Ok(Self { process: command.process_group(0).spawn()?, reaped: false })
    }

    /// The pipes to the child, each for whoever takes it first.
    pub(crate) fn pipes(&mut self) -> &mut process::Child {
        &mut self.process
    }

    /// Waits for the child to end, until `deadline` at most, and ends what is left of its group. Returns its status, or
    /// `None` if it had to be ended too.
    pub(crate) fn finish_by(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        while !self.has_ended()? {
            if Instant::now() >= deadline {
                self.end();
                return Ok(None);
            }
            thread::sleep(TURN);
        }
        self.end_group();
        let status = self.process.wait()?;
        self.reaped = true;
        Ok(Some(status))
    }

    /// Whether the child has ended. It is not reaped by that, so its number stays the number of its group.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        let Some(pid) = self.pid() else { return Ok(true) };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        match waitid(WaitId::Pid(pid), options) {
            Ok(ended) => Ok(ended.is_some()),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The process, or `None` if it was reaped.
    fn pid(&self) -> Option<Pid> {
        let number = i32::try_from(self.process.id()).ok().filter(|_| !self.reaped)?;
        Pid::from_raw(number)
    }

    fn end_group(&self) {
        if let Some(pid) = self.pid() {
            // A group that is gone is what is wanted.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    fn end(&mut self) {
        self.end_group();
        if !self.reaped {
            let _ = self.process.wait();
            self.reaped = true;
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::process::{ChildStdout, Stdio};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    /// A shell that waits for a process of its own. Both hold the pipe open.
    fn with_a_grandchild() -> (Child, ChildStdout) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 1000 & wait"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = Child::spawn(&mut command).unwrap();
        let output = child.pipes().stdout.take().unwrap();
        (child, output)
    }

    /// Whether within some time nobody holds the pipe open any more.
    fn all_ended(output: &ChildStdout) -> bool {
        let mut ready = [PollFd::new(output, PollFlags::empty())];
        poll(&mut ready, Some(&Timespec { tv_sec: 10, tv_nsec: 0 })).unwrap();
        ready[0].revents().contains(PollFlags::HUP)
    }

    #[test]
    fn at_the_deadline_a_child_and_its_grandchild_are_ended() {
        let (mut child, output) = with_a_grandchild();
        assert_eq!(child.finish_by(Instant::now() + TURN * 100).unwrap(), None);
        assert!(all_ended(&output));
    }

    #[test]
    fn a_child_and_its_grandchild_end_with_their_owner_after_an_error() {
        let owner = |child: Child| -> io::Result<()> {
            let _child = child;
            Err(io::Error::other("later"))
        };
        let (child, output) = with_a_grandchild();
        owner(child).unwrap_err();
        assert!(all_ended(&output));
    }

    #[test]
    fn what_a_child_leaves_behind_ends_too() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 1000 & exit 7"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = Child::spawn(&mut command).unwrap();
        let output = child.pipes().stdout.take().unwrap();
        let status = child.finish_by(Instant::now() + Duration::from_secs(60)).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(7));
        assert!(all_ended(&output));
        assert_eq!(child.pid(), None);
    }
}
