//! Runs `taster hunt` and reads its output.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The JSON lines of a hunt, and its exit status.
pub(crate) struct Hunted {
    pub(crate) lines: Vec<Value>,
    /// Its exit status.
    pub(crate) status: i32,
}

/// Hunts in a directory; the environment of the caller must not decide.
pub(crate) fn hunt(folder: &Path, python: &Path, arguments: &[&str]) -> Result<Hunted, String> {
    let cache = tempfile::tempdir().map_err(|error| error.to_string())?;
    run(Command::new(env!("CARGO_BIN_EXE_taster"))
        .args(["hunt", "--format", "json", "--python"])
        .arg(python)
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", cache.path())
        .env_remove("PYTHONDONTWRITEBYTECODE"))
}

/// Runs a hunt that writes JSON.
pub(crate) fn run(command: &mut Command) -> Result<Hunted, String> {
    read(&command.output().map_err(|error| error.to_string())?)
}

/// Reads the output of a hunt that wrote JSON.
pub(crate) fn read(output: &Output) -> Result<Hunted, String> {
    let lines: Result<Vec<Value>, _> =
        String::from_utf8_lossy(&output.stdout).lines().map(serde_json::from_str).collect();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = lines.map_err(|error| format!("{error}\n{said}"))?;
    let status = output.status.code().unwrap_or(-1);
    if lines.is_empty() { Err(format!("status {status}:\n{said}")) } else { Ok(Hunted { lines, status }) }
}

impl Hunted {
    pub(crate) fn of_kind(&self, kind: &str) -> Vec<&Value> {
        self.lines.iter().filter(|line| line["kind"] == kind).collect()
    }

    pub(crate) fn summary(&self) -> Result<&Value, String> {
        self.of_kind("summary").pop().ok_or_else(|| "no summary".to_owned())
    }

    /// The finding about this test.
    pub(crate) fn finding(&self, victim: &str) -> Result<&Value, String> {
        let found = self.of_kind("finding").into_iter().find(|line| line["victim"] == victim);
        found.ok_or_else(|| format!("no finding about {victim} in {:#?}", self.lines))
    }
}

/// Strings of a JSON list.
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// An error unless both are equal.
#[expect(clippy::needless_pass_by_value, reason = "both are made where it is called")]
pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: found {found:?}, wanted {wanted:?}")) }
}
