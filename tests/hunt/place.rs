//! A suite's directory, a home directory and a temporary one for a hunt and nobody else, and the processes that were
//! started there.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a test waits for what must happen: that a test has begun, or that processes have ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// Directories of one hunt.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// Empty directories. What taster keeps for itself is in none of those that tests know of.
    pub(crate) fn new() -> io::Result<Self> {
        let place = Self { folder: tempfile::tempdir()? };
        for name in ["suite", "home", "tmp", "journal"] {
            fs::create_dir(place.path(name))?;
        }
        Ok(place)
    }

    /// Writes files with these names and texts.
    pub(crate) fn fill(&self, files: &[(&str, &str)]) -> io::Result<()> {
        for (name, text) in files {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap_or(self.folder.path()))?;
            fs::write(path, text)?;
        }
        Ok(())
    }

    /// `suite`, `home`, `tmp` or `journal`, and what lies below.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `taster hunt` in the suite's directory.
    pub(crate) fn taster(&self, python: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
        command
            .args(["hunt", "--format", "json", "--timestamps", "real", "--journal"])
            .arg(self.path("journal"))
            .arg("--python")
            .arg(python)
            .args(options)
            .current_dir(self.path("suite"))
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env_remove("PYTHONDONTWRITEBYTECODE")
            .stdin(Stdio::null());
        command
    }

    /// Living processes whose environment names this place, and their command lines.
    pub(crate) fn processes(&self) -> Vec<(i32, String)> {
        let mark = self.folder.path().as_os_str();
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let of_here = |pid: &i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.windows(mark.len()).any(|part| part == mark.as_bytes())
        };
        numbers.filter(of_here).map(|pid| (pid, words(pid))).collect()
    }

    /// The processes that are still there after all have had time to end.
    pub(crate) fn left_running(&self) -> Vec<(i32, String)> {
        let _those_left_are_returned = wait_until("all processes have ended", || self.processes().is_empty());
        self.processes()
    }
}

/// Waits until something holds; not for ever.
pub(crate) fn wait_until(what: &str, holds: impl Fn() -> bool) -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > end {
            return Err(format!("waited in vain: {what}"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// An error in words.
pub(crate) fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn words(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}
