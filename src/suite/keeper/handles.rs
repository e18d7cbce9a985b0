//! Files that a process holds open for writing, or has mapped so: what it writes there goes past every layer laid later.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The files with names that `pid` can write through what it holds, but for `log`.
pub(super) fn held_for_writing(pid: i32, log: &Path) -> Vec<OsString> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let mut found: BTreeSet<PathBuf> = mapped(&process).collect();
    for entry in fs::read_dir(process.join("fd")).into_iter().flatten().flatten() {
        let Ok(path) = fs::read_link(entry.path()) else { continue };
        let is_file = fs::metadata(entry.path()).is_ok_and(|data| data.is_file());
        if is_file && writes(&process.join("fdinfo").join(entry.file_name())) {
            found.insert(path);
        }
    }
    let named = |path: &PathBuf| path.is_absolute() && path != log && !is_removed(path);
    found.into_iter().filter(named).map(PathBuf::into_os_string).collect()
}

/// A file without a name belongs to the process alone, and forks share it as they always do.
fn is_removed(path: &Path) -> bool {
    path.as_os_str().as_bytes().ends_with(b" (deleted)")
        || path.starts_with("/memfd:")
        || path.starts_with("/dev")
}

/// Whether a descriptor is open for writing: `proc_pid_fdinfo(5)`.
fn writes(fdinfo: &Path) -> bool {
    let text = fs::read_to_string(fdinfo).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).is_some_and(|flags| flags & 0o3 != 0)
}

/// Files that are mapped to be written and shared: `proc_pid_maps(5)`.
fn mapped(process: &Path) -> impl Iterator<Item = PathBuf> {
    let text = fs::read_to_string(process.join("maps")).unwrap_or_default();
    let line = |line: &str| {
        let fields: Vec<&str> = line.splitn(6, ' ').collect();
        let shared = fields.get(1)?.as_bytes().get(1..4)? == b"w-s";
        shared.then(|| PathBuf::from(fields.get(5).unwrap_or(&"").trim_start()))
    };
    text.lines().filter_map(line).collect::<Vec<_>>().into_iter()
}
