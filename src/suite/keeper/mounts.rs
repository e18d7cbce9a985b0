//! What is mounted where, what has sockets where, and how much memory is free, as `/proc` says it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// File systems that hold ordinary files of this machine.
const ORDINARY: [&str; 9] = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "tmpfs"];
const KERNEL: [&str; 4] = ["/dev", "/proc", "/sys", "/run"];
/// Sockets that are kept at most.
const MOST_SOCKETS: usize = 64;
const DEFAULT_MEMORY: u64 = 1 << 20;

/// One mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) path: PathBuf,
    number: u32,
    kind: String,
    writable: bool,
}

impl Mount {
    /// Whether a layer over it makes sense: it holds files, and they can be written.
    pub(super) fn can_be_covered(&self) -> bool {
        self.writable
            && ORDINARY.contains(&self.kind.as_str())
            && self.path.is_dir()
            && !KERNEL.iter().any(|kernel| self.path.starts_with(kernel))
    }
}

/// All mounts, in the order in which they were made: `proc_pid_mountinfo(5)`.
pub(super) fn all() -> io::Result<Vec<Mount>> {
    Ok(fs::read_to_string("/proc/self/mountinfo")?.lines().filter_map(mount).collect())
}

fn mount(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let fields: Vec<&str> = before.split(' ').collect();
    Some(Mount {
        path: unescaped(fields.get(4)?),
        number: fields.first()?.parse().ok()?,
        kind: after.split(' ').next()?.to_owned(),
        writable: fields.get(5)?.split(',').any(|option| option == "rw"),
    })
}

/// Spaces and the like are written as three octal digits.
fn unescaped(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, tail)) = rest.split_first() {
        let code = if first == b'\\' { tail.get(..3) } else { None };
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 8).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &tail[3..] } else { tail };
    }
    PathBuf::from(OsString::from_vec(bytes))
}

/// The number of the mount that a path lies on.
pub(super) fn of(table: &[Mount], path: &Path) -> Option<u32> {
    let above = table.iter().filter(|mount| path.starts_with(&mount.path));
    // Of those at one place the last one is seen.
    above.max_by_key(|mount| mount.path.as_os_str().len()).map(|mount| mount.number)
}

/// Sockets below these directories that somebody listens on: a layer would hide who listens.
pub(super) fn listening_sockets(below: &[PathBuf]) -> Vec<PathBuf> {
    const LISTENING: &str = "00010000";
    let text = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let lines = text.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(3) == Some(&LISTENING)).then(|| fields.get(7).map(PathBuf::from)).flatten()
    });
    let mut found: Vec<PathBuf> =
        lines.filter(|path| below.iter().any(|cover| path.starts_with(cover)) && path.exists()).collect();
    found.sort();
    found.dedup();
    found.truncate(MOST_SOCKETS);
    found
}

/// Memory that can be had without swapping, in KiB.
pub(super) fn free_memory_kib() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(DEFAULT_MEMORY)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{mount, of};

    #[test]
    fn a_path_lies_on_the_innermost_mount() {
        let lines = [
            "20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw",
            "30 20 0:30 / /home/a\\040b rw,nosuid shared:3 - tmpfs none rw,size=1k",
            "31 20 0:31 / /home/ro ro - ext4 none rw",
        ];
        let table: Vec<_> = lines.iter().map(|line| mount(line).unwrap()).collect();
        assert_eq!(table[1].path, PathBuf::from("/home/a b"));
        assert_eq!(of(&table, Path::new("/home/a b/c")), Some(30));
        assert_eq!(of(&table, Path::new("/home/a")), Some(20));
        assert!(table[1].writable && !table[2].writable);
    }
}
