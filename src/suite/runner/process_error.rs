//! Why there is no process to run tests in.

use std::io;
use std::path::PathBuf;

/// Why a process could not be started or was lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The interpreter could not be started.
    #[error("cannot start {}", python.display())]
    Start {
        /// The interpreter.
        python: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// taster could not start itself as a keeper.
    #[error("cannot start {} as a keeper", path.display())]
    Keeper {
        /// The executable.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// This system allows no private view.
    #[error("no private view of the files: {0}")]
    NotPrivate(String),
    /// The private view failed.
    #[error("the private view of the files failed: {0}")]
    View(String),
    /// Temporary files could not be written.
    #[error("cannot write taster's own temporary files")]
    Folder(#[source] io::Error),
    /// The interpreter has no pytest.
    #[error("no pytest on this interpreter: {0}")]
    NoPytest(String),
    /// The interpreter's pytest, of this version, is too old.
    #[error("pytest {0} is too old: a hunt needs 5.4 or later")]
    OldPytest(String),
    /// pytest ended without running its tests.
    #[error("pytest ended with status {code} before any test ran:\n{log}")]
    Quit {
        /// pytest's exit status.
        code: i32,
        /// What it printed.
        log: String,
    },
    /// An invalid message from the process.
    #[error("protocol error: the process sent {0:?}")]
    Protocol(String),
    /// The process went away, or was silent for too long.
    #[error("the process that collects the tests {how}:\n{log}")]
    Lost {
        /// What happened to it.
        how: &'static str,
        /// What it printed.
        log: String,
    },
}
