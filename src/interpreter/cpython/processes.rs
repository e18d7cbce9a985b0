//! An agent's processes as `/proc` shows them, and signals to them. Without `/proc`, no process is found.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How often to search for processes that start others while they are being ended.
const TURNS: usize = 100;

/// Ends a process with the group that it leads, or led. A process that has already ended is not an error.
pub(super) fn end_group(pid: i64) {
    if let Some(pid) = raw(pid) {
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Continues a stopped process. A running process would notice the signal.
pub(super) fn wake(pid: i64) {
    let stopped = status_of(pid).is_some_and(|status| status.is_stopped);
    if let Some(pid) = raw(pid).filter(|_| stopped) {
        let _ = kill_process(pid, Signal::CONT);
    }
}

/// The copy of a process that performs a step: the child that leads a group.
pub(super) fn copy_of(parent: i64) -> Option<i64> {
    children_of(parent)
        .into_iter()
        .find(|&child| status_of(child).is_some_and(|status| status.group == child))
}

/// The processes that this one has started itself.
pub(super) fn children_of(parent: i64) -> Vec<i64> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    children.unwrap_or_default().split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// How many files a process has open.
pub(super) fn open_files(pid: i64) -> Option<usize> {
    Some(std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count())
}

/// Whether a process has one thread, has started no process that is still there, and can write to no memory that others see.
pub(super) fn is_by_itself(pid: i64) -> bool {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}"));
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).map(Iterator::count);
    let is_alone =
        matches!((threads, read(&format!("task/{pid}/children"))), (Ok(1), Ok(none)) if none.is_empty());
    is_alone && read("maps").is_ok_and(|maps| !maps.lines().any(is_shared))
}

/// Whether a line of `maps` is of memory that the process shares and can write to.
fn is_shared(line: &str) -> bool {
    line.split(' ').nth(1).is_some_and(|may| may.contains('w') && may.ends_with('s'))
}

/// Whether a session has more than `most` processes.
pub(super) fn has_session_more_than(most: usize, session: i64) -> bool {
    let is_of_it =
        |pid: &i64| status_of(*pid).is_some_and(|status| status.session == session && !status.is_dead);
    all().filter(is_of_it).nth(most).is_some()
}

/// Ends every process that was started with this home, whatever session it is in by now.
pub(super) fn end_all_at_home(home: &Path) {
    end_all_at_home_but(home, &[]);
}

/// The same, but for these processes.
pub(super) fn end_all_at_home_but(home: &Path, spared: &[i64]) {
    use std::os::unix::ffi::OsStrExt;

    let wanted = [b"HOME=", home.as_os_str().as_bytes(), b"\0"].concat();
    let finder = memchr::memmem::Finder::new(&wanted);
    for _ in 0..TURNS {
        let mut found = false;
        for pid in all().filter(|pid| !spared.contains(pid)) {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            if finder.find(&environment).is_some() {
                found |= raw(pid).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok());
            }
        }
        if !found {
            return;
        }
    }
}

/// The processor time that a process has used, if it runs or is ready to run, and is not waiting.
pub(super) fn working_time(pid: i64) -> Option<Duration> {
    status_of(pid).filter(|status| status.is_working).map(|status| status.used)
}

/// The fields read of a process.
struct ProcessStatus {
    is_stopped: bool,
    is_working: bool,
    is_dead: bool,
    group: i64,
    session: i64,
    used: Duration,
}

fn status_of(pid: i64) -> Option<ProcessStatus> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    let (user, system): (u64, u64) = (fields.nth(7)?.parse().ok()?, fields.next()?.parse().ok()?);
    let ticks = rustix::param::clock_ticks_per_second().max(1);
    Some(ProcessStatus {
        is_stopped: state == "T",
        is_working: matches!(state, "R" | "D"),
        is_dead: matches!(state, "Z" | "X"),
        group,
        session,
        used: Duration::from_millis((user + system) * 1000 / ticks),
    })
}

fn all() -> impl Iterator<Item = i64> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn raw(pid: i64) -> Option<Pid> {
    i32::try_from(pid).ok().filter(|&pid| pid > 1).and_then(Pid::from_raw)
}
