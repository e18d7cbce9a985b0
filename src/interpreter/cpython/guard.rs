//! The guard of an interpreter's directory: a shell that waits until taster has ended. If taster was killed, the guard
//! ends the processes that still run for the directory, and removes it. It is not confined, so no step can reach it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::child::Child;

/// The shell script. Its arguments: the ordering's directory, which is the HOME of all processes; the directory
/// to remove. Its input ends when taster does.
const SCRIPT: &str = r#"
trap '' HUP INT TERM QUIT
read _
for turn in 1 2 3 4 5 6 7 8; do
  found=
  for process in /proc/[0-9]*; do
    if grep -qsF "HOME=$1" "$process/environ"; then
      kill -KILL "${process#/proc/}" && found=1
    fi
  done
  [ "$found" ] || break
done
rm -rf -- "$2"
"#;

/// Dropping it leaves the directory unguarded.
#[derive(Debug)]
pub(super) struct Guard {
    /// `None` if there is no shell.
    _shell: Option<Child>,
}

impl Guard {
    /// Guards `directory` for the processes whose home is `home`.
    pub(super) fn of(home: &Path, directory: &Path) -> Self {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "guard"])
            .args([home, directory])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self { _shell: Child::spawn(&mut command).ok() }
    }
}
