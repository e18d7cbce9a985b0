//! Runs the hunt of just these tests as somebody pastes it, and looks whether it reports the finding.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::pasted::PasteGround;
use super::words::CommandWords;
use crate::budget::Budget;
use crate::child::Child;
use crate::suite::emit::emitter::shell;
use crate::suite::finding::HuntFinding;
use crate::suite::keeper::use_folder;
use crate::suite::runner::process_error::ProcessError;
use crate::suite::runner::run::RunnerError;

const TICK: Duration = Duration::from_millis(50);
/// What a hunt of a few tests may take: it runs each order several times.
const MOST: Duration = Duration::from_mins(2);

/// Whether that hunt reports the same finding; its journal lies in the directory of this one.
pub(super) fn shows(
    words: &CommandWords<'_>,
    ground: &PasteGround<'_>,
    finding: &HuntFinding,
    order: Option<&str>,
    budget: &Budget,
) -> Result<bool, RunnerError> {
    let folder = tempfile::Builder::new()
        .prefix("trial-")
        .tempdir_in(ground.around())
        .map_err(ProcessError::Folder)?;
    let journal = shell(&folder.path().to_string_lossy());
    let taster = shell(&ground.taster().to_string_lossy());
    let command =
        words.hunt(finding, order, (&taster, &format!(" --format json --no-commands --journal {journal}")));
    let output = folder.path().join("output");
    let file = std::fs::File::create(&output).map_err(ProcessError::Folder)?;
    let mut shell = Command::new("/bin/sh");
    // The other taster may outlive this one: as long as it runs, it uses the directory by its standard input.
    let used = use_folder(ground.around()).map_err(ProcessError::Folder)?;
    shell.args(["-c", &command]).stdin(used).stdout(file).stderr(Stdio::null());
    let mut child = Child::spawn(&mut shell).map_err(ProcessError::Folder)?;
    let until = Instant::now() + MOST;
    while !child.has_ended().map_err(ProcessError::Folder)? && Instant::now() < until {
        budget.check()?;
        std::thread::sleep(TICK);
    }
    child.finish_by(Instant::now()).map_err(ProcessError::Folder)?;
    let text = std::fs::read_to_string(&output).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_it = |line: Value| {
        line["finding"] == finding.finding.as_str() && line["victim"] == finding.victim.as_str()
    };
    Ok(lines.into_iter().any(is_it))
}
