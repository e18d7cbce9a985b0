//! Exit statuses, and what becomes of a command that could not go on.

use std::io::{self, Write as _};
use std::process::ExitCode;

use taster::verdict::{Judgement, SecondOpinion, Verdict};

/// What a command came to; of several things the worst counts, and the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Everything is as declared, and was looked at completely.
    AsDeclared,
    /// As declared as far as the search went.
    Incomplete,
    /// Findings are not what is declared.
    Differs,
    /// Something could not be judged that should have been.
    CouldNotJudge,
}

impl Status {
    const fn code(self) -> u8 {
        match self {
            Self::AsDeclared => 0,
            Self::Differs => 1,
            Self::CouldNotJudge => 2,
            Self::Incomplete => 3,
        }
    }
}

impl Status {
    /// What a verdict comes to. Where the model differs from a real interpreter, taster has a defect, and its verdict is
    /// none to rely on.
    pub(crate) fn of(verdict: &Verdict) -> Self {
        match (&verdict.model, verdict.judgement) {
            (SecondOpinion::Differs(_), _) => Self::CouldNotJudge,
            (_, Judgement::AsDeclared) => Self::AsDeclared,
            (_, Judgement::Incomplete) => Self::Incomplete,
            (_, Judgement::Differs) => Self::Differs,
        }
    }
}

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// It could not do what it was asked for.
    #[error("{0}")]
    CouldNot(String),
    /// Its output could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Stop {
    /// With what another error says.
    pub(crate) fn because(error: impl std::fmt::Display) -> Self {
        Self::CouldNot(error.to_string())
    }
}

/// The exit status of a command; where it stopped, stderr says why. A closed stdout is a quiet success.
pub(crate) fn exit_code(done: Result<Status, Stop>) -> ExitCode {
    let status = match done {
        Ok(status) => status,
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Status::AsDeclared,
        Err(stop) => {
            complain(&stop);
            Status::CouldNotJudge
        }
    };
    ExitCode::from(status.code())
}

/// Says a sentence on stderr.
pub(crate) fn complain(sentence: impl std::fmt::Display) {
    // There is nowhere else to say it.
    let _ = writeln!(anstream::stderr(), "taster: {sentence}");
}
