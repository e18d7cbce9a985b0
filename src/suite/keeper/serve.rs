//! The keeper at work: takes orders until the socket closes, watches the Python meanwhile, cleans up at the end.

use std::fs::File;
use std::io::{self, BufReader};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Pid;

use super::family;
use super::guard::{GuardedFolder, use_folder};
use super::talk::{KeeperOrder, KeeperReply, Setup, WrittenPath, hear, say};
use super::view::View;
use crate::suite::in_place::put_back;

/// How often the Python is looked after, in nanoseconds.
const TICK: i64 = 50_000_000;

/// Does what [`hunt`](crate::suite::hunt()) wants of the executable that its settings name as the keeper. Descriptors 0 and 1 are
/// for the suite's Python, 2 is a socket to taster, of which `control` is a duplicate. Returns when that is closed, after
/// all that was started has ended.
///
/// # Errors
/// Returns an error if the process was not started as a keeper.
pub fn keep(control: OwnedFd) -> io::Result<()> {
    let mut control = taken_control(control)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let mut keeper = KeeperState::default();
    let mut orders = BufReader::new(control.try_clone()?);
    // Words that do not come whole are those of a taster that was ended.
    while let Ok(Some(order)) = keeper.wait(&control).and_then(|()| hear(&mut orders)) {
        let answer = keeper.obey(order);
        if say(&mut control, &answer).is_err() {
            break;
        }
    }
    keeper.clean_up();
    Ok(())
}

/// The socket, whose descriptor 2 is the null device from then on: nothing that fails here may speak on it.
fn taken_control(control: OwnedFd) -> io::Result<UnixStream> {
    let control = UnixStream::from(control);
    control.peer_addr()?;
    let null = std::fs::OpenOptions::new().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(control)
}

/// What a keeper knows.
#[derive(Debug, Default)]
struct KeeperState {
    folder: Option<PathBuf>,
    /// Of the whole hunt, which is in use as long as this is open.
    around: Option<File>,
    guarded: Option<GuardedFolder>,
    log: PathBuf,
    python: Option<Pid>,
    /// Processes that collection has started: they live as long as the Python.
    settled: Vec<i32>,
    view: Option<View>,
    /// Where runs in place note what they write.
    notes: Option<PathBuf>,
}

