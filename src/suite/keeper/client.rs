//! taster's side of a keeper: starting one, giving it orders, letting it go.

use std::io::{self, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::family::end_all_of;
use super::talk::{KeeperOrder, KeeperReply, hear, say};

/// The subcommand under which an executable is a keeper.
pub(crate) const SUBCOMMAND: &str = "keep";
/// How long a keeper may take for an order: it may have to end processes that start others all the time.
const PATIENCE: Duration = Duration::from_mins(1);
const FAREWELL: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(1);

/// A keeper at work. Dropping it ends all that it keeps, and waits for that.
#[derive(Debug)]
pub(crate) struct Keeper {
    child: Child,
    control: Option<BufReader<UnixStream>>,
    /// What names the processes that it keeps, if it keeps any.
    folder: Option<PathBuf>,
}

/// The pipes of the Python that the keeper will start.
pub(crate) type Pipes = (ChildStdin, ChildStdout);

impl Keeper {
    /// Starts an executable as a keeper; `folder` is the directory of its Python, which it is to remove in the end.
    pub(crate) fn start(executable: &Path, folder: Option<&Path>) -> io::Result<(Self, Pipes)> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(PATIENCE))?;
        let mut child = Command::new(executable)
            .arg(SUBCOMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(OwnedFd::from(theirs))
            // A group of its own: Ctrl-C on a terminal is for taster, which ends its keepers itself.
            .process_group(0)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let keeper = Self { child, control: Some(BufReader::new(ours)), folder: folder.map(Path::to_owned) };
        Ok((keeper, pipes.ok_or_else(|| io::Error::other("the keeper has no pipes"))?))
    }

    /// Gives an order and waits for the answer.
    pub(crate) fn order(&mut self, order: &KeeperOrder) -> io::Result<KeeperReply> {
        let control = self.control.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        say(control.get_mut(), order)?;
        hear(control)?.ok_or_else(|| io::Error::other("the keeper has ended"))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // It hears that nothing more will be wanted.
        drop(self.control.take());
        let until = Instant::now() + FAREWELL;
        let mut ended = self.child.try_wait();
        while matches!(ended, Ok(None)) && Instant::now() < until {
            std::thread::sleep(PAUSE);
            ended = self.child.try_wait();
        }
        if !matches!(ended, Ok(Some(status)) if status.success()) {
            // Somebody ended it, or it hangs: what it kept is known by its environment.
            let _gone_already = self.child.kill();
            let _status = self.child.wait();
            self.folder.iter().for_each(|folder| end_all_of(folder));
        }
    }
}
