//! The Python half of an agent: its files, and the command that starts an interpreter with them.

use std::io;
use std::path::Path;
use std::process::Command;

/// The Python half of an agent, and how its interpreter is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct AgentSource<'a> {
    /// The names and texts of its files. Each file sees the definitions of the files before it.
    pub(super) files: &'a [(&'a str, &'a str)],
    /// Options of the interpreter before `-c`.
    pub(super) options: &'a [&'a str],
}

/// The agent that performs steps: nothing but the standard library is on its `sys.path`.
pub(super) const STEPS: AgentSource<'static> = AgentSource { files: &FILES, options: &["-s", "-S"] };

const FILES: [(&str, &str); 23] = [
    ("kinds.py", super::KINDS),
    ("contents.py", include_str!("contents.py")),
    ("unnoticed.py", include_str!("unnoticed.py")),
    ("held_in_c.py", include_str!("held_in_c.py")),
    ("baseline.py", include_str!("baseline.py")),
    ("digest.py", include_str!("digest.py")),
    ("state.py", include_str!("state.py")),
    ("texts.py", include_str!("texts.py")),
    ("protocol.py", include_str!("protocol.py")),
    ("verbs.py", include_str!("verbs.py")),
    ("judging.py", include_str!("judging.py")),
    ("settings.py", include_str!("settings.py")),
    ("literals.py", include_str!("literals.py")),
    ("pieces.py", include_str!("pieces.py")),
    ("half_read.py", include_str!("half_read.py")),
    ("held_locks.py", include_str!("held_locks.py")),
    ("view.py", include_str!("view.py")),
    ("actions.py", include_str!("actions.py")),
    ("processes.py", include_str!("processes.py")),
    ("import_hooks.py", include_str!("import_hooks.py")),
    ("real_code.py", include_str!("real_code.py")),
    ("inspecting.py", include_str!("inspecting.py")),
    ("agent.py", include_str!("agent.py")),
];

/// The first code that the interpreter runs.
const START: &str = include_str!("start.py");

impl AgentSource<'_> {
    /// Writes the files into `directory`.
    pub(super) fn write_to(&self, directory: &Path) -> io::Result<()> {
        self.files.iter().try_for_each(|(name, text)| std::fs::write(directory.join(name), text))
    }

    /// The command that starts `python` with the files in `directory`. Its environment is built from nothing, so no
    /// `PYTHON*` variable of the caller gets in. That is why `-E` is not passed, which would make CPython ignore
    /// PYTHONHASHSEED too. `-s`: no user site; `-S`: no `site`.
    pub(super) fn command(&self, python: &Path, directory: &Path, home: &Path) -> Command {
        let names: Vec<&str> = self.files.iter().map(|(name, _)| *name).collect();
        let mut command = Command::new(python);
        command
            .args(self.options)
            .args(["-c", &format!("FILES = '{}'\n{START}", names.join(" "))])
            .arg(directory)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", home)
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONHASHSEED", "0")
            .current_dir(directory);
        command
    }

    /// Changes whenever a file does, or the first code.
    pub(super) fn digest(&self, digest: &mut blake3::Hasher) {
        for (name, text) in self.files.iter().chain([&("", START)]) {
            digest.update(&text.len().to_le_bytes()).update(name.as_bytes()).update(text.as_bytes());
        }
    }
}