impl KeeperState {
    /// Waits for an order, or for taster to go.
    fn wait(&mut self, control: &UnixStream) -> io::Result<()> {
        loop {
            let mut ready = [PollFd::from_borrowed_fd(control.as_fd(), PollFlags::IN)];
            match poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: TICK })) {
                Ok(0) | Err(Errno::INTR) => self.look_after_python(),
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// When the Python has ended, so has all that it started: taster hears that by the end of its messages.
    fn look_after_python(&mut self) {
        if let Some(python) = self.python
            && family::reaped().contains(&python)
        {
            self.python = None;
            family::end_descendants(None, &[]);
        }
    }

    fn obey(&mut self, order: KeeperOrder) -> KeeperReply {
        match order {
            KeeperOrder::Guard { parent } => self.guard(Path::new(&parent)),
            KeeperOrder::Start(setup) => self.start(&setup),
            KeeperOrder::Settle => self.settle(),
            KeeperOrder::End { with_python } => {
                self.end(with_python);
                KeeperReply::Ended
            }
            KeeperOrder::EndRun { with_python } => self.end_run(with_python),
        }
    }

    fn guard(&mut self, parent: &Path) -> KeeperReply {
        match GuardedFolder::make(parent) {
            Ok(folder) => KeeperReply::Guards(self.guarded.insert(folder).clone()),
            Err(error) => KeeperReply::Failed(error.to_string()),
        }
    }

    fn start(&mut self, setup: &Setup) -> KeeperReply {
        match use_folder(Path::new(&setup.around)) {
            Ok(folder) => self.around = Some(folder),
            Err(error) => return KeeperReply::Failed(error.to_string()),
        }
        let folder = Path::new(&setup.folder);
        self.folder = Some(folder.to_owned());
        self.log = PathBuf::from(&setup.log);
        self.notes = setup.notes.as_ref().map(PathBuf::from);
        // Opened before anything is covered: taster reads it.
        let log = match std::fs::OpenOptions::new().append(true).create(true).open(&self.log) {
            Ok(log) => log,
            Err(error) => return KeeperReply::Failed(error.to_string()),
        };
        let mut notes = Vec::new();
        if let Some(wanted) = &setup.view {
            match View::open(folder, wanted) {
                Ok(view) => {
                    notes.extend_from_slice(view.notes());
                    self.view = Some(view);
                }
                Err(why) => return KeeperReply::NotPrivate(why),
            }
        }
        match spawned(setup, log) {
            Ok(python) => {
                self.python = Some(python);
                KeeperReply::Started(notes)
            }
            Err(error) => KeeperReply::NotStarted(error.raw_os_error().unwrap_or_default()),
        }
    }

    fn settle(&mut self) -> KeeperReply {
        let Some(python) = self.python.map(|python| python.as_raw_nonzero().get()) else {
            return KeeperReply::Failed("the Python has ended".to_owned());
        };
        self.settled = family::descendants_of_self();
        let Some(view) = &mut self.view else { return KeeperReply::Settled(Vec::new()) };
        match view.settle() {
            Ok(()) => KeeperReply::Settled(held(&self.settled, python, &self.log)),
            Err(error) => KeeperReply::Failed(format!("no layer for a run: {error}")),
        }
    }

    fn end(&mut self, with_python: bool) {
        let spared = if with_python { None } else { self.python };
        let settled = if with_python { &[][..] } else { &self.settled };
        let ended = family::end_descendants(spared, settled);
        if self.python.is_some_and(|python| ended.contains(&python)) {
            self.python = None;
        }
    }

    fn end_run(&mut self, with_python: bool) -> KeeperReply {
        self.end(with_python);
        match self.view.as_mut().map_or(Ok((Vec::new(), false)), View::next_run) {
            Ok((written, full)) => {
                KeeperReply::RunEnded { written: without_own(written, self.folder.as_deref()), full }
            }
            Err(error) => KeeperReply::Failed(format!("no layer for a run: {error}")),
        }
    }

    fn clean_up(&mut self) {
        family::end_descendants(None, &[]);
        self.view = None;
        if let Some(folder) = &self.folder {
            let _taster_has_done_it = std::fs::remove_dir_all(folder);
        }
        // What runs in place wrote, with nobody left to write more.
        if let Some(notes) = &self.notes {
            let _nobody_to_tell = put_back::restore_all(notes);
        }
        self.around = None;
        if let Some(guarded) = &self.guarded {
            guarded.clear();
        }
    }
}

/// Starts the Python, which takes this process's descriptors 0 and 1.
fn spawned(setup: &Setup, log: File) -> io::Result<Pid> {
    // By its name: a layer may lie over the directory that this process was started in.
    std::env::set_current_dir(&setup.directory)?;
    let mut words = setup.command.iter();
    let mut command = Command::new(words.next().ok_or(io::ErrorKind::InvalidInput)?);
    command.args(words).stderr(log).process_group(0);
    if let Some(temporary) = &setup.temporary {
        command.env("TMPDIR", temporary);
    }
    let child = command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).spawn()?;
    let null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(Pid::from_child(&child))
}

/// What a run wrote, but for what taster itself needs.
fn without_own(mut written: Vec<WrittenPath>, folder: Option<&Path>) -> Vec<WrittenPath> {
    written.retain(|each| folder.is_none_or(|folder| !Path::new(&each.path).starts_with(folder)));
    written
}

#[cfg(target_os = "linux")]
fn held(settled: &[i32], python: i32, log: &Path) -> Vec<std::ffi::OsString> {
    settled.iter().chain([&python]).flat_map(|pid| super::handles::held_for_writing(*pid, log)).collect()
}

#[cfg(not(target_os = "linux"))]
fn held(_: &[i32], _: i32, _: &Path) -> Vec<std::ffi::OsString> {
    Vec::new()
}
