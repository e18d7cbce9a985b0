//! Runs a command as somebody pastes it: in a shell, in the current directory, with the caller's environment and without any part
//! of taster in pytest's process. Only what it writes does not last: it runs in a private view, or where there is none in a copy
//! with a temporary directory of its own.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::cases::{CaseOutcome, TestCase, cases};
use crate::budget::Budget;
use crate::suite::keeper::{Keeper, KeeperOrder, KeeperReply, PrivateView, Setup, covers};
use crate::suite::runner::process::ProcessStart;
use crate::suite::runner::process_error::ProcessError;
use crate::suite::runner::run::RunnerError;

/// Runs the first word as a command whose output goes to the log; then says how it ended and what the report holds.
const RUN: &str = "sh -c \"$1\" >&2 </dev/null; printf '%s\\n' \"$?\"; cat \"$2\" 2>/dev/null";
const TICK: Duration = Duration::from_millis(50);

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PastedRun {
    /// Its exit status; `None` if it did not end in time.
    pub(super) status: Option<i32>,
    /// The tests that ran, in order.
    pub(super) cases: Vec<TestCase>,
    /// What it wrote to the report's place, if that is no report of pytest's.
    pub(super) text: String,
}

/// Where commands run.
#[derive(Debug)]
pub(super) struct PasteGround<'a> {
    start: &'a ProcessStart,
    /// The directory that a person is in.
    here: PathBuf,
    /// The copy of it, where there is no private view.
    copy: Option<PathBuf>,
}

impl<'a> PasteGround<'a> {
    /// `copy` is a copy of the current directory, for runs without a private view.
    pub(super) fn new(start: &'a ProcessStart, here: PathBuf, copy: Option<PathBuf>) -> Self {
        Self { start, here, copy }
    }

    /// Whether commands run in a copy of the directory instead of the directory itself.
    pub(super) fn is_copy(&self) -> bool {
        self.copy.is_some()
    }

    /// taster's own directory for this hunt.
    pub(super) fn around(&self) -> &Path {
        self.start.around.path()
    }

    /// taster's own executable.
    pub(super) fn taster(&self) -> &Path {
        &self.start.keeper
    }

    /// Runs the command that `command` makes of the report's path, for so long at most.
    pub(super) fn run(
        &self,
        command: impl FnOnce(&Path) -> String,
        most: Duration,
        budget: &Budget,
    ) -> Result<PastedRun, RunnerError> {
        let folder = tempfile::Builder::new()
            .prefix("taster-")
            .rand_bytes(12)
            .tempdir_in(self.around())
            .map_err(ProcessError::Folder)?;
        let report = folder.path().join("report.xml");
        let words = ["/bin/sh", "-c", RUN, "sh", &command(&report)].map(Into::into);
        // Without a view, what moves to the temporary directory would stay there.
        let temporary = self.copy.is_some().then(|| folder.path().join("tmp"));
        if let Some(temporary) = &temporary {
            std::fs::create_dir(temporary).map_err(ProcessError::Folder)?;
        }
        let setup = Setup {
            folder: folder.path().into(),
            around: self.start.around.path().into(),
            log: folder.path().join("log").into_os_string(),
            directory: self.copy.as_ref().unwrap_or(&self.here).clone().into_os_string(),
            command: words.into_iter().chain([report.into_os_string()]).collect(),
            temporary: temporary.map(PathBuf::into_os_string),
            view: self.start.view.as_ref().map(|view| PrivateView {
                covers: covers(&self.here, &self.start.python, &self.start.arguments, &view.directories),
                on_disk: view.on_disk,
                ..PrivateView::default()
            }),
            notes: None,
        };
        let kept = Keeper::start(&self.start.keeper, Some(folder.path()));
        let kept = kept.map_err(|source| ProcessError::Keeper { path: self.start.keeper.clone(), source });
        let (mut keeper, (_no_input, mut output)) = kept?;
        match keeper.order(&KeeperOrder::Start(Box::new(setup))).map_err(ProcessError::Folder)? {
            KeeperReply::Started(_) => {}
            KeeperReply::NotPrivate(why) => return Err(ProcessError::NotPrivate(why).into()),
            other => return Err(ProcessError::View(format!("the keeper says {other:?}")).into()),
        }
        let (sender, said) = channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let read = output.read_to_string(&mut text);
            let _nobody_waits_any_more = sender.send(read.map(|_| text));
        });
        let until = Instant::now() + most;
        loop {
            budget.check()?;
            match said.recv_timeout(TICK) {
                Ok(Ok(text)) => return Ok(PastedRun::of(&text)),
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => {}
                _ => return Ok(PastedRun::of("")),
            }
        }
    }
}

impl PastedRun {
    /// How a test ended; the worst, if it has several cases.
    pub(super) fn outcome_of(&self, id: &str) -> Option<CaseOutcome> {
        self.cases.iter().filter(|case| case.is_of(id)).map(|case| case.outcome).max()
    }

    fn of(said: &str) -> Self {
        let (status, text) = said.split_once('\n').unwrap_or((said, ""));
        Self { status: status.parse().ok(), cases: cases(text), text: text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::PastedRun;

    #[test]
    fn a_command_that_had_to_be_ended_has_no_status() {
        assert_eq!(PastedRun::of("").status, None);
        let crashed = PastedRun::of("139\n");
        assert_eq!((crashed.status, crashed.cases.len()), (Some(139), 0));
    }
}
