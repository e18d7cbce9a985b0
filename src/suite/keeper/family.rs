//! Processes that a suite has started, wherever they have got to: all that descend from the keeper, to which orphans fall
//! (it is a subreaper), and, where the keeper is gone, all whose environment names taster's directory.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, wait};

/// How long processes are ended that start others as fast as they end.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_micros(200);

/// Ends every process that descends from this one but `spared` itself, and these others with all that they start; gives the
/// children that have ended.
pub(super) fn end_descendants(spared: Option<Pid>, others: &[i32]) -> Vec<Pid> {
    let until = Instant::now() + PATIENCE;
    let spared = spared.map(|pid| pid.as_raw_nonzero().get());
    let others: Vec<i32> = others.iter().copied().filter(|other| Some(*other) != spared).collect();
    let mut ended = reaped();
    loop {
        let mut living = descendants(getpid().as_raw_nonzero().get(), &others);
        living.retain(|pid| Some(*pid) != spared);
        if living.is_empty() || Instant::now() > until {
            return ended;
        }
        living.into_iter().for_each(end);
        std::thread::sleep(PAUSE);
        ended.extend(reaped());
    }
}

/// The children that have ended since this was last asked.
pub(super) fn reaped() -> Vec<Pid> {
    std::iter::from_fn(|| wait(WaitOptions::NOHANG).ok().flatten().map(|(pid, _)| pid)).collect()
}

fn end(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _gone_already = kill_process(pid, Signal::KILL);
    }
}

/// All living descendants of this process.
pub(super) fn descendants_of_self() -> Vec<i32> {
    descendants(getpid().as_raw_nonzero().get(), &[])
}

/// All living descendants of a process but `spared` and theirs; none where there is no `/proc`.
fn descendants(of: i32, spared: &[i32]) -> Vec<i32> {
    let mut found = Vec::new();
    let mut seen: HashSet<i32> = spared.iter().copied().chain([of]).collect();
    let mut left = vec![of];
    let mut table = None;
    while let Some(parent) = left.pop() {
        let children = children(parent)
            .unwrap_or_else(|| table.get_or_insert_with(by_parent).get(&parent).cloned().unwrap_or_default());
        for child in children.into_iter().filter(|child| seen.insert(*child)).collect::<Vec<_>>() {
            left.push(child);
            if !has_ended(child) {
                found.push(child);
            }
        }
    }
    found
}

/// The children of a process by all its threads; `None` where this kernel does not tell.
fn children(parent: i32) -> Option<Vec<i32>> {
    let mut found = Vec::new();
    let threads = match fs::read_dir(format!("/proc/{parent}/task")) {
        Ok(threads) => threads,
        Err(_ended) => return Some(found),
    };
    for thread in threads.flatten() {
        match fs::read_to_string(thread.path().join("children")) {
            Ok(text) => found.extend(text.split_whitespace().filter_map(|word| word.parse::<i32>().ok())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && thread.path().exists() => {
                return None;
            }
            Err(_ended) => {}
        }
    }
    Some(found)
}

fn by_parent() -> HashMap<i32, Vec<i32>> {
    let mut found: HashMap<i32, Vec<i32>> = HashMap::new();
    for pid in numbered() {
        if let Some((_, parent)) = state_and_parent(pid) {
            found.entry(parent).or_default().push(pid);
        }
    }
    found
}

fn numbered() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The letter of a process's state, and its parent: `proc_pid_stat(5)`.
fn state_and_parent(pid: i32) -> Option<(char, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn has_ended(pid: i32) -> bool {
    state_and_parent(pid).is_none_or(|(state, _)| matches!(state, 'Z' | 'X'))
}

/// Ends all processes whose environment names `folder`: what is left of a suite whose keeper was ended by somebody.
pub(crate) fn end_all_of(folder: &Path) {
    let mark = folder.as_os_str().as_bytes();
    let marked = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        memchr::memmem::find(&environment, mark).is_some() && !has_ended(*pid)
    };
    let own = getpid().as_raw_nonzero().get();
    let until = Instant::now() + PATIENCE;
    loop {
        let living: Vec<i32> = numbered().filter(|pid| *pid != own).filter(marked).collect();
        if living.is_empty() || Instant::now() > until {
            return;
        }
        living.into_iter().for_each(end);
        std::thread::sleep(PAUSE);
    }
}
