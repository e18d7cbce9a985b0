//! Exit statuses, one table for all commands, and what happens if a command cannot continue.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use taster::run::NotRunKind;
use taster::verdict::{Judgement, SecondOpinion, Verdict};

/// The result of a command; the worst of several counts, and the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Everything is as declared, and the search was complete.
    AsDeclared,
    /// No undeclared finding so far, but the search was cut short.
    Incomplete,
    /// The findings are not the declared ones.
    Differs,
    /// taster could not judge something that it should have judged.
    CouldNotJudge,
}

/// Columns of the table.
const COLUMNS: usize = 80;

/// What each status means, for the help of all commands.
const TABLE: [(Status, &str); 4] = [
    (Status::AsDeclared, "the findings are as declared, or there are none, and the search was complete"),
    (
        Status::Differs,
        "the findings differ from the declared ones; `hunt` or `package` found something; a test fails in the ordering that `replay` \
         performed",
    ),
    (
        Status::CouldNotJudge,
        "taster could not judge: bad usage, a bad scenario, no such interpreter, a lost interpreter, output that it could \
         not write, a model that differs from the interpreter (a defect of taster), or nothing to judge",
    ),
    (
        Status::Incomplete,
        "no undeclared finding so far, but the search was cut short, or plain pytest does not confirm what a hunt saw",
    ),
];

impl Status {
    const fn code(self) -> u8 {
        match self {
            Self::AsDeclared => 0,
            Self::Differs => 1,
            Self::CouldNotJudge => 2,
            Self::Incomplete => 3,
        }
    }

    /// What a verdict means. Where the model differs from a real interpreter, taster has a defect, and nobody should rely
    /// on its verdict.
    pub(crate) fn of(verdict: &Verdict) -> Self {
        match (&verdict.model, verdict.judgement) {
            (SecondOpinion::Differs(_), _) => Self::CouldNotJudge,
            (_, Judgement::AsDeclared) => Self::AsDeclared,
            (_, Judgement::Incomplete) => Self::Incomplete,
            (_, Judgement::Differs) => Self::Differs,
        }
    }
}

impl Status {
    /// What it means that something was not run: nothing, if it was not to be.
    pub(crate) const fn of_not_run(kind: NotRunKind) -> Option<Self> {
        match kind {
            NotRunKind::Skipped => None,
            NotRunKind::Interrupted | NotRunKind::Missing => Some(Self::Incomplete),
            NotRunKind::Fault => Some(Self::CouldNotJudge),
        }
    }
}

/// The table as the help of each command shows it.
pub(crate) fn table() -> String {
    let mut table = String::from("Exit status (of several scenarios the worst counts: 2, then 1, then 3):");
    for (status, meaning) in TABLE {
        let first = format!("  {}  ", status.code());
        let options = textwrap::Options::new(COLUMNS).initial_indent(&first).subsequent_indent("     ");
        table = format!("{table}\n{}", textwrap::fill(meaning, options));
    }
    table
}

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// It could not do its task.
    #[error("{0}")]
    CouldNot(String),
    /// It could not write its output.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl CommandError {
    /// With the message of another error.
    pub(crate) fn because(error: impl std::fmt::Display) -> Self {
        Self::CouldNot(error.to_string())
    }

    /// With the message of another error and those of its sources.
    pub(crate) fn with_sources(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Self::CouldNot(text)
    }
}

/// The exit status of a command; if it stopped, stderr says why. A closed stdout is a quiet success.
pub(crate) fn exit_code(done: Result<Status, CommandError>) -> ExitCode {
    let status = match done {
        Ok(status) => status,
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Status::AsDeclared,
        Err(stop) => {
            complain(&stop);
            Status::CouldNotJudge
        }
    };
    ExitCode::from(status.code())
}

/// Writes a sentence to stderr.
pub(crate) fn complain(sentence: impl std::fmt::Display) {
    // There is nowhere else to write it.
    let _ = writeln!(anstream::stderr(), "taster: {sentence}");
}
